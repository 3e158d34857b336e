"""What an author presses when asked about a picture, and what `/consent` lets everybody pick.

Rule: a button names the picture's message and the answer; who may press it is checked when it is pressed.
"""

import re
from typing import Any

import discord

from bot.answers import answering
from bot.consent.inquiries import Say
from bot.place import Place
from bot.storage.consents import EVERYWHERE, Answer
from bot.studio import Studio, studio_of
from bot.words import consent as words

_FACES = {
    Say.ALWAYS: (words.ALWAYS, discord.ButtonStyle.success),
    Say.ONCE: (words.ONCE, discord.ButtonStyle.secondary),
    Say.NO: (words.NO, discord.ButtonStyle.secondary),
}
_UNSAID = "unsaid"
_WHERE = {"here": words.HERE, "everywhere": words.EVERYWHERE}


class ConsentButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"consent:(?P<say>always|once|no):(?P<picture>[0-9]+)",
):
    """An answer to the question about the picture in one message: for its author."""

    def __init__(self, picture: int, say: Say) -> None:
        label, style = _FACES[say]
        super().__init__(discord.ui.Button(label=label(), style=style, custom_id=f"consent:{say}:{picture}"))
        self._picture, self._say = picture, say

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "ConsentButton":
        """The button of a message, perhaps of a former process."""
        return cls(int(match["picture"]), Say(match["say"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Take the answer."""
        async with answering(interaction):
            studio = studio_of(interaction)
            await studio.inquiries.answer(interaction, self._picture, self._say)
            await studio.galleries.consent_changed(interaction.user.id)
            await studio.weekly.collages.consent_changed(interaction.user.id)


class ConsentMenu(
    discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"consents:(?P<where>here|everywhere)"
):
    """What others may do with whoever picks: in this server, or in all."""

    def __init__(self, where: str, said: Answer | None = None) -> None:
        options = [
            discord.SelectOption(
                label=words.choice(_WHERE[where], answer),
                value=answer.value if answer is not None else _UNSAID,
                default=answer is said,
            )
            for answer in (None, Answer.ASK, Answer.ALWAYS, Answer.NEVER)
        ]
        super().__init__(
            discord.ui.Select(placeholder=_WHERE[where](), options=options, custom_id=f"consents:{where}")
        )
        self._where = where

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "ConsentMenu":
        """The menu of a message, perhaps of a former process."""
        return cls(match["where"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Keep what was picked, and show what holds now."""
        async with answering(interaction):
            studio, picked = studio_of(interaction), self.item.values[0]
            server = (interaction.guild_id or EVERYWHERE) if self._where == "here" else EVERYWHERE
            answer = None if picked == _UNSAID else Answer(picked)
            await studio.inquiries.keep(interaction.user.id, server, answer)
            text, view = await consent_overview(studio, interaction.user.id, Place.of(interaction).home_id)
            await interaction.response.edit_message(content=f"{text}\n{words.SAVED()}", view=view)
            await studio.inquiries.kept(interaction.user.id)
            await studio.galleries.consent_changed(interaction.user.id)
            await studio.weekly.collages.consent_changed(interaction.user.id)


def consent_buttons(picture: int) -> discord.ui.View:
    """The answers to the question about the picture in a message."""
    view = discord.ui.View(timeout=None)
    for say in Say:
        view.add_item(ConsentButton(picture, say))
    return view


async def consent_overview(
    studio: Studio, member_id: int, server_id: int | None
) -> tuple[str, discord.ui.View]:
    """What somebody has said, and the menus to change it."""
    said = await studio.store.consents.answers(member_id)
    here, everywhere = said.get(server_id or EVERYWHERE), said.get(EVERYWHERE)
    rule = studio.store.settings.server(server_id).consent if server_id is not None else None
    view = discord.ui.View(timeout=None)
    if server_id is not None:
        view.add_item(ConsentMenu("here", here))
    view.add_item(ConsentMenu("everywhere", everywhere))
    return words.overview(here, everywhere, rule), view

"""What can be pressed at a challenge and at the two pictures of a duel, and the window in which a challenge is accepted.

Rule: an item names the duel, so that it outlives the process; who may press it is asked when it is pressed.
"""

import re
from typing import Any

import discord

from bot.answers import answering
from bot.studio import studio_of
from bot.words import duel as words

PICTURE = "picture"  # a custom id


class AcceptForm(discord.ui.Modal):
    """What whoever accepts hands in."""

    def __init__(self, duel_id: str) -> None:
        super().__init__(title=words.FORM(), custom_id="duel-accept")
        self._duel_id = duel_id
        self._picture: discord.ui.FileUpload[Any] = discord.ui.FileUpload(
            custom_id=PICTURE, required=False, min_values=0, max_values=1
        )
        text, more = words.FORM_PICTURE(), words.FORM_PICTURE_MORE()
        self.add_item(discord.ui.Label(text=text, description=more, component=self._picture))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Hand it in, or say why not."""
        async with answering(interaction, studio_of(interaction).store.owed):
            picture = next(iter(self._picture.values), None)
            await studio_of(interaction).challenges.accept(interaction, self._duel_id, picture)


class DuelButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"duel:(?P<act>accept|refuse|cancel):(?P<duel>[0-9a-f]{20})",
):
    """An answer to a challenge, or its end."""

    def __init__(self, act: str, duel_id: str) -> None:
        label, style = {
            "accept": (words.ACCEPT, discord.ButtonStyle.success),
            "refuse": (words.REFUSE, discord.ButtonStyle.secondary),
            "cancel": (words.CANCEL, discord.ButtonStyle.secondary),
        }[act]
        super().__init__(discord.ui.Button(label=label(), style=style, custom_id=f"duel:{act}:{duel_id}"))
        self._act, self._duel_id = act, duel_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "DuelButton":
        """The button of a message, perhaps of a former process."""
        return cls(match["act"], match["duel"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Do it, for whom it is."""
        async with answering(interaction, studio_of(interaction).store.owed):
            challenges = studio_of(interaction).challenges
            match self._act:
                case "accept":
                    await challenges.require_asked(interaction, self._duel_id)
                    await interaction.response.send_modal(AcceptForm(self._duel_id))
                case "refuse":
                    await challenges.refuse(interaction, self._duel_id)
                case _:
                    await challenges.cancel(interaction, self._duel_id)


class VoteButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"duel:vote:(?P<number>[12]):(?P<duel>[0-9a-f]{20})",
):
    """A vote for one of the two pictures."""

    def __init__(self, number: int, duel_id: str) -> None:
        style, custom_id = discord.ButtonStyle.primary, f"duel:vote:{number}:{duel_id}"
        super().__init__(discord.ui.Button(label=words.vote(number), style=style, custom_id=custom_id))
        self._number, self._duel_id = number, duel_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "VoteButton":
        """The button of a message, perhaps of a former process."""
        return cls(int(match["number"]), match["duel"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Count it."""
        async with answering(interaction, studio_of(interaction).store.owed):
            await studio_of(interaction).challenges.vote(interaction, self._duel_id, self._number)


def challenge_buttons(duel_id: str) -> discord.ui.View:
    """What is beneath a challenge."""
    view = discord.ui.View(timeout=None)
    for act in ("accept", "refuse", "cancel"):
        view.add_item(DuelButton(act, duel_id))
    return view


def ballot_buttons(duel_id: str) -> discord.ui.View:
    """What is beneath two pictures."""
    view = discord.ui.View(timeout=None)
    return view.add_item(VoteButton(1, duel_id)).add_item(VoteButton(2, duel_id))

"""What is pressed before a member's data are deleted: what shall go along, and the last word.

Rule: the choice stands in the ids of the buttons, so that nothing is kept of who only looks.
"""

import re
from dataclasses import replace
from enum import StrEnum
from typing import Any

import discord

from bot.answers import answering
from bot.storage.wishes import Wishes
from bot.studio import studio_of
from bot.words import privacy as words


class Act(StrEnum):
    """What a button does."""

    DELETE = "delete"
    KEEP = "keep"
    RESULTS = "results"
    PICTURES = "pictures"
    NO = "no"


_FLAGS = {"0": False, "1": True, "-": None}


class PrivacyButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=r"privacy:(?P<act>delete|keep|results|pictures|no):(?P<wishes>[01]{2}[01-])",
):
    """One of the buttons beneath the question."""

    def __init__(self, act: Act, wishes: Wishes) -> None:
        style = discord.ButtonStyle.danger if act is Act.DELETE else discord.ButtonStyle.secondary
        row = 1 if act in (Act.DELETE, Act.KEEP) else 0
        button: discord.ui.Button[Any] = discord.ui.Button(
            label=_label(act, wishes), style=style, custom_id=f"privacy:{act}:{_written(wishes)}", row=row
        )
        super().__init__(button, row=row)
        self._act, self._wishes = act, wishes

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "PrivacyButton":
        """The button of a question, perhaps of a former process."""
        results, pictures, keeps_no = (_FLAGS[flag] for flag in match["wishes"])
        return cls(Act(match["act"]), Wishes(bool(results), bool(pictures), keeps_no))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Change the question, or act."""
        async with answering(interaction):
            text, view = await self._act_on(interaction)
            await interaction.response.edit_message(content=text, view=view)

    async def _act_on(self, interaction: discord.Interaction) -> tuple[str, discord.ui.View | None]:
        wishes = self._wishes
        match self._act:
            case Act.KEEP:
                return words.KEPT(), None
            case Act.DELETE:
                counts = await studio_of(interaction).deletion.forget_member(interaction.user.id, wishes)
                return words.deleted(wishes, counts=counts), None
            case Act.RESULTS:
                wishes = replace(wishes, takes_results=not wishes.takes_results)
            case Act.PICTURES:
                wishes = replace(wishes, takes_pictures=not wishes.takes_pictures)
            case Act.NO:
                wishes = replace(wishes, keeps_no=not wishes.keeps_no)
        return words.question(wishes), privacy_buttons(wishes)


def privacy_buttons(wishes: Wishes) -> discord.ui.View:
    """The buttons beneath the question."""
    view = discord.ui.View(timeout=None)
    for act in Act:
        if act is not Act.NO or wishes.keeps_no is not None:
            view.add_item(PrivacyButton(act, wishes))
    return view


def _label(act: Act, wishes: Wishes) -> str:
    match act:
        case Act.DELETE:
            return words.DELETE_NOW()
        case Act.KEEP:
            return words.KEEP()
        case Act.RESULTS:
            return words.results_button(wishes)
        case Act.PICTURES:
            return words.pictures_button(wishes)
        case Act.NO:
            return words.no_button(wishes)


def _written(wishes: Wishes) -> str:
    flags = (wishes.takes_results, wishes.takes_pictures, wishes.keeps_no)
    return "".join("-" if flag is None else str(int(flag)) for flag in flags)

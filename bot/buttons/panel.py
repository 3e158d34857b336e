"""What can be asked of a finished picture by one press: to see more of it, to have it elsewhere, to tell of it.

Rule: an act is one word in a custom id, which keeps its meaning for good; what it does is the studio's.
"""

import re
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Any

import discord

from bot.answers import answering
from bot.studio import Studio, studio_of
from bot.words import links as link_words
from bot.words import result as words


class Act(StrEnum):
    """What is asked."""

    PANEL = "panel"
    STYLES = "styles"
    MOMENTS = "moments"
    COMPARISON = "comparison"
    POST_TIMELAPSE = "post-timelapse"
    POST_COMPARISON = "post-comparison"
    HOW = "how"
    COPY = "copy"
    EMOJI = "emoji"
    STICKER = "sticker"
    AVATAR = "avatar"
    BANNER = "banner"
    SET_ICON = "set-icon"
    SET_BANNER = "set-banner"
    FULL_SIZE = "full-size"


_LABELS = {
    Act.PANEL: words.MORE,
    Act.STYLES: words.OTHER_STYLE,
    Act.MOMENTS: words.MOMENTS,
    Act.COMPARISON: words.COMPARISON,
    Act.POST_TIMELAPSE: words.POST_IT,
    Act.POST_COMPARISON: words.POST_IT,
    Act.HOW: words.HOW,
    Act.COPY: words.COPY,
    Act.EMOJI: words.EMOJI,
    Act.STICKER: words.STICKER,
    Act.AVATAR: words.AVATAR,
    Act.BANNER: words.BANNER,
    Act.SET_ICON: words.SET_ICON,
    Act.SET_BANNER: words.SET_BANNER,
    Act.FULL_SIZE: link_words.FULL_SIZE,
}


class ActButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=rf"result:(?P<act>{'|'.join(Act)}):(?P<ticket>[0-9a-f]+)",
):
    """Do one thing with a picture."""

    def __init__(self, ticket_id: str, act: Act) -> None:
        super().__init__(discord.ui.Button(label=_LABELS[act](), custom_id=f"result:{act}:{ticket_id}"))
        self._ticket_id, self._act = ticket_id, act

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "ActButton":
        """The button of a message, perhaps of a former process."""
        return cls(match["ticket"], Act(match["act"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Do it."""
        studio = studio_of(interaction)
        async with answering(interaction, studio.store.owed):
            await _does(studio, self._act)(interaction, self._ticket_id)


def _does(studio: Studio, act: Act) -> Callable[[discord.Interaction, str], Awaitable[None]]:
    results = studio.results
    return {
        Act.PANEL: results.show_panel,
        Act.STYLES: results.show_styles,
        Act.MOMENTS: results.show_moments,
        Act.COMPARISON: results.show_comparison,
        Act.POST_TIMELAPSE: results.post_timelapse,
        Act.POST_COMPARISON: results.post_comparison,
        Act.HOW: studio.provenance.show,
        Act.COPY: studio.copies.send,
        Act.EMOJI: studio.expressions.ask_emoji,
        Act.STICKER: studio.expressions.ask_sticker,
        Act.AVATAR: studio.expressions.show_avatar,
        Act.BANNER: studio.expressions.show_banner,
        Act.SET_ICON: studio.expressions.set_icon,
        Act.SET_BANNER: studio.expressions.set_banner,
        Act.FULL_SIZE: studio.copies.show_link,
    }[act]

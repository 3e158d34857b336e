"""The forms in which a style gets its name and emoji: a new one of a message's picture, or another name.

Rule: a form is opened at once, which is its acknowledgement, so all that it shows is known already.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import discord

from bot import answers
from bot.orders.pictures import SourcePicture
from bot.storage.interactions import Manner, OwedAnswers
from bot.words import museum as words
from bot.words import sources as source_words
from bot.words.catalogue import Phrase

NAME, EMOJI, WHICH = "name", "emoji", "which"  # custom ids
_LONGEST_NAME, _LONGEST_EMOJI = 64, 64
MOST = 25  # pictures to choose from


class StyleForm(discord.ui.Modal):
    """Asks for a name and an emoji, and of several pictures for one; `given` gets what was chosen, and answers."""

    def __init__(
        self,
        title: str,
        owed: OwedAnswers,
        given: Callable[[discord.Interaction, int, str, str], Awaitable[None]],
        pictures: Sequence[SourcePicture] = (),
        name: str = "",
        emoji: str = "",
    ) -> None:
        super().__init__(title=title, custom_id="museum:form")
        self._owed, self._given = owed, given
        self._name: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id=NAME, max_length=_LONGEST_NAME, default=name or None
        )
        self._emoji: discord.ui.TextInput[Any] = discord.ui.TextInput(
            custom_id=EMOJI, max_length=_LONGEST_EMOJI, default=emoji or None, required=False
        )
        self._which: discord.ui.Select[Any] = discord.ui.Select(
            custom_id=WHICH,
            options=[
                discord.SelectOption(
                    label=source_words.label(each.kind, each.name, n + 1), value=str(n), default=n == 0
                )
                for n, each in enumerate(pictures[:MOST])
            ],
        )
        if len(pictures) > 1:
            self.add_item(_labelled(words.WHICH, self._which))
        self.add_item(_labelled(words.NAME, self._name))
        self.add_item(_labelled(words.EMOJI, self._emoji))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Hand it in, or say why not."""
        async with answers.working(interaction, self._owed, Manner.THINKING):
            which = int(self._which.values[0]) if self._which.values else 0
            await self._given(interaction, which, self._name.value, self._emoji.value)


def _labelled(text: tuple[Phrase, Phrase], item: discord.ui.Item[Any]) -> discord.ui.Label[Any]:
    return discord.ui.Label(text=text[0](), description=text[1](), component=item)

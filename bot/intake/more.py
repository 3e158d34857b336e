"""What the last emoji of the palette opens under a picture: all styles, to choose one.

Rule: a reaction has no private answer, so what it opens is beneath the picture, for whoever has tapped alone, once at a
time, and goes when they have chosen, take the tap back, or do nothing. `More.open` is all that reactions know of it: what
takes its place one day is written there.
"""

import discord

from bot.intake.intake import Asking, Intake, Wish
from bot.orders.pictures import SourcePicture
from bot.styles.picker import Beneath, Picker
from bot.words import palette as words


class More:
    """All styles, for pictures whose palette shows a few."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._opening: set[tuple[int, int]] = set()  # by message and member
        self._open: dict[tuple[int, int], Picker] = {}

    async def open(self, message: discord.Message, asking: Asking, picture: SourcePicture) -> None:
        """Let whoever has tapped choose from all styles for the picture of a message.

        Raises BotError, Refusal: it cannot be painted for them; and what Discord does.
        """
        key = (message.id, asking.actor.id)
        self._open = {each: picker for each, picker in self._open.items() if not picker.is_finished()}
        if key in self._open or key in self._opening:
            return
        self._opening.add(key)
        try:
            text = words.pick_one(asking.actor.id)
            picker = await self._intake.offer(Beneath(message), asking, [picture], Wish(), text=text)
        finally:
            taken_back = key not in self._opening
            self._opening.discard(key)
        if picker is not None and taken_back:
            await picker.put_away()
        elif picker is not None:
            self._open[key] = picker

    async def close(self, message_id: int, member_id: int) -> None:
        """Whoever has tapped has taken it back."""
        self._opening.discard((message_id, member_id))
        picker = self._open.pop((message_id, member_id), None)
        if picker is not None:
            await picker.put_away()

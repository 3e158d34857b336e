"""The form: a picture, style images, a style and a strength, in one window of Discord's.

Rule: it is opened at once, which is its acknowledgement, so all that it shows is known already; the files come with its
submission, and are fetched like any other.
"""

from collections.abc import Sequence
from typing import Any

import discord

from bot import answers
from bot.intake.intake import Asking, Intake, Wish
from bot.orders.request import Style
from bot.orders.venue import Venue
from bot.storage.interactions import Manner, OwedAnswers
from bot.storage.museum import ServerStyleCard
from bot.styles.catalogue import Catalogue
from bot.styles.menu import MENU_OPTIONS, style_option
from bot.styles.offer import Offer
from bot.tickets.asked import Asked
from bot.words import form as words
from bot.words.catalogue import Phrase
from engine.protocol import KNOBS, MAX_STYLES, StyleCard

PICTURE, STYLE, OWN, IMAGES, STRENGTH = (
    "picture",
    "style",
    "own_style",
    "style_images",
    "strength",
)  # custom ids
STRENGTHS = (20, 35, 50, 65, 80)


class PaintForm(discord.ui.Modal):
    """What `/paint` opens."""

    def __init__(self, intake: Intake, offer: Offer, owed: OwedAnswers, chosen: str | None = None) -> None:
        super().__init__(title=words.TITLE(), custom_id="paint")
        self._intake, self._offer, self._owed = intake, offer, owed
        self._picture: discord.ui.FileUpload[Any] = discord.ui.FileUpload(custom_id=PICTURE)
        own = [style for style in offer.styles if isinstance(style, ServerStyleCard)]
        self._style = _styles(STYLE, [style for style in offer.styles if style not in own], chosen)
        self._own = _styles(OWN, own, chosen)
        self._images: discord.ui.FileUpload[Any] = discord.ui.FileUpload(
            custom_id=IMAGES, required=False, min_values=0, max_values=MAX_STYLES - 1
        )
        self._strength: discord.ui.Select[Any] = discord.ui.Select(
            custom_id=STRENGTH,
            required=False,
            options=[
                discord.SelectOption(
                    label=words.strength(strength, STRENGTHS),
                    value=str(strength),
                    default=strength == KNOBS["strength"].default,
                )
                for strength in STRENGTHS
            ],
        )
        self._fill()

    def _fill(self) -> None:
        self.add_item(_labelled(words.PICTURE, self._picture))
        if self._style.options:
            self.add_item(_labelled(words.STYLE, self._style))
        if self._own.options:
            self.add_item(_labelled(words.OWN, self._own))
        self.add_item(_labelled(words.IMAGES, self._images))
        self.add_item(_labelled(words.STRENGTH, self._strength))

    async def on_submit(self, interaction: discord.Interaction, /) -> None:
        """Hand it in, or say why not."""
        async with answers.answering(interaction, self._owed):
            await self._hand_in(interaction)

    async def _hand_in(self, interaction: discord.Interaction) -> None:
        asking = Asking.by(interaction)
        await self._intake.require(asking)
        named = tuple(self._offer.named(name) for name in (*self._style.values, *self._own.values))
        images = map(asking.sent, self._images.values)
        styles: tuple[Style, ...] = (*named, *images)
        settings = {"strength": int(self._strength.values[0])} if self._strength.values else {}
        picture = asking.sent(self._picture.values[0])
        wish = Wish(styles, settings)
        if styles:
            await self._intake.take(asking, picture, wish, Asked.by(interaction, Manner.THINKING))
        else:
            await self._intake.choose(interaction, [picture], wish)


async def open_form(
    interaction: discord.Interaction,
    intake: Intake,
    catalogue: Catalogue,
    owed: OwedAnswers,
    chosen: str | None = None,
) -> None:
    """Show the form to whoever may have something painted here, perhaps with a style `chosen`.

    Raises BotError, also for a style that is on offer no more.
    """
    await intake.require(Asking.by(interaction))
    offer = catalogue.offer(Venue.of(interaction))
    if chosen is not None:
        offer.require_kept(chosen)
    await interaction.response.send_modal(PaintForm(intake, offer, owed, chosen))


def _styles(custom_id: str, styles: Sequence[StyleCard], chosen: str | None) -> discord.ui.Select[Any]:
    """A menu of styles, in which the one that is `chosen` already comes first."""
    first = sorted(styles, key=lambda style: style.name != chosen)[:MENU_OPTIONS]
    options = [style_option(style, is_chosen=style.name == chosen) for style in first]
    return discord.ui.Select(custom_id=custom_id, required=False, options=options)


def _labelled(words_of: tuple[Phrase, Phrase], item: discord.ui.Item[Any]) -> discord.ui.Label[Any]:
    label, hint = words_of
    return discord.ui.Label(text=label(), description=hint(formats=words.formats()), component=item)

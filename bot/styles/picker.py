"""The picker: which picture, and which style, for whoever asked; privately, or beneath a message that mentions the bot.

Rule: it shows what will be painted before it is, it takes one choice, and it is put away when that is made or nobody
makes one.
"""

import secrets
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from itertools import count
from typing import Any, Protocol

import discord
import structlog

from bot import answers
from bot.errors import DiscordTrouble, short
from bot.languages import in_force, speaking
from bot.orders.pictures import SourcePicture
from bot.storage.interactions import Manner, OwedAnswers
from bot.styles.menu import MENU_OPTIONS, by_menu, style_option
from bot.words import audition
from bot.words import help as words
from bot.words import sources as source_words
from engine.protocol import StyleCard

log = structlog.get_logger(__name__)

PICK_SECONDS = 300.0

Picked = Callable[[discord.Interaction, SourcePicture, StyleCard | None], Awaitable[str | None]]
Tried = Callable[[discord.Interaction, SourcePicture], Awaitable[str | None]]


class Stage(Protocol):
    """Where a picker is shown. All raise what Discord does."""

    async def show(self, **fields: Any) -> None:
        """Show it."""

    async def edit(self, **fields: Any) -> None:
        """Show it otherwise."""

    async def close(self, text: str) -> None:
        """Put it away, with a last word to whoever asked."""


class Privately:
    """In answer to an interaction, for whoever has made it."""

    def __init__(self, interaction: discord.Interaction) -> None:
        self._interaction = interaction
        self._aside: discord.Message | None = None

    async def show(self, **fields: Any) -> None:
        """Take the place of "thinking…", or answer at once."""
        match answers.acknowledged(self._interaction):
            case None:
                await self._interaction.response.send_message(ephemeral=True, **fields)
            case Manner.OPEN:
                self._aside = await answers.aside(self._interaction, **fields)
            case _:
                await self.edit(**fields)

    async def edit(self, **fields: Any) -> None:
        """By the interaction's token."""
        if self._aside is not None:
            await self._aside.edit(**fields)
        else:
            await self._interaction.edit_original_response(**fields)

    async def close(self, text: str) -> None:
        """The last word stays, and only they see it."""
        await self.edit(content=text, embeds=[], view=None)


class Beneath:
    """In reply to a message, where all see it."""

    def __init__(self, message: discord.Message) -> None:
        self._message = message
        self._reply: discord.Message | None = None

    async def show(self, **fields: Any) -> None:
        """Reply."""
        self._reply = await self._message.reply(mention_author=False, **fields)

    async def edit(self, **fields: Any) -> None:
        """By the bot itself."""
        if self._reply is not None:
            await self._reply.edit(**fields)

    async def close(self, text: str) -> None:
        """Nothing is left of it."""
        if self._reply is not None:
            await self._reply.delete()


class Picker(discord.ui.View):
    """Pictures, if there are several, and styles, if none was said; `picked`, or `tried`, runs once with the choice.

    Its custom ids begin with `session`, so that whoever presses one of a former process is told that it is forgotten.
    """

    def __init__(
        self,
        asker_id: int,
        pictures: Sequence[SourcePicture],
        styles: Sequence[StyleCard],
        picked: Picked,
        owed: OwedAnswers,
        session: str,
        text: str,
        previews: bool = False,
        tried: Tried | None = None,
    ) -> None:
        super().__init__(timeout=PICK_SECONDS)
        self._ids = (f"{session}:{secrets.token_hex(8)}:{n}" for n in count())
        self._asker_id, self._picked, self._owed, self._text = asker_id, picked, owed, text
        self._tried = tried
        self._pictures, self._picture = pictures[:MENU_OPTIONS], pictures[0]
        self._previews = previews or len(pictures) > 1
        self._picking = False
        self._stage: Stage | None = None
        self._language = in_force()  # of all who see it
        self._fill(styles)

    async def show(self, stage: Stage) -> None:
        """Show it. Raises what Discord does."""
        self._stage = stage
        await stage.show(**self._fields())

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Only whoever asked; anybody else is told so."""
        if interaction.user.id == self._asker_id:
            return True
        await answers.reply(interaction, source_words.ONLY_THE_ASKER())
        return False

    async def look_at(self, interaction: discord.Interaction, n: int) -> None:
        """Another picture is looked at."""
        self._picture = self._pictures[n]
        for item in self.children:
            if isinstance(item, _PictureMenu):
                item.mark(n)
        await interaction.response.edit_message(**self._fields())

    async def pick(self, interaction: discord.Interaction, style: StyleCard | None) -> None:
        """The picture that is looked at shall be painted."""
        await self._pick(interaction, partial(self._picked, interaction, self._picture, style))

    async def try_all(self, interaction: discord.Interaction) -> None:
        """The picture that is looked at shall be tried out in all styles."""
        if self._tried is not None:
            await self._pick(interaction, partial(self._tried, interaction, self._picture))

    async def _pick(
        self, interaction: discord.Interaction, hand_in: Callable[[], Awaitable[str | None]]
    ) -> None:
        if self._picking:  # a second click while the first is being dealt with
            await answers.acknowledge(interaction, Manner.CLICK)
            return
        self._picking = True
        try:
            text = await hand_in()
            self.stop()
            await self._close(text or words.ACCEPTED())
        finally:
            self._picking = False  # after a refusal the member may pick again

    async def on_error(
        self, interaction: discord.Interaction, error: Exception, item: discord.ui.Item[Any], /
    ) -> None:
        """One place answers."""
        await answers.answer(interaction, error)
        await answers.settle(interaction, self._owed)

    async def on_timeout(self) -> None:
        """Say that it is over, or it would answer clicks with an error of Discord's."""
        await self._close(source_words.OVER())

    async def _close(self, text: str) -> None:
        try:
            if self._stage is not None:
                await self._stage.close(text)
        except DiscordTrouble as error:
            log.info("picker not put away", error=short(error))

    def _fill(self, styles: Sequence[StyleCard]) -> None:
        if len(self._pictures) > 1:
            self.add_item(_PictureMenu(self._pictures, next(self._ids)))
        if not styles:
            self.add_item(_PaintButton(next(self._ids)))
        for some in by_menu(styles):
            self.add_item(_StyleMenu(some, next(self._ids)))
        if len(styles) > 1 and self._tried is not None:
            self.add_item(_AllButton(next(self._ids)))

    def _fields(self) -> dict[str, Any]:
        with speaking(self._language):
            embeds = [_preview(self._picture)] if self._previews else []
        return {"content": self._text, "embeds": embeds, "view": self}


class _PictureMenu(discord.ui.Select[Picker]):
    """The pictures, by what they are called."""

    def __init__(self, pictures: Sequence[SourcePicture], custom_id: str) -> None:
        super().__init__(
            custom_id=custom_id,
            placeholder=source_words.PICK_PICTURE(),
            options=[
                discord.SelectOption(
                    label=source_words.label(picture.kind, picture.name, n + 1), value=str(n), default=n == 0
                )
                for n, picture in enumerate(pictures)
            ],
        )

    def mark(self, chosen: int) -> None:
        """Show which one is looked at."""
        for n, option in enumerate(self.options):
            option.default = n == chosen

    async def callback(self, interaction: discord.Interaction) -> None:
        """Look at it."""
        if self.view is not None:
            await self.view.look_at(interaction, int(self.values[0]))


class _StyleMenu(discord.ui.Select[Picker]):
    """The styles, of which one is picked."""

    def __init__(self, styles: Sequence[StyleCard], custom_id: str) -> None:
        self._styles = {style.name: style for style in styles}
        super().__init__(
            custom_id=custom_id,
            placeholder=words.PICKER(),
            options=[style_option(style) for style in styles],
        )

    async def callback(self, interaction: discord.Interaction) -> None:
        """Have it painted."""
        if self.view is not None:
            await self.view.pick(interaction, self._styles[self.values[0]])


class _PaintButton(discord.ui.Button[Picker]):
    """The picture that is looked at is the right one."""

    def __init__(self, custom_id: str) -> None:
        super().__init__(
            label=source_words.PAINT_THIS(), style=discord.ButtonStyle.primary, custom_id=custom_id
        )

    async def callback(self, interaction: discord.Interaction) -> None:
        """Have it painted."""
        if self.view is not None:
            await self.view.pick(interaction, None)


class _AllButton(discord.ui.Button[Picker]):
    """All styles are tried out."""

    def __init__(self, custom_id: str) -> None:
        super().__init__(label=audition.BUTTON(), custom_id=custom_id)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Have them tried out."""
        if self.view is not None:
            await self.view.try_all(interaction)


def _preview(picture: SourcePicture) -> discord.Embed:
    """What will be painted; what was hidden stays so, since an embed cannot hide it."""
    posted = discord.utils.snowflake_time(picture.message_id) if picture.message_id is not None else None
    text = source_words.chosen(
        picture.author_id,
        picture.jump_url,
        discord.utils.format_dt(posted, "R") if posted is not None else None,
    )
    return discord.Embed(description=text).set_image(url=None if picture.spoiler else picture.url)

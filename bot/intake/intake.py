"""From a picture and a wish to an order at the desk; what is missing, its member picks.

Rule: the policy is asked before anything is fetched, and again for the very picture that is chosen; whoever asks by an
interaction is answered in private, and only the ticket is for all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import discord

from bot.answers import tell
from bot.consent.inquiries import Inquiries
from bot.errors import BotError, BotErrorCode
from bot.orders import audition
from bot.orders.attachments import check
from bot.orders.pictures import SourcePicture
from bot.orders.policy import Action, Policy
from bot.orders.request import Style, StyleRequest
from bot.orders.venue import Actor, Venue, actor_of
from bot.storage.interactions import Manner
from bot.storage.settings import Output
from bot.storage.store import Store
from bot.styles.catalogue import Catalogue
from bot.styles.picker import Picker, Privately, Stage
from bot.tickets.asked import Asked
from bot.words import help as words
from engine.protocol import StyleCard


@dataclass(frozen=True)
class Wish:
    """What somebody wants of a picture, as far as they have said it."""

    styles: tuple[Style, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    mask: SourcePicture | None = None

    @property
    def can_be_tried(self) -> bool:
        """Whether all styles can be tried out with what is said so far."""
        return self.mask is None and audition.can_be_tried(self.settings)


@dataclass(frozen=True)
class Asking:
    """Who asks, and where."""

    actor: Actor
    venue: Venue
    upload_limit: int | None

    @classmethod
    def by(cls, interaction: discord.Interaction) -> "Asking":
        """By a command, a menu or a click."""
        return cls(actor_of(interaction), Venue.of(interaction), interaction.filesize_limit)

    def sent(self, attachment: discord.Attachment) -> SourcePicture:
        """A file that they have sent along: theirs, as far as anybody knows."""
        return SourcePicture.of_attachment(attachment, self.actor.id, nsfw=self.venue.may_be_nsfw)


class Intake:
    """Takes in what shall be painted."""

    def __init__(
        self, store: Store, policy: Policy, catalogue: Catalogue, inquiries: Inquiries, session: str
    ) -> None:
        self._store, self._policy, self._catalogue, self._inquiries = store, policy, catalogue, inquiries
        self._session = session

    async def require(self, asking: Asking, picture: SourcePicture | None = None) -> None:
        """Ask the policy, for a picture if it is known already. Raises BotError."""
        if picture is None:
            await self._policy.require(asking.actor, asking.venue, Action.PAINT)
            return
        await self._policy.require(
            asking.actor, asking.venue, Action.PAINT, picture.author_id, picture.nsfw, picture.root_id
        )

    async def take(
        self, asking: Asking, picture: SourcePicture, wish: Wish, asked: Asked | None = None
    ) -> str | None:
        """Have a picture painted, or ask its author first; what whoever asks is told then. Raises BotError, Refusal."""
        request = StyleRequest(
            place=asking.venue.place,
            user_id=asking.actor.id,
            content=picture,
            styles=wish.styles,
            settings={name: value for name, value in wish.settings.items() if value is not None},
            mask=wish.mask,
            source_message_id=picture.message_id,
            output=self._output(asking, picture, wish),
            upload_limit=asking.upload_limit,
        )
        return await self._inquiries.take(asking.actor, asking.venue, request, asked)

    def tries(self, asking: Asking, settings: Mapping[str, Any] | None = None) -> Wish:
        """All styles that are on offer where somebody asks, tried out. Raises EngineUnreachable: none is known yet."""
        return Wish(
            self._catalogue.offer(asking.venue).tried(self._policy.settings(asking.venue)[1]),
            {**(settings or {}), "audition": True},
        )

    async def paint(
        self,
        interaction: discord.Interaction,
        asking: Asking,
        pictures: Sequence[SourcePicture],
        wish: Wish,
    ) -> None:
        """Paint what is clear; let the member choose what is not. Raises BotError, Refusal."""
        if len(pictures) == 1 and wish.styles:
            await self.take(asking, pictures[0], wish, Asked.by(interaction, Manner.THINKING))
        else:
            await self.choose(interaction, pictures, wish)

    async def choose(
        self,
        interaction: discord.Interaction,
        pictures: Sequence[SourcePicture],
        wish: Wish,
        previews: bool = False,
    ) -> None:
        """Let whoever asks choose, privately, what is still open. Raises BotError, Refusal: nothing can be painted."""
        stage = Privately(interaction)
        if not await self.offer(stage, Asking.by(interaction), pictures, wish, previews):
            await tell(interaction, words.NO_STYLES())

    async def offer(
        self,
        stage: Stage,
        asking: Asking,
        pictures: Sequence[SourcePicture],
        wish: Wish,
        previews: bool = False,
        text: str | None = None,
    ) -> bool:
        """Show what a wish leaves open to choose; False if it is a style, and there are none.

        Raises BotError, Refusal: nothing can be painted.
        """
        pictures = await self._visible(asking, pictures)
        await self._check_single(asking, pictures)
        styles = () if wish.styles else self._catalogue.offer(asking.venue).styles
        if not (wish.styles or styles):
            return False

        async def picked(
            interaction: discord.Interaction, picture: SourcePicture, style: StyleCard | None
        ) -> str | None:
            whole = wish if style is None else replace(wish, styles=(style,))
            now = Asking.by(interaction)
            return await self.take(now, picture, whole, Asked.by(interaction, Manner.CLICK))

        async def tried(interaction: discord.Interaction, picture: SourcePicture) -> str | None:
            now = Asking.by(interaction)
            whole = self.tries(now, wish.settings)
            return await self.take(now, picture, whole, Asked.by(interaction, Manner.CLICK))

        question = text or (words.PICK_STYLE() if styles else words.PICK_PICTURE())
        picker = Picker(
            asking.actor.id,
            pictures,
            styles,
            picked,
            self._store.owed,
            self._session,
            question,
            previews,
            tried if wish.can_be_tried else None,
        )
        await picker.show(stage)
        return True

    async def _visible(self, asking: Asking, pictures: Sequence[SourcePicture]) -> Sequence[SourcePicture]:
        """Those of several pictures that may be seen where they are to be chosen from. Raises BotError AGE_RESTRICTED."""
        seen = [picture for picture in pictures if self._policy.is_seen(asking.venue, picture.nsfw)]
        if pictures and not seen:
            raise BotError(BotErrorCode.AGE_RESTRICTED)
        return seen

    async def _check_single(self, asking: Asking, pictures: Sequence[SourcePicture]) -> None:
        """Refuse at once what cannot be painted at all; of several, that is found when one is chosen."""
        if len(pictures) != 1:
            return
        check(pictures[0], "content")
        try:
            await self.require(asking, pictures[0])
        except BotError as error:
            if (
                error.code is not BotErrorCode.CONSENT_NEEDED
            ):  # for which the author is asked once it is clear for what
                raise

    def _output(self, asking: Asking, picture: SourcePicture, wish: Wish) -> Output:
        """Where the result goes: as the channel has it for its pictures, and beneath a command for what is sent along."""
        place = asking.venue.place
        is_here = picture.channel_id is not None and picture.channel_id == place.channel_id
        output = self._policy.settings(asking.venue)[1].output if is_here else Output.CHANNEL
        return audition.outlet(output) if wish.settings.get("audition") else output

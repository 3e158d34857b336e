"""What members still do with a finished picture: have it painted anew, look at its painting, take a moment of it.

Rule: everything is looked up when it is asked for: the ticket in the store, its images on the shelf, the painting in
the engine. What all shall see is posted where it was asked for, and the policy is asked of that place.
"""

import discord

from bot.answers import working
from bot.consent.inquiries import Inquiries
from bot.engine_client import EngineClient
from bot.errors import BotError, BotErrorCode
from bot.orders.attachments import first_picture
from bot.orders.audition import Audition, Finishing
from bot.orders.pictures import SourcePicture
from bot.orders.policy import Action, Policy
from bot.orders.remake import Change, Remake
from bot.orders.restyle import Restyle
from bot.orders.venue import Venue, actor_of
from bot.place import Place
from bot.results.pictures import FinishedPictures, show
from bot.storage.interactions import Manner
from bot.storage.posts import Role
from bot.storage.settings import Output
from bot.storage.store import Store
from bot.storage.tickets import Ticket
from bot.styles.catalogue import Catalogue
from bot.tickets.asked import Asked, open_manner
from bot.tickets.deletion import Deletion
from bot.tickets.lineage import link_of
from bot.tickets.views import Views
from bot.words import result as words
from bot.words.post import Post
from engine.protocol import CrashPoint, reach


class ResultActions:
    """The finished pictures."""

    def __init__(
        self,
        store: Store,
        engine: EngineClient,
        policy: Policy,
        inquiries: Inquiries,
        deletion: Deletion,
        views: Views,
        catalogue: Catalogue,
    ) -> None:
        self._store, self._engine, self._inquiries, self._views = store, engine, inquiries, views
        self._catalogue, self._policy = catalogue, policy
        self.pictures = FinishedPictures(store, engine, policy, deletion)

    # --- painted anew -------------------------------------------------------------------------------------

    async def remake(self, interaction: discord.Interaction, ticket_id: str, change: Change) -> None:
        """Hand in what a button asks, as a picture for whoever pressed it. Raises BotError, Refusal."""
        ticket = await self.pictures.find(ticket_id)
        if ticket is None:
            raise BotError(BotErrorCode.PICTURE_GONE)
        if change is not Change.LARGER:
            await self._remake(interaction, ticket, change)
            return
        manner = open_manner(interaction, Manner.CLICK)
        async with working(interaction, self._store.owed, manner):  # the engine tells how large it is
            await self._remake(interaction, ticket, change, await self._larger(ticket))

    async def _remake(
        self, interaction: discord.Interaction, ticket: Ticket, change: Change, size: int | None = None
    ) -> None:
        message_id, channel_id = await self._where(ticket, interaction.message)
        remake = Remake(
            ticket,
            change,
            Place.of(interaction),
            interaction.user.id,
            _shown_result(interaction.message, ticket),
            message_id,
            size=size,
            upload_limit=interaction.filesize_limit,
            result_channel_id=channel_id,
        )
        await self._hand_in(interaction, remake)

    async def _where(
        self, ticket: Ticket, clicked: discord.Message | None = None
    ) -> tuple[int | None, int | None]:
        """The message with a ticket's result, which outlasts what is shown of it in private; and its channel."""
        is_noted = ticket.result_message_id is not None
        is_public = clicked is not None and not clicked.flags.ephemeral
        if not is_noted and clicked is not None and is_public and _shows_result(clicked, ticket):
            return clicked.id, clicked.channel.id
        post = await self._store.posts.find(ticket.result_message_id or 0)
        return ticket.result_message_id, post.channel_id if post is not None else None

    async def _hand_in(
        self, interaction: discord.Interaction, order: Remake | Restyle | Audition | Finishing
    ) -> None:
        """Have it painted, or its author asked first."""
        asked = Asked.by(interaction, Manner.CLICK)
        text = await self._inquiries.take(actor_of(interaction), Venue.of(interaction), order, asked)
        if text is not None:
            await interaction.followup.send(text, ephemeral=True)

    async def _larger(self, ticket: Ticket) -> int:
        """The next size that is painted here. Raises BotError LARGEST."""
        view = await self.pictures.view(ticket.job_id or "")
        known = (ticket.request.size, view.width if view else None, view.height if view else None)
        now = max((side for side in known if side is not None), default=0)
        sizes = self._catalogue.sizes(ticket.request.recipe)
        larger = next((size for size in sorted(sizes) if size > now), None)
        if larger is None:
            raise BotError(BotErrorCode.LARGEST)
        return larger

    async def show_styles(self, interaction: discord.Interaction, ticket_id: str) -> None:
        """Let a member choose another style. Raises BotError."""
        ticket = await self.pictures.find(ticket_id)
        await self.pictures.require(interaction, Action.PAINT)  # for whose picture, once a style is chosen
        if ticket is None:
            raise BotError(BotErrorCode.PICTURE_GONE)
        async with working(interaction, self._store.owed, Manner.THINKING):
            had = {style.name for style in ticket.styles if style is not None}
            here = self._catalogue.offer(Venue.of(interaction)).styles
            styles = [style for style in here if style.name not in had]
            if not styles:
                await interaction.edit_original_response(content=words.NO_OTHER_STYLE())
                return
            view = self._views.of_styles(ticket, styles)
            await interaction.edit_original_response(content=words.PICK_STYLE(), view=view)

    async def restyle(self, interaction: discord.Interaction, ticket_id: str, name: str) -> None:
        """Paint it in a style that was chosen. Raises BotError, Refusal."""
        ticket = await self.pictures.find(ticket_id)
        if ticket is None:
            raise BotError(BotErrorCode.PICTURE_GONE)
        message_id, channel_id = await self._where(ticket)
        venue = Venue.of(interaction)
        place, style = venue.place, self._catalogue.offer(venue).named(name)
        order = Restyle(
            ticket,
            style,
            place,
            interaction.user.id,
            message_id,
            Output.CHANNEL,
            by_reaction=False,
            upload_limit=interaction.filesize_limit,
            result_channel_id=channel_id,
        )
        await self._hand_in(interaction, order)

    # --- tried out ----------------------------------------------------------------------------------------

    async def audition(self, interaction: discord.Interaction, ticket_id: str) -> None:
        """Try out all styles on the picture that a result was painted from, or on a sheet those that it had no room for.

        Raises BotError, Refusal.
        """
        ticket = await self.pictures.find(ticket_id)
        if ticket is None:
            raise BotError(BotErrorCode.PICTURE_GONE)
        message_id, channel_id = await self._where(ticket)
        venue = Venue.of(interaction)
        offer, settings = self._catalogue.offer(venue), self._policy.settings(venue)[1]
        styles = offer.tried(settings)
        if ticket.request.audition:
            styles = offer.further(settings, [each.name for each in ticket.styles if each is not None])
        if not styles:
            raise BotError(BotErrorCode.ALL_TRIED)
        order = Audition(
            ticket,
            styles,
            Place.of(interaction),
            interaction.user.id,
            message_id,
            Output.CHANNEL,
            upload_limit=interaction.filesize_limit,
            result_channel_id=channel_id,
        )
        await self._hand_in(interaction, order)

    async def finish(self, interaction: discord.Interaction, ticket_id: str, number: int) -> None:
        """Have a style of a sheet finished, for whoever has chosen it. Raises BotError, Refusal."""
        ticket = await self.pictures.find(ticket_id)
        if ticket is None or number > len(ticket.styles):
            raise BotError(BotErrorCode.PICTURE_GONE)
        message_id, channel_id = await self._where(ticket)
        if message_id is None:  # it still grows
            message_id, channel_id = ticket.source_message_id, ticket.source_channel_id
        venue = Venue.of(interaction)
        is_here = channel_id is not None and channel_id == venue.place.channel_id
        order = Finishing(
            ticket,
            number,
            venue.place,
            interaction.user.id,
            message_id,
            self._policy.settings(venue)[1].output if is_here else Output.CHANNEL,
            upload_limit=interaction.filesize_limit,
            result_channel_id=channel_id,
        )
        await self._hand_in(interaction, order)

    # --- looked at in private -----------------------------------------------------------------------------

    async def show_panel(self, interaction: discord.Interaction, ticket_id: str) -> None:
        """Show, privately, what else can be done with a picture."""
        await self.pictures.require(interaction, Action.LOOK)
        async with working(interaction, self._store.owed, Manner.THINKING):
            ticket, job = await self.pictures.painted(interaction, ticket_id, Action.LOOK)
            view = await self.pictures.view(job)
            panel = self._views.of_panel(ticket, view.moments if view is not None else None)
            await interaction.edit_original_response(content=words.PANEL(), view=panel)

    async def show_timelapse(self, interaction: discord.Interaction, ticket_id: str) -> None:
        """Answer with how it was painted, or with why not."""
        await self.pictures.require(interaction, Action.LOOK)
        async with working(interaction, self._store.owed, Manner.THINKING):
            ticket, job = await self.pictures.painted(interaction, ticket_id, Action.LOOK)
            async with self.pictures.turn(interaction.user.id):
                await show(
                    interaction,
                    await self._timelapse(interaction, ticket, job),
                    self._views.of_timelapse(ticket),
                )

    async def show_comparison(self, interaction: discord.Interaction, ticket_id: str) -> None:
        """Answer with the picture beside what came of it, or with why not."""
        await self.pictures.require(interaction, Action.LOOK)
        async with working(interaction, self._store.owed, Manner.THINKING):
            ticket, job = await self.pictures.painted(interaction, ticket_id, Action.LOOK)
            async with self.pictures.turn(interaction.user.id):
                post = await self._comparison(interaction, ticket, job)
                await show(interaction, post, self._views.of_comparison(ticket))

    async def show_moments(self, interaction: discord.Interaction, ticket_id: str) -> None:
        """Answer with all moments of a painting, numbered, and a menu of them; or with why not."""
        await self.pictures.require(interaction, Action.LOOK)
        async with working(interaction, self._store.owed, Manner.THINKING):
            ticket, job = await self.pictures.painted(interaction, ticket_id, Action.LOOK)
            async with self.pictures.turn(interaction.user.id):
                count = (await self._engine.job(job)).moments
                if count < 2:
                    raise BotError(BotErrorCode.PAINTING_GONE)
                sheet = await self._engine.snapshots(job, max_bytes=interaction.filesize_limit)
                await show(
                    interaction, words.moments(ticket, sheet.data), self._views.of_moments(ticket, count)
                )

    # --- posted for all -----------------------------------------------------------------------------------

    async def post_timelapse(self, interaction: discord.Interaction, ticket_id: str) -> None:
        """Post how it was painted where it was asked for, or say why not. Raises BotError."""
        ticket, job = await self.pictures.painted(interaction, ticket_id, Action.POST)
        await self.pictures.require(interaction, Action.POST, ticket)
        async with (
            working(interaction, self._store.owed, Manner.CLICK),
            self.pictures.turn(interaction.user.id),
        ):
            with self.pictures.speaking_to_all(interaction):
                post = await self._timelapse(interaction, ticket, job)
            await self._post_here(interaction, ticket, post)

    async def post_comparison(self, interaction: discord.Interaction, ticket_id: str) -> None:
        """Post the picture beside what came of it where it was asked for, or say why not. Raises BotError."""
        ticket, job = await self.pictures.painted(interaction, ticket_id, Action.POST)
        await self.pictures.require(interaction, Action.POST, ticket)
        async with (
            working(interaction, self._store.owed, Manner.CLICK),
            self.pictures.turn(interaction.user.id),
        ):
            with self.pictures.speaking_to_all(interaction):
                post = await self._comparison(interaction, ticket, job)
            await self._post_here(interaction, ticket, post)

    async def post_snapshot(self, interaction: discord.Interaction, ticket_id: str, n: int) -> None:
        """Post snapshot `n` of a painting where it is asked for, unless it is there, or say why not.

        Raises BotError MISSING_PERMISSIONS.
        """
        ticket, job = await self.pictures.painted(interaction, ticket_id, Action.POST)
        await self.pictures.require(interaction, Action.POST, ticket)
        async with working(interaction, self._store.owed, Manner.CLICK):
            async with self.pictures.turn(interaction.user.id):
                answer = await self._posted(interaction, ticket, job, n)
            await interaction.followup.send(answer, ephemeral=True)

    async def _posted(self, interaction: discord.Interaction, ticket: Ticket, job: str, n: int) -> str:
        """Where a snapshot is, posted if need be.

        Raises BotError RESULT_DELETED, MOMENT_DELETED: what somebody has deleted is not posted again.
        """
        await self.pictures.require_there(interaction.client, ticket)
        known = await self._store.snapshots.message(ticket.id, n)
        if known is not None:
            if (there := await self.pictures.post_there(interaction.client, known)) is None:
                raise BotError(BotErrorCode.MOMENT_DELETED)
            return words.snapshot_there(link_of(there))
        limit = Place.of(interaction).upload_limit(interaction.client)
        data = (await self._engine.snapshot(job, n, max_bytes=limit)).data
        with self.pictures.speaking_to_all(interaction):
            post = words.snapshot(ticket, n, data, interaction.user.id)
        if not Place.of(interaction).is_by_token:
            await self._store.snapshots.begin(ticket.id, n)
            reach(CrashPoint.BOT_SNAPSHOT_BEGUN)
        message = await self.pictures.post(interaction, ticket, post, Role.SNAPSHOT, snapshot=n)
        return words.snapshot_there(message.jump_url)

    async def _post_here(self, interaction: discord.Interaction, ticket: Ticket, post: Post) -> None:
        await self.pictures.require_there(interaction.client, ticket)
        message = await self.pictures.post(interaction, ticket, post, Role.SNAPSHOT)
        await interaction.followup.send(words.posted(message.jump_url), ephemeral=True)

    async def _timelapse(self, interaction: discord.Interaction, ticket: Ticket, job: str) -> Post:
        film = await self._engine.timelapse(
            job, max_bytes=Place.of(interaction).upload_limit(interaction.client)
        )
        return words.timelapse(ticket, film.data)

    async def _comparison(self, interaction: discord.Interaction, ticket: Ticket, job: str) -> Post:
        limit = Place.of(interaction).upload_limit(interaction.client)
        return words.comparison(ticket, (await self._engine.comparison(job, max_bytes=limit)).data)


def _shown_result(message: discord.Message | None, ticket: Ticket) -> SourcePicture | None:
    """The result as Discord has it, if it is in the message that was clicked at."""
    return first_picture(message) if message is not None and _shows_result(message, ticket) else None


def _shows_result(message: discord.Message, ticket: Ticket) -> bool:
    return any(words.result_stem(ticket) in file.filename for file in message.attachments)

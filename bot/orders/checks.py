"""What is amiss in a server: what the bot lacks there, and what was set and is no longer true.

Rule: read from Discord's cache, from what is set and from one call to the engine; nothing is changed, and nothing
is said here: a finding is a code with its facts.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import discord

from bot.errors import BotErrorCode
from bot.findings import Finding, Found
from bot.orders import permissions
from bot.orders.audience import is_seen_by_all
from bot.orders.venue import is_nsfw
from bot.storage.settings import Output, ServerSettings, Work
from bot.storage.store import Store
from engine.protocol import StyleCard

_OF_ENGINE = {
    BotErrorCode.ENGINE_BUSY: Finding.ENGINE_BUSY,
    BotErrorCode.ENGINE_FULL: Finding.ENGINE_FULL,
    BotErrorCode.ENGINE_LOCKED: Finding.ENGINE_LOCKED,
}


@dataclass(frozen=True)
class Inspection:
    """What is looked at; `engine` is why it does not answer, None if it does."""

    guild: discord.Guild
    store: Store
    styles: Collection[StyleCard]
    engine: BotErrorCode | None
    sees_content: bool
    is_paused: bool = False
    is_narrowed: bool = False  # Discord's settings keep some from `/stylize`

    def findings(self) -> Iterator[Found]:
        """All that is amiss, what concerns everybody first."""
        if self.store.health.is_damaged:
            yield Found(Finding.DATABASE_DAMAGED)
        if self.engine is not None:
            yield Found(_OF_ENGINE.get(self.engine, Finding.ENGINE_AWAY))
        if self.is_paused:
            yield Found(Finding.PAUSED)
        if self._server.work is not Work.ON:
            yield Found(Finding.SWITCHED_OFF)
        if not self._art_channels:
            yield Found(Finding.NO_ART_CHANNEL)
        for channel_id in self._art_channels:
            yield from self._of_channel(channel_id)
        yield from self._of_results()
        yield from self._of_gallery()
        yield from self._of_week()
        yield from self._of_audit()
        yield from self._of_roles(None, self._server.starters)
        if self.is_narrowed and not self._server.starters:
            yield Found(Finding.COMMANDS_NARROWED)
        if not self.sees_content:
            yield Found(Finding.CONTENT_UNSEEN)

    @property
    def _server(self) -> ServerSettings:
        return self.store.settings.server(self.guild.id)

    @property
    def _art_channels(self) -> list[int]:
        return self.store.settings.art_channels(self.guild.id)

    def _of_channel(self, channel_id: int) -> Iterator[Found]:
        settings = self.store.settings.channel(channel_id)
        channel = self.guild.get_channel(channel_id)
        if channel is None:
            yield Found(Finding.CHANNEL_GONE, channel_id)
            return
        if flags := permissions.lacking(channel, settings):
            yield Found(Finding.CHANNEL_LACKS, channel_id, tuple(flags))
        yield from self._of_roles(channel_id, settings.starters or ())
        known = {style.name for style in self.styles}
        named = dict.fromkeys((*settings.palette, *settings.favourites))
        if known and (gone := [name for name in named if name not in known]):
            yield Found(Finding.STYLES_GONE, channel_id, tuple(gone))

    def _of_results(self) -> Iterator[Found]:
        results_id = self._server.results_id
        if results_id is None:
            outputs = {self.store.settings.channel(each).output for each in self._art_channels}
            if Output.RESULTS in outputs:
                yield Found(Finding.RESULTS_UNSET)
            return
        channel = self.guild.get_channel(results_id)
        if channel is None:
            yield Found(Finding.RESULTS_GONE, results_id)
        elif flags := permissions.lacking_for_results(channel):
            yield Found(Finding.RESULTS_LACKS, results_id, tuple(flags))

    def _of_gallery(self) -> Iterator[Found]:
        galleries = sorted(self.store.settings.galleries(self.guild.id))
        for gallery_id in galleries:
            gallery = self.guild.get_channel(gallery_id)
            if gallery is None:
                yield Found(Finding.GALLERY_GONE, gallery_id)
            elif flags := permissions.lacking_in_gallery(gallery):
                yield Found(Finding.GALLERY_LACKS, gallery_id, tuple(flags))
        for channel_id in self._art_channels:
            yield from self._of_gallery_of(channel_id, galleries)

    def _of_gallery_of(self, channel_id: int, galleries: Collection[int]) -> Iterator[Found]:
        """Why what is starred in an art channel does not come into its gallery."""
        known, channel = self.store.settings, self.guild.get_channel(channel_id)
        gallery = self.guild.get_channel(known.gallery_of(self.guild.id, channel_id) or 0)
        if channel is None or known.channel(channel_id).stars_needed == 0:
            return
        if channel_id in galleries:
            yield Found(Finding.GALLERY_ITSELF, channel_id)
        elif gallery is None:
            return
        elif is_nsfw(channel):
            yield Found(Finding.GALLERY_RESTRICTED, channel_id)
        elif not is_seen_by_all(channel, gallery):
            yield Found(Finding.GALLERY_WIDER, channel_id)

    def _of_week(self) -> Iterator[Found]:
        channel_id = self._server.week_channel_id
        if channel_id is None:
            return
        channel = self.guild.get_channel(channel_id)
        if channel is None:
            yield Found(Finding.WEEK_GONE, channel_id)
        elif flags := permissions.lacking_for_week(channel):
            yield Found(Finding.WEEK_LACKS, channel_id, tuple(flags))

    def _of_audit(self) -> Iterator[Found]:
        audit_id = self._server.audit_id
        if audit_id is None:
            return
        audit = self.guild.get_channel(audit_id)
        if audit is None:
            yield Found(Finding.AUDIT_GONE, audit_id)
            return
        if flags := permissions.lacking_in_audit(audit):
            yield Found(Finding.AUDIT_LACKS, audit_id, tuple(flags))
        if permissions.is_public(audit):
            yield Found(Finding.AUDIT_PUBLIC, audit_id)

    def _of_roles(self, channel_id: int | None, starters: tuple[int, ...]) -> Iterator[Found]:
        gone = [str(role) for role in starters if self.guild.get_role(role) is None]
        if gone:
            nobody = len(gone) == len(starters)
            yield Found(Finding.NOBODY_LEFT if nobody else Finding.ROLES_GONE, channel_id, tuple(gone))

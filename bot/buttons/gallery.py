"""What can be pressed at an entry in the gallery: take it out, put it back, and say that one's own are never shown.

Rule: whose picture it is, who asked for it and moderators take it out, at once and with a way back; nobody else learns of it.
"""

import re
from enum import StrEnum
from typing import Any

import discord

from bot.answers import answering, reply
from bot.errors import BotError, BotErrorCode
from bot.gallery.exhibits import OUT_ID
from bot.orders.venue import actor_of
from bot.storage.consents import EVERYWHERE
from bot.storage.stars import Out, Piece
from bot.studio import Studio, studio_of
from bot.words import gallery as words


class Consent(StrEnum):
    """What a member says to being in galleries."""

    HERE = "here"  # never in this one
    NEVER = "never"
    ALLOW = "allow"


_LABELS = {Consent.HERE: words.NEVER_HERE, Consent.NEVER: words.NEVER, Consent.ALLOW: words.ALLOW}


class OutButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=OUT_ID + r"(?P<piece>[0-9a-f]{1,25})"
):
    """Take a picture out of the gallery."""

    def __init__(self, piece_id: str) -> None:
        super().__init__(discord.ui.Button(label=words.OUT(), custom_id=f"{OUT_ID}{piece_id}"))
        self._piece_id = piece_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "OutButton":
        """The button of an entry, perhaps of a former process."""
        return cls(match["piece"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Take it out, and offer the way back."""
        async with answering(interaction):
            studio, piece = studio_of(interaction), await _its(interaction, self._piece_id)
            is_theirs = interaction.user.id in (piece.author_id, piece.asker_id)
            out = Out.MEMBER if is_theirs else Out.MODERATOR
            await studio.galleries.take_out(piece, out, interaction.user.id)
            view = discord.ui.View(timeout=None).add_item(BackButton(piece.id))
            if is_theirs:
                view.add_item(GalleryConsentButton(Consent.HERE)).add_item(
                    GalleryConsentButton(Consent.NEVER)
                )
            await reply(interaction, words.taken_out(not is_theirs), view)


class BackButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"gallery:back:(?P<piece>[0-9a-f]{1,25})"
):
    """Undo: let it be in the gallery again."""

    def __init__(self, piece_id: str) -> None:
        super().__init__(discord.ui.Button(label=words.BACK(), custom_id=f"gallery:back:{piece_id}"))
        self._piece_id = piece_id

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "BackButton":
        """The button of an answer, perhaps of a former process."""
        return cls(match["piece"])

    async def callback(self, interaction: discord.Interaction) -> None:
        """Put it back, unless somebody else has taken it out meanwhile."""
        async with answering(interaction):
            studio, piece = studio_of(interaction), await _its(interaction, self._piece_id)
            is_theirs = interaction.user.id in (piece.author_id, piece.asker_id)
            if (
                piece.out is Out.MODERATOR
                and is_theirs
                and not actor_of(interaction).permissions.manage_messages
            ):
                raise BotError(BotErrorCode.NOT_YOURS_TO_SHOW)
            await studio.galleries.put_back(piece)
            await interaction.response.edit_message(content=words.PUT_BACK(), view=None)


class GalleryConsentButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"gallery:say:(?P<what>here|never|allow)"
):
    """Say whether one's own pictures may be in galleries."""

    def __init__(self, what: Consent) -> None:
        super().__init__(discord.ui.Button(label=_LABELS[what](), custom_id=f"gallery:say:{what}"))
        self._what = what

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "GalleryConsentButton":
        """The button of an answer, perhaps of a former process."""
        return cls(Consent(match["what"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Remember it, and show how things stand."""
        async with answering(interaction):
            studio, member_id, here = studio_of(interaction), interaction.user.id, interaction.guild_id
            match self._what:
                case Consent.ALLOW:
                    await studio.galleries.allow(member_id, here or EVERYWHERE)
                case Consent.HERE if here is not None:
                    await studio.galleries.refuse(member_id, here)
                case _:
                    await studio.galleries.refuse(member_id, EVERYWHERE)
            await studio.weekly.collages.consent_changed(member_id)
            text, view = await gallery_consent(studio, member_id, here)
            await interaction.response.edit_message(content=text, view=view)


async def _its(interaction: discord.Interaction, piece_id: str) -> Piece:
    """A picture that whoever presses may take out and put back. Raises BotError."""
    studio = studio_of(interaction)
    piece = await studio.store.stars.find(piece_id)
    if piece is None or piece.server_id != interaction.guild_id:
        raise BotError(BotErrorCode.RESULT_DELETED)
    studio.policy.require_owner(
        actor_of(interaction), piece.author_id, piece.asker_id, refusal=BotErrorCode.NOT_YOURS_TO_SHOW
    )
    return piece


async def gallery_consent(
    studio: Studio, member_id: int, server_id: int | None
) -> tuple[str, discord.ui.View]:
    """Whether a member's pictures may be in galleries, and what they can say to it."""
    said = await studio.store.gallery.refusals_of(member_id)
    view = discord.ui.View(timeout=None)
    is_refused = EVERYWHERE in said or server_id in said
    if is_refused:
        view.add_item(GalleryConsentButton(Consent.ALLOW))
    if server_id is not None and not is_refused:
        view.add_item(GalleryConsentButton(Consent.HERE))
    if EVERYWHERE not in said:
        view.add_item(GalleryConsentButton(Consent.NEVER))
    return words.refusals(said, server_id), view


def entry_buttons(piece_id: str, link: str | None) -> discord.ui.View:
    """What is beneath an entry."""
    view = discord.ui.View(timeout=None)
    if link is not None:
        view.add_item(discord.ui.Button(label=words.SEE(), url=link))
    return view.add_item(OutButton(piece_id))

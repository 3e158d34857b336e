"""`/setup` from the side of whoever manages a server: what they see, what a press changes, and how it is undone."""

import discord
import pytest
from simcord.actors import MemberActor
from simcord.results import ResponseMessage

from bot.storage.settings import ChannelSettings, Consent, OnDelete, Output, ServerSettings
from bot.words import setup as words
from tests.bot.world import World, said


@pytest.fixture
def mia(world: World) -> MemberActor:
    """She manages the server."""
    managing = world.guild.create_role("Staff", permissions=discord.Permissions(manage_guild=True))
    return world.guild.add_member(world.env.create_user("mia"), roles=[managing])


async def panel(world: World, mia: MemberActor, page: words.Page | None = None) -> ResponseMessage:
    """The private panel, at a page."""
    opened = said(await mia.slash(world.art, "setup"))
    assert opened.ephemeral
    if page is not None:
        await mia.select(opened, [page], custom_id="setup:jump")
    return opened


def server(world: World) -> ServerSettings:
    return world.bot.studio.store.settings.server(world.guild.id)


def channel(world: World) -> ChannelSettings:
    return world.bot.studio.store.settings.channel(world.art.id)


async def test_the_panel_says_all_that_is_set(world: World, mia: MemberActor) -> None:
    opened = await panel(world, mia)
    assert "What is set here" in opened.content
    assert f"Art channels: <#{world.art.id}>" in opened.content
    assert "in the channel, under the picture" in opened.content


async def test_channels_are_chosen_and_put_back(world: World, mia: MemberActor) -> None:
    opened = await panel(world, mia, words.Page.CHANNELS)
    await mia.select(opened, [world.talk], custom_id="setup:channels")
    assert world.bot.studio.store.settings.art_channels(world.guild.id) == [world.talk.id]
    assert opened.content.startswith("✅ Art channel: yes → **no**")
    await mia.click(opened, label="Undo")
    assert world.bot.studio.store.settings.art_channels(world.guild.id) == [world.art.id]
    assert opened.content.startswith("↩️ Put back.")


async def test_every_choice_takes_effect_at_once(world: World, mia: MemberActor) -> None:
    opened = await panel(world, mia, words.Page.RESULTS)
    await mia.select(opened, ["gallery"], custom_id="setup:set:output:0")
    assert channel(world).output is Output.GALLERY
    assert words.GALLERY_WANTED in opened.content
    await mia.select(opened, [world.talk], custom_id="setup:gallery")
    assert server(world).gallery_id == world.talk.id
    await mia.click(opened, label="Back")
    role = world.guild.create_role("Artists")
    await mia.select(opened, [role], custom_id="setup:starters:0")
    assert server(world).starters == (role.id,)
    await mia.click(opened, label="All settings")
    await mia.select(opened, [words.Page.CONSENT], custom_id="setup:jump")
    await mia.select(opened, ["own"], custom_id="setup:set:consent:0")
    await mia.select(opened, ["keep"], custom_id="setup:set:on_delete:0")
    assert (server(world).consent, server(world).on_delete) == (Consent.OWN, OnDelete.KEEP)
    await mia.click(opened, label="Next")
    await mia.select(opened, ["5"], custom_id="setup:set:open_per_member:0")
    await mia.select(opened, ["60"], custom_id="setup:set:cooldown_seconds:0")
    assert (server(world).open_per_member, server(world).cooldown_seconds) == (5, 60)

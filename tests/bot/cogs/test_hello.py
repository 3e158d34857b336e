"""What a server reads when it has invited the bot."""

from dataclasses import replace
from datetime import timedelta

import discord
import pytest
from simcord.builders import ChannelHandle, GuildHandle

from bot.cogs import hello
from bot.place import Place
from bot.storage.tickets import new_id
from bot.words import setup as words
from bot.words.form import OPEN as PAINT
from tests.bot.storage import sample
from tests.bot.world import World, png, said


def hellos(channel: ChannelHandle) -> list[discord.Message]:
    return [message for message in channel.history() if message.content == words.HELLO]


async def begin_anew(world: World) -> None:
    """The gateway begins a new session, as after an hour without a line."""
    [begin] = [heard for name, heard in world.bot.cogs["Hello"].get_listeners() if name == "on_ready"]
    await begin()


def invited(world: World, *denied: str) -> tuple[GuildHandle, ChannelHandle, ChannelHandle]:
    """A server that has invited the bot while it was away, with a closed and an open channel."""
    guild = world.env.create_guild("Elsewhere")
    assert guild.me is not None
    closed = discord.PermissionOverwrite(send_messages=False)
    return (
        guild,
        guild.create_text_channel("rules", overwrites={guild.me: closed}),
        guild.create_text_channel("general"),
    )


async def test_it_says_hello_once_where_it_may_and_whoever_manages_the_server_sets_it_up(
    world: World,
) -> None:
    guild, rules, general = invited(world)
    await begin_anew(world)
    await begin_anew(world)
    await world.restart()
    assert hellos(rules) == []
    [greeting] = hellos(general)
    managing = guild.create_role("Staff", permissions=discord.Permissions(manage_guild=True))
    mia = guild.add_member(world.env.create_user("mia"), roles=[managing])
    opened = said(await mia.click(greeting, label="Set up"))
    assert opened.ephemeral
    assert f"Step 1 of {len(words.STEPS)}" in opened.content


async def test_it_says_hello_as_soon_as_it_is_invited(world: World) -> None:
    guild, rules, general = invited(world)
    joined = world.bot.get_guild(guild.id)
    assert joined is not None
    world.bot.dispatch("guild_join", joined)
    await world.until(lambda: hellos(general))
    assert hellos(rules) == []


async def test_nobody_else_sets_it_up(world: World) -> None:
    guild, _, general = invited(world)
    await begin_anew(world)
    member = guild.add_member(world.env.create_user("carol"))
    refused = said(await member.click(hellos(general)[0], label="Set up"))
    assert refused.ephemeral
    assert refused.content == "You need the permission “Manage Server” here for that."


async def test_the_channel_for_the_systems_messages_comes_first(world: World) -> None:
    guild, _, general = invited(world)
    welcome = guild.create_text_channel("welcome")
    world.env.backend.edit_guild(guild.id, {"system_channel_id": welcome.id})
    await begin_anew(world)
    assert (len(hellos(welcome)), hellos(general)) == (1, [])


async def test_it_does_nothing_by_itself_before_it_is_set_up(world: World) -> None:
    guild, _, _ = invited(world)
    art = guild.create_text_channel("art")
    await begin_anew(world)
    member = guild.add_member(world.env.create_user("carol"))
    picture = await member.send(art, "my cat", attachments=[("cat.png", png())])
    await member.react(picture, "🌊")
    assert [str(each.emoji) for each in art.history()[-1].reactions] == ["🌊"], "her own"
    assert world.engine.jobs == []


async def test_a_server_of_a_former_version_hears_once_what_is_to_be_chosen(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    guild, rules, general = invited(world)
    _, _, elsewhere = invited(world)
    chosen, _, there = invited(world)
    store, now = world.bot.studio.store, discord.utils.utcnow()
    for server in (guild, chosen):
        await store.tickets.add(replace(sample.ticket(), id=new_id(), place=Place(server.id, 1)))
    await store.settings.change(chosen.id, 3, now, {there.id: {"is_art": True}})
    monkeypatch.setattr(hello, "FRESH", timedelta(0))
    await begin_anew(world)
    await begin_anew(world)
    await world.restart()
    [said_once] = general.history()
    assert said_once.content == words.UPDATED
    assert [rules.history(), elsewhere.history(), there.history()] == [[], [], []]
    managing = guild.create_role("Staff", permissions=discord.Permissions(manage_guild=True))
    mia = guild.add_member(world.env.create_user("mia"), roles=[managing])
    assert f"Step 1 of {len(words.STEPS)}" in said(await mia.click(said_once, label="Set up")).content


async def test_the_hello_opens_the_form_for_everybody(world: World) -> None:
    guild, _, general = invited(world)
    await begin_anew(world)
    member = guild.add_member(world.env.create_user("carol"))
    opened = await member.click(hellos(general)[0], label=PAINT)
    assert opened.modal is not None

"""Who may use which command unless a server has it otherwise, and where: each command is in these tables or the test fails."""

from typing import Any

import discord
import pytest
from discord import app_commands

from bot.cogs.check import commands_by_permission
from bot.findings import Finding
from bot.languages import Language, speaking
from bot.words import check as words
from tests.bot.world import World, said

EVERYBODY = {
    "audition",
    "consent",
    "duel",
    "help",
    "history",
    "museum",  # what is for curators is asked of the policy
    "paint",
    "privacy",
    "queue",
    "show",
    "styles",
    "stylize",
    "top",
    "week",  # to begin and to end one is asked of the policy
}
MANAGE_MESSAGES = {"block", "blocked", "check", "purge", "unblock"}
MANAGE_SERVER = {"off", "on", "setup"}
OF_WEEKS = {"week style", "week end"}  # which the bot asks for by itself
SERVERS_ONLY = {"duel", "top", "week"} | MANAGE_MESSAGES | MANAGE_SERVER
MENUS = {
    "Offer as a style",
    "Delete this result",
    "How was this painted?",
    "Stylize this avatar",
    "Stylize this image",
    "Try all styles on this image",
}


def where(command: Any) -> tuple[bool, bool]:
    """Whether a command is offered in servers alone, and to servers alone."""
    contexts, installs = command.allowed_contexts, command.allowed_installs
    guild_only = command.guild_only or (contexts is not None and not contexts.dm_channel)
    return guild_only, installs is not None and not installs.user


async def test_every_command_is_for_whom_it_is_meant(world: World) -> None:
    tree: app_commands.CommandTree[Any] = world.bot.tree
    commands = {
        command.name: command for command in tree.get_commands(type=discord.AppCommandType.chat_input)
    }
    found = {flag: set(names) for flag, names in commands_by_permission(tree).items()}
    managing = MANAGE_SERVER | OF_WEEKS
    assert found == {None: EVERYBODY, "manage_messages": MANAGE_MESSAGES, "manage_guild": managing}
    assert {name for name, command in commands.items() if where(command)[0]} == SERVERS_ONLY
    menus = [
        *tree.get_commands(type=discord.AppCommandType.message),
        *tree.get_commands(type=discord.AppCommandType.user),
    ]
    assert {menu.name for menu in menus} == MENUS
    assert [menu.default_permissions for menu in menus] == [None] * len(menus)


async def test_check_says_who_may_use_what(world: World) -> None:
    role = world.guild.create_role("mods", permissions=discord.Permissions(manage_messages=True))
    carol = world.guild.add_member(world.env.create_user("carol"), roles=[role])
    text = said(await carol.slash(world.art, "check")).content
    assert words.who_may(commands_by_permission(world.bot.tree)) in text
    for name in MANAGE_SERVER | OF_WEEKS:
        assert f"`/{name}`" in text
    with speaking(Language.GERMAN):
        assert "`/woche stil`, `/woche beenden`" in words.who_may(commands_by_permission(world.bot.tree))
    assert words.SENTENCES[Finding.COMMANDS_NARROWED]() not in text


async def test_check_says_if_taps_are_for_more_members_than_the_command(world: World) -> None:
    role = world.guild.create_role("mods", permissions=discord.Permissions(manage_messages=True))
    carol = world.guild.add_member(world.env.create_user("carol"), roles=[role])
    command = next(each for each in await world.bot.tree.fetch_commands() if each.name == "stylize")
    world.guild.set_command_permissions(command, {world.guild.default_role: False, role: True})
    narrowed = words.SENTENCES[Finding.COMMANDS_NARROWED]()
    assert narrowed in said(await carol.slash(world.art, "check")).content
    await world.set_server(starters=(role.id,))
    assert narrowed not in said(await carol.slash(world.art, "check")).content


async def test_check_says_what_is_amiss_with_the_audit_channel_and_that_it_is_off(world: World) -> None:
    role = world.guild.create_role("mods", permissions=discord.Permissions(manage_messages=True))
    carol = world.guild.add_member(world.env.create_user("carol"), roles=[role])
    world.bot.studio.store.ledger.listen(lambda: None)
    await world.set_server(audit_id=world.talk.id, work="finish")
    text = said(await carol.slash(world.art, "check")).content
    assert words.SENTENCES[Finding.AUDIT_PUBLIC](channel=f"<#{world.talk.id}>") in text
    assert words.SENTENCES[Finding.SWITCHED_OFF]() in text
    mute = world.channel_without("mute", "send_messages")
    await world.set_server(audit_id=mute.id)
    assert f"In the audit channel <#{mute.id}> I need" in said(await carol.slash(world.art, "check")).content
    await world.set_server(audit_id=12345)
    assert words.SENTENCES[Finding.AUDIT_GONE]() in said(await carol.slash(world.art, "check")).content


@pytest.mark.parametrize("settings", [{"paused": True}])
async def test_check_says_that_the_owner_has_paused_it(world: World, settings: dict[str, Any]) -> None:
    role = world.guild.create_role("mods", permissions=discord.Permissions(manage_messages=True))
    carol = world.guild.add_member(world.env.create_user("carol"), roles=[role])
    assert words.SENTENCES[Finding.PAUSED]() in said(await carol.slash(world.art, "check")).content

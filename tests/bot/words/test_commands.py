"""Commands by their names in each language: all there, as Discord takes them, and as the sentences call them."""

import re
from collections.abc import Iterator
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.languages import DEFAULT, Language, locale_of, speaking
from bot.words.commands import CommandTranslator, command_name, option_name
from bot.words.help import STYLIZE_OPTIONS
from engine.protocol import KNOBS
from tests.bot.words.catalogues import messages, text_of
from tests.bot.world import World

# Discord's rule for the names of commands and options, and its limits of what stands beside them.
NAME = re.compile(r"[-_\w]{1,32}")
DESCRIPTION, MENU, CHOICE = 100, 32, 100
MENTIONED = re.compile(r"`/([^`]*)`")


async def payloads(world: World) -> list[dict[str, Any]]:
    translator = CommandTranslator()
    tree = world.bot.tree
    return [await command.get_translated_payload(tree, translator) for command in tree.get_commands()]


def parts(payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A command with its subcommands, their options and the choices of these."""
    yield payload
    for part in (*payload.get("options", ()), *payload.get("choices", ())):
        yield from parts(part)


@pytest.mark.parametrize("language", [each for each in Language if each is not DEFAULT])
async def test_discord_is_told_of_everything_in_every_language(world: World, language: Language) -> None:
    locale = locale_of(language).value
    for command in await payloads(world):
        is_menu = command.get("type") in (
            discord.AppCommandType.message.value,
            discord.AppCommandType.user.value,
        )
        for part in parts(command):
            name = part.get("name_localizations", {}).get(locale)
            if "description" in part:  # a command or an option
                assert name is not None, part["name"]
                assert NAME.fullmatch(name), name
                assert name == name.lower(), name
                described = part["description_localizations"][locale]
                assert 0 < len(described) <= DESCRIPTION, described
                assert len(part["description"]) <= DESCRIPTION, part["description"]
            elif is_menu:
                assert name is not None, part["name"]
                assert max(len(name), len(part["name"])) <= MENU, name
            elif name is not None:  # a choice; the others are keys
                assert max(len(name), len(part["name"])) <= CHOICE, name
            elif not isinstance(part["value"], str) or part["value"] != part["name"]:
                raise AssertionError(f"{part} is in one language only")
        names = [option.get("name_localizations", {}).get(locale) for option in command.get("options", ())]
        assert len(set(names)) == len(names), "two that are called alike"
    tops = [payload["name_localizations"][locale] for payload in await payloads(world)]
    assert len(set(tops)) == len(tops)


async def test_in_english_a_name_is_the_codes_own(world: World) -> None:
    for command in world.bot.tree.walk_commands():
        assert command_name(command.qualified_name) == command.name
        if isinstance(command, app_commands.Command):
            assert [option_name(each.name) for each in command.parameters] == [
                each.name for each in command.parameters
            ]


@pytest.mark.parametrize("language", Language)
async def test_every_sentence_calls_a_command_by_its_name(world: World, language: Language) -> None:
    with speaking(language):
        names = {
            " ".join(map(command_name, _path(command.qualified_name)))
            for command in world.bot.tree.walk_commands()
        }
        options = {
            option_name(each.name)
            for command in world.bot.tree.walk_commands()
            if isinstance(command, app_commands.Command)
            for each in command.parameters
        }
    for message_id in messages(language):
        for called in MENTIONED.findall(text_of(message_id, language)):
            name, *given = re.split(r" (?=\w+:)", called)
            assert name in names, f"{message_id}: /{name}"
            assert {each.partition(":")[0] for each in given} <= options, f"{message_id}: /{called}"


def test_the_help_of_a_setting_is_the_protocols_own() -> None:
    shown = {name: STYLIZE_OPTIONS[name]() for name in STYLIZE_OPTIONS if name in KNOBS}
    assert shown == {name: KNOBS[name].help for name in shown}


def _path(qualified_name: str) -> list[str]:
    """The names on the way to a command, each with those before it."""
    names = qualified_name.split()
    return [" ".join(names[: n + 1]) for n in range(len(names))]

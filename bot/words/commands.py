"""What commands and their options are called in each language, and what Discord is told of that.

Rule: a name is what one types, so a sentence of the catalogues writes a command as its readers have it; a test looks
each of them up.
"""

from typing import Any

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Location

from bot.languages import DEFAULT, LOCALES, speaking
from bot.words.catalogue import Phrase


def command_name(command: str) -> str:
    """What a command is called that has this name in the code, a subcommand by its whole path."""
    return _command(command)()


def whole_name(command: str) -> str:
    """What one types for a command, of a subcommand with those that it belongs to."""
    words = command.split()
    return " ".join(command_name(" ".join(words[: n + 1])) for n in range(len(words)))


def option_name(option: str) -> str:
    """What an option of a command is called."""
    return _option(option)()


def _command(command: str) -> Phrase:
    return Phrase(f"commands-{command.replace(' ', '-')}")


def _option(option: str) -> Phrase:
    return Phrase(f"commands-option-{option.replace('_', '-')}")


class CommandTranslator(app_commands.Translator):
    """Tells Discord the names and descriptions of commands in every language but English, which all others see."""

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: Any, /
    ) -> str | None:
        """A text of a command for a locale of Discord's, or None if it is to see the English one."""
        language = LOCALES.get(locale, DEFAULT)
        if language is DEFAULT:
            return None
        with speaking(language):
            if (phrase := _phrase_of(string, context)) is not None and phrase.is_known:
                return phrase(**string.extras.get("facts", {}))
        return None


def _phrase_of(string: app_commands.locale_str, context: Any) -> Phrase | None:
    if (message_id := string.extras.get("id")) is not None:
        return Phrase(message_id)
    match context.location:
        case Location.command_name | Location.group_name:
            return _command(context.data.qualified_name)
        case Location.parameter_name:
            return _option(context.data.name)
    return None

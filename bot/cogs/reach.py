"""Where a command is offered: everywhere, in direct messages with the bot too, or only in servers that have invited it.

Rule: a command that says nothing is one of servers, as the client has it; what belongs to nobody's server says so here.
"""

from typing import TypeVar

from discord import app_commands

T = TypeVar("T")

IN_SERVERS = app_commands.AppCommandContext(guild=True, dm_channel=False, private_channel=False)
BY_SERVERS = app_commands.AppInstallationType(guild=True, user=False)
EVERYWHERE = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=True)
BY_ANYBODY = app_commands.AppInstallationType(guild=True, user=True)
# What only the bot's own word to Discord can do, and so not an interaction's token.
WHERE_IT_IS = app_commands.AppCommandContext(guild=True, dm_channel=True, private_channel=False)
NEEDS = "needs"  # in the extras of a subcommand: a permission that the bot asks for, as Discord knows whole commands only


def everywhere(command: T) -> T:
    """Offer a command wherever members are: in servers, in direct messages, and to who has installed it for themselves."""
    installed = app_commands.allowed_installs(guilds=True, users=True)(command)
    return app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(installed)

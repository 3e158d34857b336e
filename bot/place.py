"""Where a picture is asked for and shown: a server's channel, a direct message, or an interaction alone.

Rule: nothing that is kept of a picture needs a server or a channel. Where the bot cannot write into the
channel by itself, because only an interaction's token opens it, there is none, and the member is written to
directly.
"""

from dataclasses import dataclass

import discord


@dataclass(frozen=True)
class Place:
    """A place by its ids; a direct message has a channel and no server."""

    server_id: int | None = None
    channel_id: int | None = None

    @classmethod
    def of(cls, interaction: discord.Interaction) -> "Place":
        """Where somebody has given a command or clicked."""
        by_token = interaction.is_user_integration() and not interaction.is_guild_integration()
        reachable = interaction.context.dm_channel or not by_token
        return cls(interaction.guild_id, interaction.channel_id if reachable else None)

    @property
    def is_by_token(self) -> bool:
        """Whether only an interaction's token opens it: there is no channel that the bot can write into by itself."""
        return self.channel_id is None

    @property
    def is_personal(self) -> bool:
        """Whether a member asks for themselves alone: in a direct message, or where only they have installed the bot."""
        return self.server_id is None or self.is_by_token

    @property
    def home_id(self) -> int | None:
        """The server whose pictures are listed and whose words hold here; None where a member asks for themselves."""
        return None if self.is_personal else self.server_id

    def group(self, user_id: int) -> str:
        """Among whom the engine shares its queue fairly: the servers, and every member who asks for themselves."""
        return str(user_id if self.is_personal else self.server_id)

    def server(self, client: discord.Client) -> discord.Guild | None:
        """The server, if the bot is in it."""
        return client.get_guild(self.server_id) if self.server_id is not None else None

    def upload_limit(self, client: discord.Client) -> int:
        """Bytes that a file of the bot's may have here."""
        server = self.server(client)
        return server.filesize_limit if server is not None else discord.utils.DEFAULT_FILE_SIZE_LIMIT_BYTES

    def channel(self, client: discord.Client) -> discord.PartialMessageable | None:
        """The channel, if the bot can write into it."""
        if self.channel_id is None:
            return None
        return client.get_partial_messageable(self.channel_id, guild_id=self.server_id)

    def link(self, message_id: int) -> str | None:
        """The address of a message here, if there is a channel."""
        if self.channel_id is None:
            return None
        return f"https://discord.com/channels/{self.server_id or '@me'}/{self.channel_id}/{message_id}"

    def message(self, client: discord.Client, message_id: int) -> discord.PartialMessage | None:
        """A message here, as the bot itself may edit it at any time."""
        channel = self.channel(client)
        return channel.get_partial_message(message_id) if channel is not None else None

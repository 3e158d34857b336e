"""What the bot has in the channel of a stand-in."""

from simcord.backend.models import Message
from simcord.builders import ChannelHandle

from demo.standin import StandIn


def messages(discord: StandIn, channel: ChannelHandle | None = None) -> list[Message]:
    """The bot's messages, oldest first."""
    backend = discord.world.backend
    found = backend.messages[(channel or discord.studio).id].values()
    return [message for message in found if message.author_id == backend.bot_user.id]


def pressable(discord: StandIn, label: str, channel: ChannelHandle | None = None) -> list[Message]:
    """Those with a button of this label: open tickets have "Cancel", results "More style"."""
    return [message for message in messages(discord, channel) if label in _labels(message)]


def _labels(message: Message) -> set[str]:
    return {item.get("label", "") for row in message.components for item in row.get("components", [])}

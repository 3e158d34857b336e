"""One cog for each thing a member wants to do."""

from bot.cogs.provenance import Provenance
from bot.cogs.reactions import Reactions
from bot.cogs.stop import Stop
from bot.cogs.styles import Styles
from bot.cogs.stylize import Stylize
from bot.cogs.tidy import Tidy

COGS = (Stylize, Reactions, Stop, Provenance, Styles, Tidy)

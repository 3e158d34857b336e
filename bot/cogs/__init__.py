"""One cog for each thing a member wants to do."""

from bot.cogs.jobs import Jobs
from bot.cogs.reactions import Reactions
from bot.cogs.recipe import Recipe
from bot.cogs.styles import Styles
from bot.cogs.stylize import Stylize

COGS = (Stylize, Reactions, Jobs, Recipe, Styles)

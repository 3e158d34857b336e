"""Who is in the stories of a server's own styles."""

import discord
import pytest
from simcord.actors import MemberActor

from tests.bot.world import World


@pytest.fixture
def mia(world: World) -> MemberActor:
    """She moderates."""
    moderating = world.guild.create_role("Staff", permissions=discord.Permissions(manage_messages=True))
    return world.guild.add_member(world.env.create_user("mia"), roles=[moderating])

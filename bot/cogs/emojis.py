"""Keep the studies at hand as emojis of the application: what they are is `bot.styles.emojis`."""

import asyncio

from discord.ext import commands, tasks

from bot.studio import Studio, StudioClient

LOOK_MINUTES = 30.0


class Emojis(commands.Cog):
    """Looks when a session begins, and every now and then."""

    def __init__(self, studio: Studio, client: StudioClient) -> None:
        self._studio, self._client = studio, client

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """The application is known."""
        if self._studio.config.study_emojis and not self._look.is_running():
            self._look.start()

    async def cog_unload(self) -> None:
        """Look no more."""
        looking = self._look.get_task()
        self._look.cancel()
        if looking is not None:
            await asyncio.gather(looking, return_exceptions=True)

    @tasks.loop(minutes=LOOK_MINUTES)
    async def _look(self) -> None:
        await self._studio.emojis.refresh()

"""`python -m demo`: Atelier on this machine, in a Discord-like channel that paints its first picture by itself.

Everything is opened in one place and closed in reverse. Whatever goes wrong is one sentence and exit code 1.
"""

import argparse
import asyncio
import shutil
import signal
import sys
import time
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

from rich.console import Console

from demo.album import Album
from demo.first_picture import FirstPicture, PictureError, post_photos
from demo.page import PageError, listen, page
from demo.processes import BOT_SECONDS, Child, ChildError, Crew, running
from demo.standin import StandIn, stand_in

MARK = "atelier.toml"  # what a folder holds that an earlier run of the demo has made
LOOK_SECONDS = 0.5
INTERRUPTED = 130  # what shells make of Ctrl-C


class FolderError(Exception):
    """The output folder cannot be used; the text is one sentence."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the demo until it is over or Ctrl-C; the exit code."""
    options = _parser().parse_args(arguments)
    console = Console(highlight=False, soft_wrap=True)
    try:
        finished = asyncio.run(_until_stopped(options, console))
    except (FolderError, ChildError, PageError, PictureError, OSError) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    return INTERRUPTED if options.once and not finished else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m demo", description="Show Atelier in a Discord-like channel on this machine."
    )
    parser.add_argument("--port", type=int, default=0, help="of the page; left out, any free one")
    parser.add_argument("--once", action="store_true", help="stop after the first picture")
    parser.add_argument(
        "--output", type=Path, default=Path("demo-output"), help="a folder for all that it makes"
    )
    return parser


async def _until_stopped(options: argparse.Namespace, console: Console) -> bool:
    """Run, and end quietly on Ctrl-C or a request to terminate; whether it came to its own end."""
    showing = asyncio.create_task(_show(options, console), name="demo")
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, showing.cancel)
    with suppress(asyncio.CancelledError):
        await showing
        return True
    return False


async def _show(options: argparse.Namespace, console: Console) -> None:
    folder: Path = options.output
    listener = listen(options.port)
    _clear(folder)
    crew = Crew.assemble(folder)
    began = time.monotonic()
    async with AsyncExitStack() as opened:
        opened.callback(listener.close)
        engine = opened.enter_context(running(crew.engine()))
        discord = await opened.enter_async_context(stand_in())
        album = Album(discord.world, folder)
        address = await opened.enter_async_context(page(discord, listener))
        opened.callback(console.print, "Stopping.")
        console.print(f"Starting the engine and the bot; their logs are in {folder}.")
        # In this order, or the bot would not know the paintings yet when the first photos are posted.
        await _watched((engine,), crew.engine_ready(engine))
        bot = opened.enter_context(running(crew.bot(discord.origin)))
        await _watched((engine, bot), _ready(bot, discord))
        console.print(f"Ready after {time.monotonic() - began:.0f} s. Watch the channel at\n  {address}")
        await _watched((engine, bot), _paint(discord, album, console))
        if not options.once:
            console.print(
                "Try it in the page: post a picture, tap a painting below it, or type /stylize. Ctrl-C ends the demo."
            )
            await _watched((engine, bot), asyncio.Event().wait())


async def _ready(bot: Child, discord: StandIn) -> None:
    try:
        await discord.ready(BOT_SECONDS)
        await discord.set_up()
    except TimeoutError:
        raise ChildError(f"The bot was not ready after {BOT_SECONDS:.0f} s; its log is {bot.log}.") from None


async def _paint(discord: StandIn, album: Album, console: Console) -> None:
    await post_photos(discord)
    story = FirstPicture(discord, album)
    await story.ask()
    console.print("Alice has asked for a painting of her cat.")
    console.print(f"The first frame was in the channel after {await story.first_frame():.1f} s.")
    console.print(f"The painting was in the channel after {await story.finished():.1f} s.")
    await story.tidied()
    console.print(
        f"See {album.paintings[0]}, {len(album.frames)} frames in {album.folder / 'frames'} and"
        f" {album.transcript}."
    )


async def _watched(children: Sequence[Child], work: Coroutine[Any, Any, object]) -> None:
    """Do the work while the children run. Raises ChildError as soon as one of them does not."""
    task = asyncio.create_task(work, name="demo work")
    try:
        while not task.done():
            await asyncio.wait((task,), timeout=LOOK_SECONDS)
            for child in children:
                child.check()
    finally:
        task.cancel()
        await asyncio.wait((task,))
    task.result()


def _clear(folder: Path) -> None:
    """Make room in the output folder. Raises FolderError rather than remove what is not the demo's."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).is_file():
        raise FolderError(f"{folder} holds something else: name an empty folder with --output.")
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())

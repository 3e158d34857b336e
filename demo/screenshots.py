"""`python -m demo.screenshots FOLDER`: the demo's page at two widths, each experience once, as pictures to look at.

The story is played by the page alone, as a member would, in a fresh server; needs playwright and a Chromium.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page, async_playwright

from demo.first_picture import post_photos
from demo.page import page
from demo.processes import BOT_SECONDS, Crew, running
from demo.standin import StandIn, stand_in

SIZES = {"wide": (1280, 900), "narrow": (390, 844)}
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
)
WAIT_MS = 60_000.0


@dataclass(frozen=True)
class Camera:
    """A browser window of one width, and where its pictures go."""

    page: Page
    folder: Path
    width: str

    async def go(self, *place: str) -> None:
        """Be somebody somewhere: a member and a channel."""
        await self.page.evaluate("place => location.hash = place", "#/" + "/".join(place))

    async def shoot(self, name: str) -> None:
        """Take a picture once nothing moves any more."""
        await self.page.wait_for_timeout(500)
        await self.page.screenshot(path=self.folder / f"{name}-{self.width}.png")

    async def dismiss(self) -> None:
        """Close what lies above the channel."""
        await self.page.keyboard.press("Escape")

    async def menu_of(self, text: str) -> None:
        """Open the menu of the newest message with this text."""
        row = self.page.locator("article.message", has_text=text).last
        await row.hover()
        await row.locator("[data-do=more]").click()


async def channel(camera: Camera) -> None:
    """The channel, the menus of its messages, what can be posted, and a command with its options."""
    seen = camera.page
    await camera.go("alice", "studio")
    await seen.locator("article.message").last.locator(".chip").nth(8).wait_for()
    await camera.shoot("channel")
    await camera.menu_of("Monday")
    await camera.shoot("message-menu")
    await camera.dismiss()
    await seen.get_by_role("button", name="Add a picture").click()
    await camera.shoot("add-a-picture")
    await seen.get_by_role("button", name="The demo's rocket.jpg").click()
    await camera.shoot("composer")
    await seen.get_by_role("button", name="Remove rocket.jpg").click()
    await seen.get_by_label("Message #studio").press_sequentially("/")
    await camera.shoot("commands")
    await seen.get_by_label("Message #studio").press_sequentially("stylize")
    await seen.keyboard.press("Enter")
    await seen.locator("[data-option=content] [aria-label*='chelsea']").click()
    await seen.locator("[data-option=style] input").click()
    await camera.shoot("command")
    await seen.get_by_role("button", name="Cancel").click()


async def people(camera: Camera) -> None:
    """Who one can be, and the direct messages."""
    seen = camera.page
    if camera.width == "narrow":
        await seen.get_by_role("button", name="Channels and members").click()
        await camera.shoot("channels")
    await seen.locator("#side .me").click()
    await camera.shoot("people")
    await camera.dismiss()
    await camera.go("mia", "@me")
    await camera.shoot("direct-messages")


async def painting(camera: Camera) -> None:
    """From a choice of styles to the painting, and what its buttons answer."""
    seen = camera.page
    await camera.go("alice", "studio")
    await camera.menu_of("My hero")
    await seen.get_by_role("menuitem", name="Stylize this image").click()
    await seen.locator("article.private .select").last.click()
    await camera.shoot("styles")
    await seen.get_by_role("option").nth(1).click()
    await seen.locator("img[alt*='being painted']").last.wait_for()
    await camera.shoot("painting")
    await seen.get_by_role("button", name="Stop, keep this").last.click()
    await seen.get_by_role("button", name="More style").last.wait_for()
    await camera.shoot("painted")


async def tapping(camera: Camera) -> None:
    """A tap below one's own photo, and the thread that the painting goes to."""
    seen = camera.page
    await camera.go("alice", "studio")
    row = seen.locator("article.message", has_text="My hero").first
    await row.get_by_role("button", name="The Scream").click()
    card = row.locator(".thread")
    await card.or_(seen.locator("img[alt*='being painted']")).last.wait_for()
    await camera.shoot("tapped")
    if await card.count():
        await card.click()
        await seen.locator("#thread .picture img").last.wait_for()
        await camera.shoot("thread")


async def settings(camera: Camera) -> None:
    """What the owner sees."""
    await camera.go("mia", "talk")
    seen = camera.page
    await seen.get_by_label("Message #talk").press_sequentially("/setup")
    await seen.keyboard.press("Enter")
    await seen.get_by_role("button", name="Send", exact=True).click()
    await seen.locator("article.private .select").last.wait_for()
    await camera.shoot("setup")
    await seen.locator("article.private .select").last.click()
    await camera.shoot("setup-menu")
    await camera.dismiss()


async def take(folder: Path, program: str) -> None:
    """Everything, at each width."""
    async with AsyncExitStack() as opened:
        playwright = await opened.enter_async_context(async_playwright())
        discord, address = await opened.enter_async_context(_world(program))
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        await post_photos(discord)
        for width, (across, down) in SIZES.items():
            context = await browser.new_context(
                viewport={"width": across, "height": down},
                color_scheme="dark",
                has_touch=width == "narrow",
            )
            context.set_default_timeout(WAIT_MS)
            window = await context.new_page()
            await window.goto(address)
            camera = Camera(window, folder, width)
            for scene in (channel, people, painting, tapping, settings):
                await scene(camera)
            await context.close()
        await browser.close()


@asynccontextmanager
async def _world(program: str) -> AsyncIterator[tuple[StandIn, str]]:
    """The stand-in with a bot and an engine, and the address of its page."""
    async with AsyncExitStack() as opened:
        crew = Crew.assemble(Path(opened.enter_context(tempfile.TemporaryDirectory())))
        engine = opened.enter_context(running(crew.engine(program)))
        discord = await opened.enter_async_context(stand_in())
        await crew.engine_ready(engine)
        opened.enter_context(running(crew.bot(discord.origin)))
        await discord.ready(BOT_SECONDS)
        await discord.set_up()
        yield discord, await opened.enter_async_context(page(discord))


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the pictures; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m demo.screenshots")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine", default="engine", metavar="PROGRAM", help="what runs as the engine")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(options.folder, options.engine))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A browser window on the demo's page, and what a member does in it with mouse, finger and keys.

Rule: whatever is done goes through what can be seen there, never past it.
"""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Locator, Page, async_playwright

SIZES = {"wide": (1280, 900), "narrow": (390, 844)}
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
)
WAIT_MS = 60_000.0
PAINTING_MS = 900_000.0  # for a painting on a processor that others use too
ASIDE = 26  # pixels from the corner: nothing is hovered over there
QUALITY = 70  # of JPEG


@dataclass(frozen=True)
class Camera:
    """A window of one width, and where its pictures go."""

    page: Page
    folder: Path
    width: str

    @property
    def is_narrow(self) -> bool:
        """Whether it is as wide as a phone."""
        return self.width == "narrow"

    async def go(self, *place: str) -> None:
        """Be somebody somewhere: a member and a channel, perhaps a thread."""
        await self.page.evaluate("place => location.hash = place", "#/" + "/".join(place))
        await self.page.locator("#side .me").wait_for(state="attached")
        await self.page.wait_for_timeout(300)

    async def shoot(self, name: str) -> None:
        """Take a picture once nothing moves any more."""
        if not self.is_narrow:
            await self.page.mouse.move(ASIDE, ASIDE)
        await self.page.wait_for_timeout(500)
        path = self.folder / f"{name}-{self.width}.jpg"
        await self.page.screenshot(path=path, type="jpeg", quality=QUALITY)

    async def dismiss(self) -> None:
        """Close what lies above the channel."""
        await self.page.keyboard.press("Escape")

    def row(self, text: str) -> Locator:
        """The newest message of the channel that says this."""
        return self.page.locator(
            "#channel article.message", has=self.page.locator(".body", has_text=text)
        ).last

    async def menu_of(self, text: str) -> None:
        """Open the menu of the newest message with this text."""
        await self.row(text).hover()
        await self.row(text).locator("[data-do=more]").click()

    async def command(self, name: str) -> None:
        """Type a command into the channel that is open and choose it."""
        await self.page.locator("#channel textarea").press_sequentially(f"/{name}")
        await self.page.keyboard.press("Enter")

    async def give(self, name: str) -> Locator:
        """Give a command that needs nothing more, and wait for its private answer."""
        before = await self.newest()
        await self.command(name)
        await self.page.locator("#channel").get_by_role("button", name="Send", exact=True).click()
        return await self.answered(before)

    async def give_about(self, name: str, member: str) -> Locator:
        """Give a command about a member, and wait for its private answer."""
        before = await self.newest()
        await self.command(name)
        members = self.page.locator("[data-option=member] select")
        chosen = await members.locator("option", has_text=member).first.get_attribute("value")
        await members.select_option(chosen)
        await self.page.locator("#channel").get_by_role("button", name="Send", exact=True).click()
        return await self.answered(before)

    async def press(self, label: str, within: Locator) -> Locator:
        """Press a button that is answered in private, and wait for the answer."""
        before = await self.newest()
        await within.get_by_role("button", name=label, exact=True).last.click()
        return await self.answered(before)

    async def answered(self, before: str) -> Locator:
        """The private answer that is newer than message `before`, once the bot has thought."""
        newest = await self.page.wait_for_function(
            """(before) => {
                const last = [...document.querySelectorAll("article.private")].at(-1);
                const isAnswer = last && last.dataset.message !== before && !last.querySelector(".thinking");
                return isAnswer ? last.dataset.message : "";
            }""",
            arg=before,
        )
        return self.page.locator(f"article[data-message='{await newest.json_value()}']")

    async def newest(self) -> str:
        """The id of the newest private answer, if there is any."""
        rows = self.page.locator("article.private")
        return (await rows.last.get_attribute("data-message") or "") if await rows.count() else ""


@asynccontextmanager
async def cameras(address: str, folder: Path) -> AsyncIterator[list[Camera]]:
    """A window of each width on the page at `address`."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield [await _open(browser, address, folder, width) for width in SIZES]
        await browser.close()


async def _open(browser: Browser, address: str, folder: Path, width: str) -> Camera:
    across, down = SIZES[width]
    is_narrow = width == "narrow"
    context = await browser.new_context(
        viewport={"width": across, "height": down},
        color_scheme="dark",
        has_touch=is_narrow,
        is_mobile=is_narrow,
    )
    context.set_default_timeout(WAIT_MS)
    page = await context.new_page()
    await page.goto(address)
    return Camera(page, folder, width)

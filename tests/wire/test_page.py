"""The demo's page in a real browser: a member gives the command there and sees the painting."""

import base64
import io
from collections.abc import AsyncIterator

import pytest
from PIL import Image, ImageChops
from playwright.async_api import Page, async_playwright

from demo.first_picture import PHOTOS
from demo.page import page
from tests.wire.conftest import SECONDS, Scene

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# The picture as the browser shows it, as a PNG.
PIXELS = """image => {
    const canvas = document.createElement("canvas");
    canvas.width = image.naturalWidth;
    canvas.height = image.naturalHeight;
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL("image/png");
}"""


@pytest.fixture
async def browser_page(scene: Scene) -> AsyncIterator[Page]:
    """The page, open in Debian's Chromium."""
    async with page(scene.discord) as address, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        context = await browser.new_context(bypass_csp=True)
        context.set_default_timeout(SECONDS * 1000)
        opened = await context.new_page()
        await opened.goto(address)
        yield opened
        await browser.close()


async def test_a_command_given_in_the_page_ends_with_the_painting_in_it(
    scene: Scene, browser_page: Page
) -> None:
    await browser_page.locator("#channel-composer-input").press_sequentially("/stylize")
    await browser_page.keyboard.press("Enter")
    await give(browser_page, "content", "chelsea.png")
    await browser_page.locator(".command-ghost").click()
    await browser_page.get_by_role("option", name="style_image").click()
    await give(browser_page, "style_image", "coffee.png")
    await browser_page.locator("#send-message").click()
    await browser_page.locator("img[alt*='being painted']").first.wait_for()
    await browser_page.get_by_role("button", name="Stop, keep this").click()
    message = await scene.painted()
    shown = browser_page.locator(f"[data-message-id='{message.id}'] img[alt*='painted in the style']")
    await shown.wait_for()
    await browser_page.wait_for_function("image => image.naturalWidth > 0", arg=await shown.element_handle())
    data = (await shown.evaluate(PIXELS)).partition(",")[2]
    with (
        Image.open(io.BytesIO(base64.b64decode(data))) as seen,
        Image.open(scene.album.paintings[0]) as painting,
    ):
        assert seen.size == painting.size
        assert ImageChops.difference(seen.convert("RGB"), painting.convert("RGB")).getbbox() is None
        assert len(set(painting.convert("L").tobytes())) > 1, "not a plain surface"


async def give(browser_page: Page, option: str, name: str) -> None:
    """Choose a file for an attachment option of the command that is being typed."""
    await browser_page.locator(f"input.command-file-input[data-option={option}]").set_input_files(
        PHOTOS / name
    )

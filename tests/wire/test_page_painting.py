"""A painting from beginning to end in the page: the real bot and an engine that sketches, in a real browser."""

import io
import shutil
from collections.abc import AsyncIterator

import pytest
from PIL import Image
from playwright.async_api import Page, async_playwright

from demo.camera import ARGUMENTS
from demo.page import page
from tests.wire.conftest import SECONDS, Scene


@pytest.fixture
async def browser_page(scene: Scene) -> AsyncIterator[Page]:
    """The page, open as Alice's."""
    async with page(scene.discord) as address, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        opened = await browser.new_page()
        opened.set_default_timeout(SECONDS * 1000)
        await opened.goto(f"{address}#/alice/studio")
        yield opened
        await browser.close()


async def test_a_command_given_in_the_page_ends_with_the_painting_in_it(
    scene: Scene, browser_page: Page
) -> None:
    await browser_page.get_by_label("Message #studio").press_sequentially("/stylize")
    await browser_page.keyboard.press("Enter")
    await browser_page.locator("[data-option=content] [aria-label*='chelsea']").click()
    await browser_page.locator("[data-option=style] input").click()
    await browser_page.get_by_role("option", name="The Starry Night").click()
    await browser_page.get_by_role("button", name="+ recipe", exact=True).click()
    await browser_page.locator("[data-option=recipe] input").click()
    await browser_page.get_by_role("option", name="draft: a quick look, about").click()
    await browser_page.get_by_role("button", name="Send", exact=True).click()
    await browser_page.locator("img[alt*='being painted']").first.wait_for()
    message = await scene.painted()
    row = browser_page.locator(f"article.message[data-message='{message.id}']")
    shown = row.locator(".picture img")
    await shown.wait_for()
    await browser_page.wait_for_function("image => image.naturalWidth > 0", arg=await shown.element_handle())
    painting = scene.album.paintings[0].read_bytes()
    assert scene.discord.world.cdn.get(await shown.get_attribute("src") or "") == painting
    with Image.open(io.BytesIO(painting)) as image:
        assert await shown.evaluate("image => [image.naturalWidth, image.naturalHeight]") == list(image.size)
        assert len(set(image.convert("L").tobytes())) > 1, "not a plain surface"
    await row.hover()
    await row.locator("[data-do=more]").click()
    await browser_page.get_by_role("menuitem", name="How was this painted?").click()
    await browser_page.get_by_text("Only you can see this.").wait_for()

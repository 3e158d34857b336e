"""The operator's page in a real browser, on an engine whose workers say what they are told.

Rule: at the width of a desk and of a phone, light and dark, where a test is about that; else at one of them.
"""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from demo.camera import ARGUMENTS, SIZES
from engine.protocol import ErrorCode, Flow
from engine.service.routes import JOBS
from engine.workers.ipc import Stopped
from tests.engine.engine_process import TOKEN
from tests.engine.service.operation.operated import Operated, frame, job, operated

pytestmark = pytest.mark.asyncio(loop_scope="module")

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
REFUSED = "Failed to load resource: the server responded with a status of 401 (Unauthorized)"
FOCUSED = """(({ ariaLabel, innerText, id }) => ariaLabel || innerText || id)(document.activeElement)"""
# The least contrast of all texts that are seen, each with what is behind it.
CONTRAST = """() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const over = (top, below) => {
    const [r, g, b, a = 1] = channels(top);
    return [r, g, b].map((value, n) => value * a + below[n] * (1 - a));
  };
  const behind = (node) => {
    if (!node) return [255, 255, 255];
    return over(getComputedStyle(node).backgroundColor, behind(node.parentElement));
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  let least = [99, ""];
  for (const node of document.querySelectorAll("body *")) {
    const said = [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim());
    if (!said || !node.checkVisibility() || node.disabled) continue;
    const ground = behind(node);
    const [one, two] = [light(over(getComputedStyle(node).color, ground)), light(ground)].sort((a, b) => b - a);
    const contrast = (one + 0.05) / (two + 0.05);
    if (contrast < least[0]) least = [contrast, node.outerHTML.slice(0, 80)];
  }
  return least;
}"""


@dataclass
class Desk:
    """An engine, and a browser to look at it."""

    engine: Operated
    browser: Browser

    async def window(self, width: str = "wide") -> "Window":
        """A new window, where nobody has signed in."""
        across, down = SIZES[width]
        context = await self.browser.new_context(
            viewport={"width": across, "height": down},
            has_touch=width == "narrow",
        )
        context.set_default_timeout(60_000)  # only a failure takes so long
        window = Window(await context.new_page())
        window.page.on("console", lambda said: window.complaints.append(said.text))
        window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
        window.page.on("request", lambda request: window.asked.append(request.url))
        await window.page.goto(self.engine.url)
        return window


@dataclass
class Window:
    """A window on the page; nothing in it may fail but a request without the token."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def sign_in(self, token: str = TOKEN) -> None:
        await self.page.get_by_label("The engine’s token").fill(token)
        await self.page.keyboard.press("Enter")

    async def close(self) -> None:
        assert [said for said in self.complaints if said != REFUSED] == []
        assert not [url for url in self.asked if "token" in url]
        await self.page.context.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Desk]:
    """One for all tests."""
    folder: Path = tmp_path_factory.mktemp("operated") / "data"
    async with operated(folder) as engine, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        await engine.paint("great_wave", 1, 30)
        await engine.fail("udnie", 2, ErrorCode.OUT_OF_MEMORY)
        engine.remember()
        yield Desk(engine, browser)
        await browser.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def signed_in(desk: Desk) -> AsyncIterator[Window]:
    """A window at a desk, where somebody has signed in; one for all tests."""
    window = await desk.window()
    await window.sign_in()
    yield window
    await window.close()


@pytest_asyncio.fixture(loop_scope="module")
async def seen(desk: Desk, signed_in: Window) -> AsyncIterator[Page]:
    """Its page, where all is well."""
    await expect(signed_in.page.get_by_role("heading", level=1, name="All is well")).to_be_visible()
    yield signed_in.page
    await desk.engine.app[JOBS].steer(Flow.OPEN)


async def test_a_wrong_token_sees_nothing(desk: Desk) -> None:
    window = await desk.window()
    for token in ("wrong", "Ωmega", TOKEN + "x"):
        await window.sign_in(token)
        await expect(window.page.get_by_role("alert")).to_have_text("That is not this engine’s token.")
        assert await window.page.locator("#studio").is_hidden()
        text = await window.page.locator("#studio").text_content()
        assert "kanagawa" not in (text or "").lower()
        assert await window.page.evaluate("sessionStorage.length + localStorage.length") == 0
    assert not [url for url in window.asked if "/previews/" in url or "/result" in url]
    await window.sign_in()
    await expect(window.page.get_by_role("heading", level=1, name="All is well")).to_be_visible()
    await window.page.reload()  # the tab knows it
    await expect(window.page.get_by_role("heading", level=1, name="All is well")).to_be_visible()
    assert TOKEN not in window.page.url
    assert await window.page.evaluate("Object.keys(localStorage).length") == 0
    await window.page.get_by_role("button", name="Sign out").click()
    await expect(window.page.get_by_label("The engine’s token")).to_be_focused()
    assert "kanagawa" not in (await window.page.text_content("body") or "").lower()
    assert await window.page.evaluate("sessionStorage.length") == 0
    await window.close()


async def test_frames_appear_as_they_come_and_results_and_failures_are_shown(desk: Desk, seen: Page) -> None:
    (name,) = await desk.engine.admit(job("starry_night", 3))
    painter = await desk.engine.painter_of(name)
    easel = seen.locator("#workers .easel")
    await expect(easel).to_contain_text("The Starry Night")
    shown: set[str | None] = set()
    for number, done in enumerate((0.25, 0.5, 0.75)):
        painter.say(frame(done, 60 * number))
        await expect(easel).to_contain_text(f"{round(done * 100)} %")
        picture = easel.get_by_role("img")
        await seen.wait_for_function(
            "([image, old]) => image.complete && image.naturalWidth > 0 && !old.includes(image.src)",
            arg=[await picture.element_handle(), list(shown)],
        )
        shown.add(await picture.get_attribute("src"))
    assert len(shown) == 3
    result = seen.get_by_role("button", name="Look at Under the Wave off Kanagawa")
    await expect(result.get_by_role("img")).to_be_visible()
    await result.click()
    await expect(seen.get_by_role("dialog").get_by_role("img")).to_be_visible()
    await seen.keyboard.press("Escape")
    failed = seen.get_by_role("region", name="Failed lately")
    await expect(failed).to_contain_text("The picture needs more memory than there is: try a smaller size.")
    await expect(failed).to_contain_text("out_of_memory")
    await seen.get_by_label("Show pictures").uncheck()
    await expect(seen.locator("#workers img")).to_be_hidden()
    assert await seen.locator("img[src^=blob]").count() == 0
    await seen.get_by_label("Show pictures").check()
    await expect(seen.locator("#workers img")).to_be_visible()
    await desk.engine.app[JOBS].cancel(name)
    painter.say(Stopped())
    await expect(easel).to_have_count(0)


async def test_a_job_is_cancelled_by_pressing_twice(desk: Desk, seen: Page) -> None:
    names = await desk.engine.admit(*(job("the_scream", 4) for _ in range(3)))
    row = seen.locator("#queue li")
    await expect(seen.locator(".easel")).to_have_count(2)  # before that another one may be the one that waits
    await expect(row).to_contain_text("The Scream")
    await expect(row).to_contain_text("member 310245117765124100")
    await row.get_by_role("button").click()
    assert (await desk.engine.app[JOBS].view(names[2])).state == "queued"  # pressed once
    await row.get_by_role("button", name="Really cancel").press("Enter")
    await expect(row).to_have_count(0)
    assert (await desk.engine.app[JOBS].view(names[2])).state == "cancelled"
    painted = {name: await desk.engine.painter_of(name) for name in names[:2]}
    while painted:
        button = seen.locator("#workers").get_by_role("button").first
        await button.press("Enter")
        await button.press("Enter")
        await expect(seen.locator(".easel")).to_have_count(len(painted) - 1)
        states = {name: (await desk.engine.app[JOBS].view(name)).state for name in painted}
        (over,) = (name for name, state in states.items() if state == "cancelled")
        painted.pop(over).say(Stopped())
    assert {(await desk.engine.app[JOBS].view(name)).state for name in names} == {"cancelled"}


async def test_pause_resume_and_drain(desk: Desk, seen: Page) -> None:
    jobs, heading = desk.engine.app[JOBS], seen.get_by_role("heading", level=1)
    begun = sum(len(worker.batches) for worker in desk.engine.workers)
    await seen.get_by_role("button", name="Pause").click()
    await expect(heading).to_have_text("Paused")
    (name,) = await desk.engine.admit(job("water_lilies", 5))
    await expect(seen.locator("#queue li")).to_contain_text("paused")
    assert await seen.locator("#status button:visible").all_text_contents() == ["Resume", "Drain"]
    assert sum(len(worker.batches) for worker in desk.engine.workers) == begun
    await seen.get_by_role("button", name="Drain").click()
    await expect(heading).to_have_text("Draining")
    painter = await desk.engine.painter_of(name)  # what is there is painted
    await jobs.cancel(name)
    painter.say(Stopped())
    await expect(heading).to_have_text("Drained")
    assert await seen.get_by_role("button", name="Drain").count() == 0  # of no use now
    await expect(seen.get_by_role("button", name="Resume")).to_be_focused()
    await seen.keyboard.press("Enter")
    await expect(heading).to_have_text("All is well")
    assert await seen.get_by_role("button", name="Resume").count() == 0


async def test_it_is_gone_through_by_keyboard(desk: Desk, seen: Page) -> None:
    names = await desk.engine.admit(*(job("udnie", 6) for _ in range(3)))
    await expect(seen.locator("#queue li")).to_have_count(1)
    await seen.reload()
    await expect(seen.locator("#queue li")).to_have_count(1)
    order = []
    for _ in range(8):
        await seen.keyboard.press("Tab")
        order.append((await seen.evaluate(FOCUSED)).split(" for ")[0])
    assert order[:7] == ["pictures", "Sign out", "Pause", "Drain", *["Cancel Udnie"] * 3]
    assert order[7] == "Look at Under the Wave off Kanagawa"
    for name in names:
        await desk.engine.app[JOBS].cancel(name)
    for worker in desk.engine.workers:
        worker.say(Stopped())


@pytest.mark.parametrize("width", list(SIZES))
async def test_it_fits_and_can_be_read(desk: Desk, width: str) -> None:
    window = await desk.window(width)
    page = window.page
    await page.get_by_label("The engine’s token").wait_for()
    assert (await page.evaluate(CONTRAST))[0] >= 4.5
    await window.sign_in()
    await page.locator("#plots polyline").first.wait_for()
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        for mood in ("well", "notice", "warning", "trouble", "lost"):
            await page.locator("#status").evaluate("(status, mood) => { status.dataset.mood = mood; }", mood)
            contrast, where = await page.evaluate(CONTRAST)
            assert contrast >= 4.5, (scheme, mood, where)
    assert await page.evaluate("document.documentElement.scrollWidth") == SIZES[width][0]
    await window.close()


async def test_whoever_is_no_operator_gets_the_empty_page_alone(desk: Desk) -> None:
    async with aiohttp.ClientSession(desk.engine.url, headers={"Authorization": "Bearer wrong"}) as session:
        for method, path in (
            ("GET", "/v1/overview"),
            ("GET", "/v1/overview/events"),
            ("GET", "/v1/history"),
            ("POST", "/v1/pause"),
            ("POST", "/v1/drain"),
            ("POST", "/v1/resume"),
        ):
            async with session.request(method, path) as answer:
                assert answer.status == 401
        for path, status in (
            ("/", 200),
            ("/page/page.js", 200),
            ("/page/routes.py", 401),
            ("/page/..%2Froutes.py", 401),
        ):
            async with session.get(path) as answer:
                assert answer.status == status, path
                policy = answer.headers.get("Content-Security-Policy", "")
                assert status != 200 or ("frame-ancestors 'none'" in policy and "unsafe" not in policy)

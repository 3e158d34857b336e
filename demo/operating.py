"""`python -m demo.operating FOLDER`: the operator's page of an engine at work, as pictures for the documents.

A real engine paints for a few members whom nobody knows; nothing is seen but what its operator sees. Needs playwright and a
Chromium.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Literal

import aiohttp
from playwright.async_api import Page, async_playwright

from demo.camera import ARGUMENTS, PAINTING_MS, QUALITY, SIZES
from demo.first_picture import PHOTOS
from demo.processes import Crew, running
from engine.protocol import JobRequest, JobView, Owner, RecipeName, StyleChoice

SERVER = "812045117765124096"
MEMBERS = 310245117765124096
DONE = ("great_wave", "starry_night", "udnie", "the_scream", "water_lilies")  # before anybody looks
OPEN = ("woman_with_a_hat", "red_chalk_woman", "cherry_tree", "composition_vii")
CONTENTS = ("chelsea.png", "coffee.png", "astronaut.png", "rocket.jpg")
PICTURES: dict[str, tuple[str, Literal["light", "dark"]]] = {
    "operator-light-wide": ("wide", "light"),
    "operator-wide": ("wide", "dark"),
    "operator-narrow": ("narrow", "dark"),
}  # by name, how wide and in which colours


async def submit(session: aiohttp.ClientSession, number: int, style: str, size: int) -> str:
    """Ask for a picture; its job."""
    owner = Owner(group=SERVER, user=str(MEMBERS + number % len(OPEN)))
    wish = JobRequest(owner=owner, styles=(StyleChoice(name=style),), recipe=RecipeName.DRAFT, size=size)
    name = CONTENTS[number % len(CONTENTS)]
    form = aiohttp.FormData()
    form.add_field("request", wish.model_dump_json())
    form.add_field("content", (PHOTOS / name).read_bytes(), filename=name)
    async with session.post("/v1/jobs", data=form) as answer:
        return JobView.model_validate_json(await answer.read()).id


async def over(session: aiohttp.ClientSession, job: str) -> None:
    """Wait until a job is over, as its events tell."""
    async with session.get(f"/v1/jobs/{job}/events") as answer:
        await answer.read()


async def look(page: Page, url: str, token: str) -> None:
    """Open the page and sign in; wait for a frame and the results."""
    page.set_default_timeout(PAINTING_MS)
    await page.goto(url)
    await page.get_by_label("The engine’s token").fill(token)
    await page.keyboard.press("Enter")
    await page.locator("#results img:visible").nth(len(DONE) - 1).wait_for()
    await page.locator("#workers img:visible").first.wait_for()
    await page.locator("#plots polyline").first.wait_for()


async def main(folder: Path) -> None:
    """Take them all."""
    with tempfile.TemporaryDirectory() as data:
        crew = Crew.assemble(Path(data))
        url = f"http://127.0.0.1:{crew.port}"
        async with AsyncExitStack() as stack:
            engine = stack.enter_context(running(crew.engine()))
            await crew.engine_ready(engine)
            session = await stack.enter_async_context(
                aiohttp.ClientSession(
                    url,
                    headers={"Authorization": f"Bearer {crew.token}"},
                    timeout=aiohttp.ClientTimeout(total=None),
                )
            )
            playwright = await stack.enter_async_context(async_playwright())
            chromium = shutil.which("chromium")
            browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
            for number, style in enumerate(DONE):
                await over(session, await submit(session, number, style, 192))
            for number, style in enumerate(OPEN):
                await submit(session, number, style, 768)
            for name, (width, scheme) in PICTURES.items():
                across, down = SIZES[width]
                page = await browser.new_page(viewport={"width": across, "height": down}, color_scheme=scheme)
                await look(page, url, crew.token)
                path = folder / f"{name}.jpg"
                await page.screenshot(path=path, type="jpeg", quality=QUALITY, full_page=width == "wide")
                print(path)  # noqa: T201 - the command's output
                await page.close()
            await browser.close()


def parser() -> argparse.ArgumentParser:
    """What the command line may say."""
    top = argparse.ArgumentParser(prog="python -m demo.operating", description=__doc__)
    top.add_argument("folder", type=Path, help="where to write the pictures")
    return top


def run(arguments: Sequence[str] | None = None) -> int:
    """Take the pictures."""
    folder: Path = parser().parse_args(arguments).folder
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(folder))
    return 0


if __name__ == "__main__":
    sys.exit(run())

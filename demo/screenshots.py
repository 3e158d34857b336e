"""`python -m demo.screenshots FOLDER`: the demo's page at two widths, each experience once, as pictures to look at.

The story is played by the page alone, as members would, in a fresh server: what is painted is painted once, and looked at
in both windows. Needs playwright and a Chromium.
"""

import argparse
import asyncio
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

from playwright.async_api import Locator
from simcord.results import ResponseMessage

from bot.languages import Language
from bot.words import consent, museum, result, ticket
from bot.words import gallery as starred
from bot.words.audition import CHOOSE
from bot.words.setup import STEPS
from bot.words.week import MINE
from demo.camera import PAINTING_MS, SIZES, Camera, cameras
from demo.community import Community
from demo.first_picture import PHOTOS, post_photos
from demo.page import page
from demo.processes import BOT_SECONDS, Crew, running
from demo.standin import StandIn, stand_in

EXPERIENCES = (
    "audition",
    "styles",
    "channel",  # with its palette
    "style-question",
    "style-shown",
    "museum",
    "gallery",
    "top",
    "week",
    "week-mine",
    "week-collage",
    "duel",
    "duel-vote",
    "blocked",
    "purge",
    "off",
    "audit",
    "german-styles",
    "german-server",
    "direct-painted",
    "installed-painted",
)  # what a community does with it: docs/screenshots.md shows each at both widths
CHOSEN = (
    *(f"{name}-{width}" for name in EXPERIENCES for width in SIZES),
    *("painting-wide", "painted-wide", "thread-wide"),
    *("consent-narrow", "before-after-narrow", "moments-narrow", "setup-1-narrow"),
)  # what the documents show
SOMETHING = 35  # percent of a painting


async def channel(camera: Camera) -> None:
    """The channel, the menus of its messages, what can be posted, and a command with its options."""
    seen = camera.page
    await camera.go("alice", "studio")
    await seen.locator("article.message").last.locator(".chip").nth(3).wait_for()
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
    await seen.get_by_label("Message #studio").fill("")
    await camera.command("stylize")
    await seen.locator("[data-option=content] [aria-label*='chelsea']").click()
    await seen.locator("[data-option=style] input").click()
    await seen.get_by_role("option", name="The Starry Night").wait_for()
    await camera.shoot("command")
    await seen.get_by_role("button", name="Cancel").click()


async def people(camera: Camera) -> None:
    """Who one can be, and the direct messages."""
    seen = camera.page
    if camera.is_narrow:
        await seen.get_by_role("button", name="Channels and members").click()
        await camera.shoot("channels")
    await seen.locator("#side .me").click()
    await camera.shoot("people")
    await camera.dismiss()
    await camera.go("mia", "@me")
    await camera.shoot("direct-messages")


async def setting_up(windows: Sequence[Camera]) -> None:
    """What the owner does first, step by step; the art channel is #studio."""
    first = windows[0]
    for camera in windows:
        await camera.go("mia", "talk")
    panel = await first.give("setup")
    for step in range(1, len(STEPS) + 1):
        await panel.get_by_text(f"Step {step} of {len(STEPS)}").wait_for()
        if step == 1:
            await panel.locator(".select").first.click()
            await first.page.get_by_role("option", name="studio").click()
            if await (done := first.page.get_by_role("button", name="Done")).count():
                await done.click()
            await panel.get_by_text("#studio").last.wait_for()
        for camera in windows:
            await camera.shoot(f"setup-{step}")
        await panel.get_by_role("button", name="Done" if step == len(STEPS) else "Next", exact=True).click()
    for camera in windows:
        await camera.page.get_by_text("What is set here").wait_for()
        await camera.shoot("setup")


async def settings(camera: Camera) -> None:
    """What the owner sees later: a menu of the setup, and what is amiss."""
    await camera.page.locator("article.private .select").last.click()
    await camera.shoot("setup-menu")
    await camera.dismiss()
    await camera.give("check")
    await camera.shoot("check")


async def refusal(camera: Camera) -> None:
    """A message without a picture cannot be painted."""
    await camera.go("alice", "talk")
    await camera.page.get_by_label("Message #talk").fill("Good morning!")
    await camera.page.get_by_role("button", name="Send", exact=True).click()
    before = await camera.newest()
    await camera.menu_of("Good morning!")
    await camera.page.get_by_role("menuitem", name="Stylize this image").click()
    await camera.answered(before)
    await camera.shoot("refusal")


async def words(camera: Camera) -> None:
    """What is told in private: the guide, the paintings, what is deleted; and the form."""
    await camera.go("alice", "talk")
    await camera.give("help")
    await camera.shoot("help")
    await camera.give("styles")
    await camera.shoot("styles")
    await camera.give("privacy delete")
    await camera.shoot("privacy-delete")
    await camera.give("consent")
    await camera.shoot("consent-command")
    await camera.command("paint")
    await camera.page.locator("#channel").get_by_role("button", name="Send", exact=True).click()
    await camera.page.get_by_role("dialog", name="Paint a picture").wait_for()
    await camera.shoot("form")
    await camera.dismiss()


async def stylize(camera: Camera, command: str = "stylize") -> None:
    """Give the command with a cat and a painting."""
    await camera.command(command)
    await camera.page.locator("[data-option=content] [aria-label*='chelsea']").click()
    await camera.page.locator("[data-option=style] input").click()
    await camera.page.get_by_role("option", name="van Gogh").click()
    await camera.page.get_by_role("button", name="Send", exact=True).click()


async def asking(camera: Camera) -> None:
    """Alice gives a command, and another member taps a painting below a picture of hers."""
    seen = camera.page
    await camera.go("alice", "studio")
    await stylize(camera)
    await seen.locator("article.message", has_text=ticket.CANCEL()).last.wait_for()
    await camera.go("bob", "studio")
    await camera.row("My hero").get_by_role("button", name="The Scream").click()
    await seen.get_by_role("button", name=consent.ALWAYS()).wait_for()


async def asked(camera: Camera) -> None:
    """How that looks to Alice: a question, and a picture that waits."""
    await camera.go("alice", "studio")
    await camera.page.get_by_role("button", name=consent.ALWAYS()).wait_for()
    await camera.shoot("consent")


async def waiting(camera: Camera) -> None:
    """Who waits for what, while a picture develops."""
    answer = await camera.give("queue")
    await camera.shoot("queue")
    await answer.get_by_role("button", name="Dismiss").click()


async def painting(camera: Camera) -> None:
    """A picture that develops, once something can be seen of it."""
    developing = camera.row("In the style of").locator(".picture img")
    await developing.wait_for(timeout=PAINTING_MS)
    await camera.page.wait_for_function(
        """(least) => {
            const done = [...document.images].map((one) => /being painted.* (\\d+)% done/.exec(one.alt)?.[1]);
            return done.some((percent) => Number(percent) >= least) || done.every((percent) => !percent);
        }""",
        arg=SOMETHING,
        timeout=PAINTING_MS,
    )
    await camera.shoot("painting")


async def painted(camera: Camera) -> Locator:
    """The finished picture, with what can be pressed beneath it."""
    await camera.go("alice", "studio")
    row = camera.row("here it is")
    await row.get_by_role("button", name=result.MORE()).wait_for(timeout=PAINTING_MS)
    await row.scroll_into_view_if_needed()
    await camera.shoot("painted")
    return row


async def more(camera: Camera) -> None:
    """What else can be done with it."""
    row = await painted(camera)
    panel = await camera.press(result.MORE(), row)
    await camera.shoot("more")
    for label, name in (
        (result.COMPARISON, "before-after"),
        (result.TIMELAPSE, "time-lapse"),
        (result.MOMENTS, "moments"),
        (result.HOW, "how"),
        (result.AVATAR, "avatar"),
    ):
        await camera.press(label(), panel)
        await camera.shoot(name)
    await camera.press(result.OTHER_STYLE(), row)
    await camera.page.locator("article.private .select").last.click()
    await camera.shoot("other-style")
    await camera.dismiss()
    await camera.give("history")
    await camera.shoot("history")
    await camera.give("privacy show")
    await camera.shoot("privacy")


async def moderating(camera: Camera) -> None:
    """What a moderator does: keeps a member out, has many results go, switches everything off."""
    await camera.go("mia", "studio")
    await camera.give_about("block", "Noor")
    await camera.give("blocked")
    await camera.shoot("blocked")
    await camera.give_about("unblock", "Noor")
    await camera.give_about("purge member", "Alice")
    await camera.shoot("purge")
    await camera.give("off")
    await camera.shoot("off")
    await camera.give("on")


async def audit(camera: Camera) -> None:
    """What moderators have been told meanwhile."""
    await camera.go("mia", "mod-log")
    await camera.row("painted").wait_for()
    await camera.shoot("audit")


async def thread(camera: Camera) -> None:
    """The thread that the tap's painting went to."""
    await camera.go("alice", "studio")
    card = camera.row("My hero").locator(".thread")
    await card.wait_for(timeout=PAINTING_MS)
    await card.scroll_into_view_if_needed()
    await camera.shoot("tapped")
    await card.click()
    inside = camera.page.locator("#thread")
    await inside.get_by_role("button", name=result.MORE()).last.wait_for(timeout=PAINTING_MS)
    await camera.page.locator("#channel .thread").last.evaluate("card => card.scrollIntoView({block: 'end'})")
    await camera.shoot("thread")
    await camera.go("alice", "studio")


async def audition(discord: StandIn, windows: Sequence[Camera]) -> None:
    """One picture in all styles, to choose from."""
    picture = ("cat.png", (PHOTOS / "chelsea.png").read_bytes())
    await discord.alice.slash(discord.guild.channels["talk"], "audition", content=picture)
    for camera in windows:
        await camera.go("alice", "talk")
        await camera.row(CHOOSE()).wait_for(timeout=PAINTING_MS)
        await camera.row(CHOOSE()).locator("img").last.wait_for()
        await camera.row(CHOOSE()).scroll_into_view_if_needed()
        await camera.shoot("audition")


async def gallery(discord: StandIn, windows: Sequence[Camera]) -> None:
    """What members have starred: an entry with whose it is, who is on top, and what its author can do."""
    place = discord.guild.channels["gallery"]
    await discord.choose({"gallery_id": place}, stars_needed="2", star_account_days="0", stars_kept="1")
    stored = discord.world.backend.messages[discord.studio.id].values()
    shown = [
        ResponseMessage(discord.world, each) for each in stored if each.attachments and not each.flags & 64
    ]
    for message in (shown[0], shown[-1]):
        for member in (discord.alice, discord.bob, discord.mia):
            await member.set_reaction(message, "⭐", reacted=True)
    for camera in windows:
        await camera.go("alice", "gallery")
        await camera.page.get_by_role("button", name=starred.OUT()).nth(1).wait_for()
        await camera.page.get_by_role("button", name=starred.OUT()).last.scroll_into_view_if_needed()
        await camera.shoot("gallery")
    for camera in windows:  # once more: what is told in private would stand below the entries
        await camera.give("top")
        await camera.shoot("top")
        await camera.give("privacy gallery")
        await camera.shoot("privacy-gallery")


async def proposing(windows: Sequence[Camera]) -> None:
    """The owner would like Bob's picture to be a style of the server."""
    for camera in windows:
        seen = camera.page
        await camera.go("mia", "studio")
        await camera.menu_of("Last night from the beach")
        await seen.get_by_role("menuitem", name=museum.MENU()).click()
        form = seen.get_by_role("dialog", name=museum.TITLE())
        await form.get_by_label(museum.NAME[0]()).fill("Beach night")
        await form.get_by_label(museum.EMOJI[0]()).fill("🚀")
        await camera.shoot("style-form")
        if camera is windows[-1]:
            before = await camera.newest()
            await form.get_by_role("button", name="Submit").click()
            await camera.answered(before)
        else:
            await camera.dismiss()


async def asked_for_style(camera: Camera) -> None:
    """How Bob is asked."""
    await camera.go("bob", "studio")
    await camera.page.get_by_role("button", name=museum.YES()).wait_for()
    await camera.shoot("style-question")


async def museum_shown(camera: Camera) -> None:
    """The style on show, among the server's own, and how it is taken back."""
    await camera.go("bob", "studio")
    row = camera.row("under a picture in an art channel")
    await row.get_by_role("button", name=museum.TAKE_BACK()).wait_for()
    await row.scroll_into_view_if_needed()
    await camera.shoot("style-shown")
    await camera.give("museum show")
    await camera.shoot("museum")
    await camera.press(museum.TAKE_BACK(), row)
    await camera.shoot("style-taking-back")


async def community(windows: Sequence[Camera], discord: StandIn) -> None:
    """A style of the week from its announcement to its collage, and a duel from its challenge to the vote."""
    members = Community(discord)
    for play, place, text, name in (
        (members.begin_week, "gallery", "Have a picture of yours painted", "week"),
        (members.take_part, "gallery", "here it is", "week-painted"),
        (members.end_week, "gallery", "the style of the week, by", "week-collage"),
        (members.challenge, "talk", "challenges", "duel"),
        (members.fight, "talk", "Which one do you like better?", "duel-vote"),
    ):
        await play()
        for camera in windows:
            await camera.go("alice", place)
            await camera.row(text).locator("img").last.wait_for()
            await camera.row(text).scroll_into_view_if_needed()
            await camera.shoot(name)
            if name == "week-painted":
                await camera.press(MINE(), camera.row("Have a picture of yours painted"))
                await camera.shoot("week-mine")


async def directly(windows: Sequence[Camera]) -> None:
    """A picture that is sent to the bot alone, with the name of a painting."""
    first = windows[0]
    await first.go("alice", "@me")
    await first.page.get_by_role("button", name="Add a picture").click()
    await first.page.get_by_role("button", name="The demo's rocket.jpg").click()
    await first.page.locator("#channel textarea").fill("great wave")
    await first.page.locator("#channel").get_by_role("button", name="Send", exact=True).click()
    for camera in windows:
        await camera.go("alice", "@me")
        row = camera.row("here it is")
        await row.get_by_role("button", name=result.MORE()).wait_for(timeout=PAINTING_MS)
        await row.scroll_into_view_if_needed()
        await camera.shoot("direct-painted")
        await camera.give("help")
        await camera.shoot("direct-help")


async def installed(windows: Sequence[Camera], discord: StandIn) -> None:
    """A server that the bot is not in, where Alice has installed it for herself: it paints in its answer."""
    friends = discord.world.create_guild("Friends", owner=discord.alice.user)
    friends.add_member(discord.bob.user)
    discord.world.installs.channel("lounge", friends)
    async with page(replace(discord, guild=friends)) as address:
        for camera in windows:
            await camera.page.goto(address)
            await camera.go("alice", "lounge")
        await stylize(windows[0])
        for camera in windows:
            await camera.row("In the style of").locator(".picture img").wait_for(timeout=PAINTING_MS)
            await camera.shoot("installed-painting")
        for camera in windows:
            row = camera.row("here it is")
            await row.get_by_role("button", name=result.MORE()).wait_for(timeout=PAINTING_MS)
            await row.scroll_into_view_if_needed()
            await camera.shoot("installed-painted")
            await camera.give("help")
            await camera.shoot("installed-help")


async def german(windows: Sequence[Camera], discord: StandIn) -> None:
    """What Bob sees who uses Discord in German, in a server that speaks English; and then the server does, too."""
    discord.world.locales[discord.bob.id] = "de"
    for camera in windows:
        await camera.go("bob", "talk")
        await camera.page.get_by_label("Message #talk").press_sequentially("/")
        await camera.shoot("german-commands")
        await camera.page.get_by_label("Message #talk").fill("")
        await camera.give("hilfe")
        await camera.shoot("german-help")
        await camera.give("stile")
        await camera.shoot("german-styles")
    await discord.choose({}, language=Language.GERMAN.value)
    await windows[0].go("bob", "talk")
    await stylize(windows[0], "stilisieren")
    for camera in windows:
        await camera.go("bob", "talk")
        row = camera.row("hier ist es")
        await row.get_by_role("button", name="Mehr …").wait_for(timeout=PAINTING_MS)
        await row.scroll_into_view_if_needed()
        await camera.shoot("german-server")


async def take(folder: Path, program: str) -> None:
    """Everything, at each width."""
    async with AsyncExitStack() as opened:
        discord, address = await opened.enter_async_context(_world(program))
        windows = await opened.enter_async_context(cameras(address, folder))
        await setting_up(windows)
        await post_photos(discord)
        for scene in (settings, channel, people, words, refusal):
            for camera in windows:
                await scene(camera)
        await asking(windows[0])
        for camera in windows:
            await asked(camera)
        await windows[0].page.get_by_role("button", name=consent.ALWAYS()).click()
        await discord.choose({"audit_id": discord.open_log()})
        for scene in (painting, waiting, more, thread, moderating):
            for camera in windows:
                await scene(camera)
        await audition(discord, windows)
        await gallery(discord, windows)
        await proposing(windows)
        for camera in windows:
            await asked_for_style(camera)
        await windows[0].page.get_by_role("button", name=museum.YES()).click()
        for camera in windows:
            await museum_shown(camera)
        await community(windows, discord)
        for camera in windows:
            await audit(camera)
        await directly(windows)
        await german(windows, discord)
        await installed(windows, discord)


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
        yield discord, await opened.enter_async_context(page(discord))


def main(arguments: Sequence[str] | None = None) -> int:
    """Take the pictures; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m demo.screenshots")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--engine", default="engine", metavar="PROGRAM", help="what runs as the engine")
    parser.add_argument("--chosen", action="store_true", help="keep only those that the documents show")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that what was started is stopped
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(take(Path(folder) if options.chosen else options.folder, options.engine))
        if options.chosen:
            for name in CHOSEN:
                shutil.copy(Path(folder) / f"{name}.jpg", options.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())

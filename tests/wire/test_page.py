"""The demo's page in a real browser: each thing that can be done there, once.

Rule: at the width of a desk and of a phone where a test is about what the two show differently; else at one of them.
"""

import asyncio
import io
import secrets
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, Locator, Page, async_playwright, expect
from simcord.backend.models import Message
from simcord.builders import UserHandle

from demo.camera import ARGUMENTS, SIZES
from demo.page import PageError, listen, page
from demo.standin import StandIn, stand_in
from tests.wire.conftest import photo
from tests.wire.scripted_bot import ScriptedBot

pytestmark = pytest.mark.asyncio(loop_scope="module")

COMMANDS: list[dict[str, Any]] = [
    {"name": "help", "description": "What can be done here", "type": 1},
    {
        "name": "paint",
        "description": "Everything that an option can be",
        "type": 1,
        "options": [
            {"name": "picture", "description": "The picture to paint", "type": 11, "required": True},
            {"name": "title", "description": "What to call it", "type": 3},
            {"name": "style", "description": "Typed, with choices", "type": 3, "autocomplete": True},
            {
                "name": "recipe",
                "description": "Chosen",
                "type": 3,
                "choices": [{"name": "Fine", "value": "fine"}],
            },
            {"name": "strength", "description": "In percent", "type": 4, "min_value": 1, "max_value": 100},
            {"name": "scale", "description": "A factor", "type": 10},
            {"name": "quick", "description": "Or slow", "type": 5},
            {"name": "artist", "description": "Whose", "type": 6},
            {"name": "where", "description": "In which channel", "type": 7},
            {"name": "badge", "description": "For which role", "type": 8},
        ],
    },
    {
        "name": "privacy",
        "description": "What is kept",
        "type": 1,
        "options": [{"name": "show", "description": "Show it", "type": 1}],
    },
    {"name": "Stylize this image", "type": 3},
    {"name": "Paint their avatar", "type": 2},
]


@dataclass
class Stage:
    """A server with a scripted bot, and a browser to look at it."""

    discord: StandIn
    bot: ScriptedBot
    address: str
    browser: Browser

    def newest(self) -> Message:
        """The newest message of the studio."""
        return list(self.discord.world.backend.messages[self.discord.studio.id].values())[-1]


@dataclass
class Window:
    """The page as one of the members has it open; nothing in it may fail or break its policy."""

    stage: Stage
    page: Page
    complaints: list[str]

    def listen(self) -> None:
        """Hear of whatever goes wrong in it."""
        self.page.on("console", lambda said: self.complaints.append(said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    async def go(self, *place: str) -> None:
        """Be somebody, in a channel, in a thread."""
        await self.page.evaluate("place => location.hash = place", "#/" + "/".join(place))

    async def become(self, name: str) -> None:
        """Wait until one is this member."""
        await self.page.locator(f"#side .me[aria-label^='You are {name}']").wait_for(state="attached")

    def row(self, text: str) -> Locator:
        """The message with this text."""
        return self.page.locator("article.message", has_text=text).last

    async def menu_of(self, text: str) -> None:
        """Open the menu of a message."""
        await self.row(text).hover()
        await self.row(text).locator("[data-do=more]").click()

    async def overflow(self) -> int:
        """By how many pixels the page or its channel is wider than what shows it."""
        wide: int = await self.page.evaluate(
            """Math.max(...[document.documentElement, ...document.querySelectorAll(".scroller")]
                .map((box) => box.scrollWidth - box.clientWidth))"""
        )
        return wide


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage() -> AsyncIterator[Stage]:
    """One for all tests: each begins in empty channels."""
    async with stand_in() as discord, page(discord) as address, async_playwright() as playwright:
        bot = ScriptedBot(discord, COMMANDS)
        browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        yield Stage(discord, bot, address, browser)
        await browser.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def windows(stage: Stage) -> AsyncIterator[dict[str, Window]]:
    """One of each width for all tests, reloaded for each."""
    opened = {}
    for width, (across, down) in SIZES.items():
        context = await stage.browser.new_context(viewport={"width": across, "height": down})
        context.set_default_timeout(60_000)  # only a failure takes so long
        opened[width] = window = Window(stage, await context.new_page(), [])
        window.listen()
        await window.page.goto(f"{stage.address}#/alice/studio")
    yield opened
    for window in opened.values():
        await window.page.context.close()


@pytest_asyncio.fixture(loop_scope="module")
async def window(windows: dict[str, Window], request: pytest.FixtureRequest) -> AsyncIterator[Window]:
    """Alice in the studio, where nothing was said yet: a text finds the message of this test, not of the last."""
    window = windows[getattr(request, "param", "wide")]
    for said in window.stage.discord.world.backend.messages.values():
        said.clear()
    window.stage.bot.heard.clear()
    window.complaints.clear()
    await window.go("alice", "studio")
    await window.page.reload()
    await window.page.get_by_label("Message #studio").wait_for()
    yield window
    assert await window.overflow() == 0
    assert window.complaints == []


both_widths = pytest.mark.parametrize("window", list(SIZES), indirect=True)


def row_of(*controls: dict[str, Any]) -> list[dict[str, Any]]:
    """An action row."""
    return [{"type": 1, "components": list(controls)}]


def button(label: str, custom_id: str = "press") -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": label, "custom_id": custom_id}


def select(kind: int, **more: Any) -> list[dict[str, Any]]:
    return row_of({"type": kind, "custom_id": "select", "placeholder": "Choose one", **more})


def painted(colour: str, size: tuple[int, int] = (300, 200)) -> tuple[str, bytes]:
    """A plain picture."""
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return f"{colour}.png", buffer.getvalue()


@both_widths
async def test_pictures_are_posted_from_a_file_of_the_demo_and_by_drag_and_drop(window: Window) -> None:
    seen, (name, data) = window.page, photo("coffee.png")
    await seen.get_by_label("Pictures to post").set_input_files(
        {"name": name, "mimeType": "image/png", "buffer": data}
    )
    await seen.get_by_role("button", name="Add a picture").click()
    await seen.get_by_role("button", name="The demo's chelsea.png").click()
    await seen.get_by_role("button", name="Remove chelsea.png").wait_for()
    await seen.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["x"], "dropped.txt"));
            document.getElementById("channel").dispatchEvent(new DragEvent("drop", { dataTransfer: data }));
        }"""
    )
    await seen.get_by_role("button", name="Remove dropped.txt").click()
    await seen.locator(".thumb", has=seen.get_by_alt_text("coffee.png")).get_by_text("hide").click()
    await seen.get_by_label("Message #studio").fill("for @Bob")
    await seen.get_by_role("button", name="Send", exact=True).click()
    await expect(window.row("for @Bob").locator(".picture")).to_have_count(2)
    message = window.stage.newest()
    assert [one["filename"] for one in message.attachments] == ["SPOILER_coffee.png", "chelsea.png"]
    assert message.attachments[0]["size"] == len(data)
    assert message.mention_user_ids == [window.stage.discord.bob.id]
    spoiler = window.row("for @Bob").locator("[data-hidden=true]")
    await spoiler.click()
    await spoiler.click()
    await seen.locator("dialog.lightbox img").wait_for()


async def test_any_painting_can_be_reacted_with_and_chips_say_what_they_are(window: Window) -> None:
    message = window.stage.bot.post(window.stage.discord.studio, "react to me")
    await window.menu_of("react to me")
    await window.page.get_by_role("menuitem", name="React…").click()
    await window.page.get_by_role("menuitem", name="The Starry Night").click()
    chip = window.page.get_by_role("button", name="The Starry Night: 1 reaction, one of them yours")
    await chip.last.click()
    await expect(window.row("react to me").locator(".chip")).to_have_count(0)
    assert message.reactions == []


@both_widths
async def test_the_apps_of_messages_and_members(window: Window) -> None:
    bob = window.stage.discord.bob
    message = window.stage.bot.post(window.stage.discord.studio, f"menus for {bob.mention}")
    await window.menu_of("menus")
    await window.page.get_by_role("menuitem", name="Stylize this image").click()
    data = await window.stage.bot.hears()
    assert (data["name"], data["target_id"]) == ("Stylize this image", str(message.id))
    await window.row("menus").click(button="right")
    await window.page.get_by_role("menuitem", name="Stylize this image").wait_for()
    await window.page.keyboard.press("Escape")
    await window.row("menus").get_by_role("button", name="@Bob").click()
    await window.page.get_by_role("menuitem", name="Paint their avatar").click()
    assert (await window.stage.bot.hears(2))["target_id"] == str(bob.id)


@both_widths
async def test_a_command_is_given_with_every_kind_of_option(window: Window) -> None:
    seen = window.page
    await seen.get_by_label("Message #studio").press_sequentially("/pai")
    await seen.keyboard.press("Enter")
    await seen.get_by_role("button", name="Send", exact=True).click()
    await seen.get_by_text("Please add a picture.").wait_for()
    await seen.get_by_role("button", name="The demo's coffee.png").click()
    await expect(seen.get_by_role("button", name="Choose a picture…")).to_be_hidden()
    await expect(seen.get_by_text("Please add a picture.")).to_have_count(0)
    given = {"strength": "200", "scale": "1.5", "title": "Tea", "style": "night"}
    chosen = {"recipe": "Fine", "quick": "Yes", "artist": "@ Bob", "where": "# gallery", "badge": "@ Artist"}
    for name, value in given.items():
        await seen.get_by_role("button", name=f"+ {name}", exact=True).click()
        await seen.locator(f"[data-option={name}] input").fill(value)
    await seen.get_by_role("option", name="night, painted").click()
    for name, label in chosen.items():
        await seen.get_by_role("button", name=f"+ {name}", exact=True).click()
        options = await seen.locator(f"[data-option={name}] option").all_text_contents()
        await seen.locator(f"[data-option={name}] select").select_option(
            next(option for option in options if option.startswith(label))
        )
    await seen.get_by_role("button", name="Send", exact=True).click()
    await seen.locator("[data-option=strength] .wrong:not(:empty)").wait_for()
    await seen.locator("[data-option=strength] input").fill("70")
    await seen.get_by_role("button", name="Send", exact=True).click()
    await seen.get_by_label("Message #studio").wait_for()
    data = await window.stage.bot.hears()
    discord = window.stage.discord
    told = {option["name"]: option["value"] for option in data["options"]}
    picture = data["resolved"]["attachments"][told.pop("picture")]
    assert picture["size"] == len(photo("coffee.png")[1])
    assert told == {
        "strength": 70,
        "scale": 1.5,
        "title": "Tea",
        "style": "painted",
        "recipe": "fine",
        "quick": True,
        "artist": str(discord.bob.id),
        "where": str(discord.guild.channels["gallery"].id),
        "badge": str(discord.guild.roles["Artist"].id),
    }


@both_widths
async def test_a_modal_takes_words_choices_and_files(window: Window) -> None:
    label = {"type": 18, "id": 1}
    upload = {"type": 19, "id": 2, "custom_id": "files", "min_values": 1, "max_values": 3, "required": True}
    options = [{"label": "One", "value": "1"}, {"label": "Two", "value": "2", "description": "Twice"}]
    menu = {"type": 3, "id": 3, "custom_id": "menu", "options": options, "max_values": 2, "min_values": 1}
    modal = {
        "custom_id": "form",
        "title": "A form",
        "components": [
            {"type": 10, "id": 9, "content": "All **three** of them"},
            {
                **label,
                "label": "Name",
                "component": {"type": 4, "id": 5, "style": 1, "custom_id": "name", "required": True},
            },
            {**label, "id": 6, "label": "Menu", "description": "One or both", "component": menu},
            {**label, "id": 7, "label": "Pictures", "component": upload},
            {
                **label,
                "id": 10,
                "label": "Who",
                "component": {"type": 5, "id": 11, "custom_id": "who", "required": False},
            },
        ],
    }
    window.stage.bot.answers["open"] = {"type": 9, "data": modal}
    window.stage.bot.post(window.stage.discord.studio, "a form", components=row_of(button("Open", "open")))
    await window.row("a form").get_by_role("button", name="Open").click()
    seen = window.page.get_by_role("dialog", name="A form")
    await seen.get_by_role("button", name="Submit").click()
    assert await seen.locator(".wrong:not(:empty)").count() == 3
    await seen.get_by_label("Name").fill("Rocket")
    await seen.get_by_label("Two").check()
    for name in ("rocket.jpg", "coffee.png"):
        await seen.get_by_role("button", name=f"The demo's {name}").click()
    await expect(seen.locator(".thumb")).to_have_count(2)
    await seen.get_by_label("Who").select_option(label="@ Bob")
    assert await window.overflow() == 0
    await seen.get_by_role("button", name="Submit").click()
    await seen.wait_for(state="hidden")
    data = await window.stage.bot.hears(2)
    assert [one["filename"] for one in data["resolved"]["attachments"].values()] == [
        "rocket.jpg",
        "coffee.png",
    ]
    values = [part["component"] for part in data["components"] if "component" in part]
    assert values[0]["value"] == "Rocket"
    assert values[1]["values"] == ["2"]
    assert values[3]["values"] == [str(window.stage.discord.bob.id)]


async def test_members_roles_and_channels_are_selected(window: Window) -> None:
    discord = window.stage.discord
    known: dict[str, Any] = {"Bob": discord.bob, **discord.guild.roles, **discord.guild.channels}
    for kind, name, other in ((5, "Bob", "Mia"), (6, "Artist", "Moderator"), (8, "gallery", "talk")):
        chosen = known.get(other, discord.mia)
        before = {"default_values": [{"id": chosen.id, "type": "any"}]}  # as discord.py sends it
        window.stage.bot.post(discord.studio, f"select {name}", components=select(kind, **before))
        await window.row(f"select {name}").get_by_role("button", name=other).click()
        await window.page.get_by_role("option", name=name).click()
        assert (await window.stage.bot.hears())["values"] == [str(known[name].id)]
        window.stage.bot.heard.clear()


@both_widths
async def test_a_menu_stays_open_whatever_happens_in_the_channel(window: Window) -> None:
    bot, studio = window.stage.bot, window.stage.discord.studio
    for number in range(12):
        bot.post(studio, f"a long channel {number}", painted("navy"))
    options = [
        {"label": f"Moment {n}", "value": str(n), "description": f"After {n} of nine steps, as it was then"}
        for n in range(9)
    ]
    menu = {"options": options, "min_values": 2, "max_values": 3}
    film = bot.post(studio, "time-lapse", painted("teal"), components=select(3, **menu))
    await window.row("time-lapse").get_by_role("button", name="Choose one").click()
    chooser = window.page.get_by_role("dialog", name="Choose one")
    await chooser.get_by_role("option", name="Moment 2").click()
    for colour in ("red", "green", "blue"):
        bot.edit(film, painted(colour), content=f"time-lapse {colour}")
        bot.post(studio, f"meanwhile {colour}")
        await window.row(f"meanwhile {colour}").wait_for(state="attached")
    descriptions = chooser.locator("small")
    assert await descriptions.evaluate_all("all => all.every(one => one.scrollWidth <= one.clientWidth)")
    await chooser.get_by_role("option", name="Moment 7").click()
    await chooser.get_by_role("button", name="Done").click()
    assert sorted((await bot.hears())["values"]) == ["2", "7"]


@both_widths
async def test_the_page_follows_a_message_that_grows_and_its_buttons_stay_below(window: Window) -> None:
    bot, studio = window.stage.bot, window.stage.discord.studio
    growing = bot.post(studio, "growing", components=row_of(button("Stop")))
    await window.row("growing").get_by_role("button", name="Stop").wait_for()
    for number, colour in enumerate(("red", "orange")):
        bot.edit(growing, painted(colour, (300, 200 + 200 * number)), content="growing\n" * (number + 3))
        await expect(window.row("growing").locator(".picture img")).to_have_attribute("alt", f"{colour}.png")
        await expect(window.row("growing").get_by_role("button", name="Stop")).to_be_in_viewport(ratio=1.0)
    bot.post(studio, "what follows")
    await window.row("what follows").wait_for()
    picture = await window.row("growing").locator(".picture img").element_handle()
    stop = await window.row("growing").get_by_role("button", name="Stop").element_handle()
    await window.page.wait_for_function(
        "([picture, stop]) => picture.complete"
        " && stop.getBoundingClientRect().top >= picture.getBoundingClientRect().bottom",
        arg=[picture, stop],
    )


async def test_the_private_answer_to_a_press_is_gone_to_and_nothing_else(window: Window) -> None:
    bot, studio, seen = window.stage.bot, window.stage.discord.studio, window.page
    text = f"Here you are, {secrets.token_hex(4)}"
    bot.answers["far"] = {"type": 4, "data": {"content": text, "flags": 64}}
    bot.post(studio, "far above", components=row_of(button("Far", "far")))
    for number in range(8):
        bot.post(studio, f"between {number}", painted("olive", (300, 400)))
    await window.row("between 7").locator(".picture img").wait_for()
    await expect(window.row("between 7")).to_be_in_viewport(ratio=1.0)
    await seen.locator("#channel .list").hover()
    await seen.mouse.wheel(0, -20_000)
    await expect(window.row("between 7")).not_to_be_in_viewport()
    bot.post(studio, "unasked", painted("olive"))
    await seen.get_by_role("button", name="Newer messages").wait_for()
    await window.row("far above").scroll_into_view_if_needed()
    await window.row("far above").get_by_role("button", name="Far").click()
    await expect(window.row(text)).to_be_in_viewport(ratio=1.0)


async def test_a_post_of_a_forum(window: Window) -> None:
    discord, seen = window.stage.discord, window.page
    await window.go("alice", "showcase")
    await seen.get_by_label("A new post in #showcase").wait_for()
    await seen.get_by_role("button", name="Send", exact=True).click()
    await seen.get_by_role("button", name="Add a picture").click()
    await seen.get_by_role("button", name="The demo's rocket.jpg").click()
    await seen.get_by_role("button", name="Remove rocket.jpg").wait_for()
    await seen.locator("#channel .list").focus()
    await seen.keyboard.type("My rocket")  # wherever one is, one types into the channel
    await seen.keyboard.press("Shift+Enter")
    await seen.keyboard.type("at night")
    await seen.get_by_role("button", name="Send", exact=True).click()
    inside = seen.locator("#thread")
    await inside.get_by_role("heading", name="My rocket").wait_for()
    await inside.locator("article", has_text="at night").locator(".picture").wait_for()
    (thread,) = (each for each in discord.world.backend.channels.values() if each.name == "My rocket")
    assert thread.parent_id == discord.guild.channels["showcase"].id
    await inside.get_by_role("link", name="Close the thread").click()
    await seen.locator("#channel").get_by_role("button", name="My rocket").wait_for()


async def test_pictures_stay_as_they_are_when_somebody_else_looks(window: Window) -> None:
    window.stage.bot.answers["help"] = {"type": 4, "data": {"content": "What only Alice sees", "flags": 64}}
    await window.page.get_by_role("button", name="Commands").click()
    await window.page.get_by_role("option", name="/help").click()
    await window.page.get_by_role("button", name="Send", exact=True).click()
    await window.row("What only Alice sees").wait_for()  # so that what follows has another place for Bob
    window.stage.bot.post(window.stage.discord.studio, "keep me", painted("purple"))
    image = window.row("keep me").locator(".picture img")
    await window.page.wait_for_function("image => image.naturalWidth > 0", arg=await image.element_handle())
    fetched: list[str] = []
    window.page.on("request", lambda request: fetched.append(request.url))
    kept = await image.element_handle()
    await window.go("bob", "studio")
    await window.become("Bob")
    assert await image.evaluate("(image, kept) => image === kept", kept)
    assert not [url for url in fetched if "/cdn/" in url]


async def test_only_its_reader_sees_a_private_answer(window: Window) -> None:
    text = f"Just for you, {secrets.token_hex(4)}"  # other windows have had theirs
    window.stage.bot.answers["help"] = {"type": 4, "data": {"content": text, "flags": 64}}
    await window.page.get_by_role("button", name="Commands").click()
    await window.page.get_by_role("option", name="/help").click()
    await window.page.get_by_role("button", name="Send", exact=True).click()
    await window.row(text).get_by_text("Only you can see this.").wait_for()
    await window.go("bob", "studio")
    await window.become("Bob")
    await expect(window.row(text)).to_have_count(0)
    await window.go("alice", "studio")
    await window.row(text).get_by_role("button", name="Dismiss").click()
    await expect(window.row(text)).to_have_count(0)


@both_widths
async def test_what_the_bot_writes_in_private_is_announced_and_can_be_answered(window: Window) -> None:
    discord = window.stage.discord
    alice = UserHandle(discord.world, discord.world.backend.get_user(discord.alice.id))
    window.stage.bot.post(alice.dm_channel, "Your painting is ready", painted("gold"))
    menu = window.page.get_by_role("button", name="Channels and members")
    if await menu.is_visible():
        await menu.click()
    await window.page.get_by_role("link", name="Atelier new messages").click()
    await window.row("Your painting is ready").locator(".picture").wait_for()
    await window.page.get_by_label("Message Atelier").fill("Thank you")
    await window.page.get_by_role("button", name="Send", exact=True).click()
    await window.row("Thank you").wait_for()
    assert await window.page.locator("#side [data-new]").count() == 0


@both_widths
async def test_results_in_a_thread_are_shown_below_the_picture_and_opened(window: Window) -> None:
    discord, bot, seen = window.stage.discord, window.stage.bot, window.page
    post = await discord.alice.send(discord.studio, "paint this", attachments=[painted("silver")])
    backend = discord.world.backend
    thread = backend.create_thread(
        discord.studio.id, "The Scream for Alice", backend.bot_user.id, message_id=post.id
    )
    stored = backend.store_attachments(thread.id, [painted("maroon")])
    backend.create_message(thread.id, backend.bot_user.id, "Painted", attachments=stored)
    card = window.row("paint this").get_by_role("button", name="The Scream for Alice 1 message")
    await card.locator("img").wait_for()
    await card.click()
    inside = seen.locator("#thread")
    await inside.locator("article", has_text="paint this").wait_for()
    await inside.locator("article", has_text="Painted").locator(".picture").wait_for()
    await expect(inside.locator(".thread")).to_have_count(0)
    await inside.get_by_label("Message #The Scream for Alice").fill("How lovely")
    await inside.get_by_role("button", name="Send", exact=True).click()
    await inside.locator("article", has_text="How lovely").wait_for()
    assert [message.content for message in backend.messages[thread.id].values()] == ["Painted", "How lovely"]
    await inside.get_by_role("link", name="Close the thread").click()
    await inside.wait_for(state="hidden")
    assert bot.heard == []


async def test_who_may_delete_a_message_is_offered_to(window: Window) -> None:
    discord = window.stage.discord
    for name, may in (("bob", False), ("alice", True), ("noor", True), ("mia", True)):
        post = await discord.alice.send(discord.studio, f"delete me, {name}")
        await window.go(name, "studio")
        await window.become(name.title())
        await window.menu_of(post.content)
        await window.page.get_by_role("menuitem", name="Copy the link").wait_for()
        offered = window.page.get_by_role("menuitem", name="Delete…")
        assert await offered.count() == may
        if may:
            await offered.click()
            await window.page.get_by_role("button", name="Delete", exact=True).click()
            await expect(window.row(post.content)).to_have_count(0)
            assert post.id not in discord.world.backend.messages[discord.studio.id]
        else:
            await window.page.keyboard.press("Escape")


async def test_a_reply_and_a_forwarded_message(window: Window) -> None:
    discord, seen = window.stage.discord, window.page
    post = await discord.bob.send(discord.studio, "look at that", attachments=[painted("lime")])
    await window.menu_of("look at that")
    await seen.get_by_role("menuitem", name="Forward…").click()
    await seen.get_by_role("option", name="talk").click()
    await window.go("alice", "talk")
    await seen.locator("article.message .forwarded .picture").last.wait_for()
    await window.go("alice", "studio")
    await window.menu_of("look at that")
    await seen.get_by_role("menuitem", name="Reply").click()
    await seen.get_by_label("Message #studio").fill("I see")
    await seen.get_by_role("button", name="Send", exact=True).click()
    await window.row("I see").get_by_text("look at that").wait_for()
    reference = {"message_id": str(post.id)}
    await discord.world.until(
        lambda: reference.items() <= (window.stage.newest().reference or {}).items(), 10.0
    )


async def test_words_are_words_and_markdown_is_shown(window: Window) -> None:
    text = "<img src=x onerror=alert(1)> **bold** `code` <@{}> [site](https://example.com) -# no\n-# small"
    window.stage.bot.post(window.stage.discord.studio, text.format(window.stage.discord.bob.id))
    row = window.row("<img src=x onerror=alert(1)>")
    for tag, words in (("strong", "bold"), ("code", "code"), (".mention", "@Bob"), ("small", "small")):
        await expect(row.locator(tag)).to_have_text(words)
    await expect(row.get_by_role("link", name="site")).to_have_attribute("href", "https://example.com")
    assert await row.locator(".body img").count() == 0


async def test_cards_and_containers(window: Window) -> None:
    bot, studio = window.stage.bot, window.stage.discord.studio
    fields = [{"name": "Strength", "value": "70", "inline": True}]
    card = {
        "title": "A card",
        "description": "*told*",
        "color": 0xFF8552,
        "fields": fields,
        "image": {"url": "attachment://teal.png"},
    }
    bot.post(studio, "", painted("teal"), embeds=[card])
    await expect(window.row("A card").locator(".picture")).to_have_count(1)
    inside = [
        {"type": 10, "content": "# In a container"},
        {"type": 14},
        {
            "type": 9,
            "components": [{"type": 10, "content": "beside"}],
            "accessory": button("Within", "within"),
        },
    ]
    bot.post(studio, "", components=[{"type": 17, "components": inside}], flags=1 << 15)
    await window.row("In a container").get_by_role("button", name="Within").click()
    assert (await bot.hears())["custom_id"] == "within"


async def test_a_bot_that_does_not_answer_is_told_of(window: Window) -> None:
    bot, studio = window.stage.bot, window.stage.discord.studio
    window.stage.discord.world.backend.subscribers.remove(bot._listen)
    try:
        bot.post(studio, "silence", components=row_of(button("Anybody?")))
        await window.row("silence").get_by_role("button", name="Anybody?").click()
        await window.page.get_by_text("Atelier did not answer in time.").wait_for()
    finally:
        window.stage.discord.world.backend.subscribers.append(bot._listen)


async def test_the_address_is_a_secret_and_nobody_is_a_bot(stage: Stage) -> None:
    root = stage.address.rsplit("/", 2)[0]
    bot = stage.discord.world.backend.bot_user.id
    async with aiohttp.ClientSession() as session:
        for address, status in (
            (f"{root}/", 404),
            (f"{root}/another/", 404),
            (f"{stage.address}events?as={bot}", 403),
            (f"{stage.address}static/../server.py", 404),
        ):
            async with session.get(address) as response:
                assert response.status == status
        async with session.get(stage.address) as response:
            policy = response.headers["Content-Security-Policy"]
            assert "unsafe" not in policy
            assert "script-src 'self'" in policy


async def test_a_port_that_cannot_be_had_is_one_sentence(stage: Stage) -> None:
    taken = int(stage.address.split(":")[2].split("/")[0])
    for port, words in (
        (99999, "99999 is no port"),
        (-1, "-1 is no port"),
        (taken, f"Port {taken} is in use"),
    ):
        with pytest.raises(PageError, match=words) as told:
            listen(port)
        assert str(told.value).count(".") == 1
    await asyncio.sleep(0)

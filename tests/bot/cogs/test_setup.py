"""`/setup` from the side of whoever manages a server: what they see, what a press changes, and how it is undone."""

import discord
import pytest
from simcord import SetupError
from simcord.actors import MemberActor
from simcord.results import ResponseMessage

from bot.buttons.setup import PAGE_OF
from bot.errors import BotError, BotErrorCode
from bot.storage.settings import (
    ChannelSettings,
    Consent,
    Exempt,
    LanguageChoice,
    OnDelete,
    OnGone,
    Output,
    ServerSettings,
    Work,
)
from bot.words import setup as words
from bot.words.errors import sentence
from tests.bot.world import World, said, told


@pytest.fixture
def mia(world: World) -> MemberActor:
    """She manages the server."""
    managing = world.guild.create_role("Staff", permissions=discord.Permissions(manage_guild=True))
    return world.guild.add_member(world.env.create_user("mia"), roles=[managing])


async def panel(world: World, mia: MemberActor, page: words.Page | None = None) -> ResponseMessage:
    """The private panel, at a page."""
    opened = said(await mia.slash(world.art, "setup"))
    assert opened.ephemeral
    if page is not None:
        await mia.select(opened, [page], custom_id="setup:jump")
    return opened


def server(world: World) -> ServerSettings:
    return world.bot.studio.store.settings.server(world.guild.id)


def channel(world: World) -> ChannelSettings:
    return world.bot.studio.store.settings.channel(world.art.id)


async def test_the_panel_says_all_that_is_set(world: World, mia: MemberActor) -> None:
    opened = await panel(world, mia)
    assert "What is set here" in opened.content
    assert f"Art channel: <#{world.art.id}>" in opened.content
    assert "Results: in the channel, under the picture" in opened.content


async def test_where_one_goes_on_is_the_lowest_row_of_each_step(world: World, mia: MemberActor) -> None:
    opened = await panel(world, mia, words.Page.CHANNELS)
    for step in range(1, len(words.STEPS) + 1):
        assert f"Step {step} of {len(words.STEPS)}" in opened.content
        first, *_ = labels = [button["label"] for button in opened.components[-1]["components"]]
        assert first == ("Next" if step == 1 else "Back")
        assert words.TAP_FIRST_OFF not in labels
        await mia.click(opened, label="Done" if step == len(words.STEPS) else "Next")


async def test_the_gallery_is_set_up_by_menus_and_put_back(world: World, mia: MemberActor) -> None:
    opened = await panel(world, mia, words.Page.GALLERY)
    await mia.select(opened, [world.talk], custom_id="setup:gallery_channel")
    await mia.select(opened, ["5"], custom_id="setup:set:stars_needed:0")
    await mia.select(opened, ["0"], custom_id="setup:set:stars_newest_days:0")
    assert (server(world).gallery_id, server(world).stars_needed) == (world.talk.id, 5)
    await mia.select(opened, [str(world.art.id)], custom_id="setup:scope:gallery")
    await mia.select(opened, ["0"], custom_id=f"setup:set:stars_needed:{world.art.id}")
    assert "→ **no picture of this channel is shown**" in opened.content
    assert channel(world).stars_needed == 0
    assert f"Stars that a picture needs: 5, but different in <#{world.art.id}>" in opened.content
    await mia.select(opened, ["-"], custom_id=f"setup:set:stars_needed:{world.art.id}")
    assert channel(world).stars_needed is None
    await mia.click(opened, label=words.TITLES[words.Page.STARS]())
    await mia.select(opened, ["🔥"], custom_id="setup:star")
    await mia.click(opened, label=words.SELF_ON())
    assert (server(world).star, server(world).self_stars) == ("🔥", True)
    await mia.click(opened, label="Undo")
    assert not server(world).self_stars


@pytest.mark.parametrize(
    ("text", "star"),
    [("🦊", "🦊"), (":paint:", "<:paint:{}>"), ("yes!", None), ("🌊", None), ("🖼️", None)],
)
async def test_any_emoji_may_be_the_star(world: World, mia: MemberActor, text: str, star: str | None) -> None:
    own = world.guild.create_emoji("paint")
    opened = await panel(world, mia, words.Page.STARS)
    form = await mia.select(opened, ["?"], custom_id="setup:star")
    done = await mia.submit_modal(form, {"emoji": text})
    if star is None:
        assert sentence(BotError(BotErrorCode.NOT_AN_EMOJI)) in told(done)
    assert server(world).star == (star.format(own.id) if star is not None else "⭐")


async def test_channels_are_chosen_and_put_back(world: World, mia: MemberActor) -> None:
    opened = await panel(world, mia, words.Page.CHANNELS)
    await mia.select(opened, [world.talk], custom_id="setup:channels")
    assert world.bot.studio.store.settings.art_channels(world.guild.id) == [world.talk.id]
    assert opened.content.startswith("✅ Art channel: yes → **no**")
    await mia.click(opened, label="Undo")
    assert world.bot.studio.store.settings.art_channels(world.guild.id) == [world.art.id]
    assert opened.content.startswith("↩️ Put back.")


async def test_every_choice_takes_effect_at_once(world: World, mia: MemberActor) -> None:
    opened = await panel(world, mia, words.Page.RESULTS)
    await mia.select(opened, ["results"], custom_id="setup:set:output:0")
    assert channel(world).output is Output.RESULTS
    assert words.RESULTS_WANTED() in opened.content
    await mia.select(opened, [world.talk], custom_id="setup:results")
    assert server(world).results_id == world.talk.id
    await mia.click(opened, label="Back")
    role = world.guild.create_role("Artists")
    await mia.select(opened, [role], custom_id="setup:starters:0")
    assert server(world).starters == (role.id,)
    await mia.click(opened, label="All settings")
    await mia.select(opened, [words.Page.CONSENT], custom_id="setup:jump")
    await mia.select(opened, ["own"], custom_id="setup:set:consent:0")
    await mia.select(opened, ["keep"], custom_id="setup:set:on_delete:0")
    assert (server(world).consent, server(world).on_delete) == (Consent.OWN, OnDelete.KEEP)
    await mia.click(opened, label="Next")
    await mia.select(opened, ["5"], custom_id="setup:set:open_per_member:0")
    await mia.select(opened, ["60"], custom_id="setup:set:cooldown_seconds:0")
    await mia.select(opened, ["10"], custom_id="setup:set:daily_per_member:0")
    await mia.select(opened, ["moderators"], custom_id="setup:set:exempt:0")
    assert (server(world).open_per_member, server(world).cooldown_seconds) == (5, 60)
    assert (server(world).daily_per_member, server(world).exempt) == (10, Exempt.MODERATORS)
    await mia.click(opened, label="Next")
    await mia.select(opened, [world.talk], custom_id="setup:audit")
    assert words.audit_public(world.talk.id) in opened.content
    await mia.select(opened, ["20"], custom_id="setup:set:open_per_server:0")
    await mia.select(opened, ["100"], custom_id="setup:set:daily_per_server:0")
    assert (server(world).open_per_server, server(world).daily_per_server) == (20, 100)
    await mia.select(opened, ["finish"], custom_id="setup:set:work:0")
    assert words.IS_OFF() in opened.content
    await mia.click(opened, label="Undo")
    assert (server(world).audit_id, server(world).work) == (world.talk.id, Work.ON)


async def test_the_results_channel_may_be_a_forum(world: World, mia: MemberActor) -> None:
    forum = world.guild.create_forum_channel("results")
    opened = await panel(world, mia, words.Page.RESULTS)
    await mia.select(opened, [forum], custom_id="setup:results")
    assert server(world).results_id == forum.id
    assert f"Results channel: <#{forum.id}>" in opened.content


async def test_the_first_time_it_walks_through_every_step(world: World, mia: MemberActor) -> None:
    await world.set_channel(is_art=False)
    opened = await panel(world, mia)
    assert opened.content.startswith(f"**Step 1 of {len(words.STEPS)} · Art channels**")
    await mia.select(opened, [world.art], custom_id="setup:channels")
    for step, page in enumerate(words.STEPS[1:], start=2):
        await mia.click(opened, label="Next")
        assert opened.content.startswith(f"**Step {step} of {len(words.STEPS)} · {words.TITLES[page]()}**")
        told = {name for name, title in words.NAMES.items() if f"- {title()}: " in opened.content}
        assert told == {name for name, its in PAGE_OF.items() if its is page}
    assert len(opened.content) < 2000


async def test_the_palette_has_one_style_at_least(world: World, mia: MemberActor) -> None:
    opened = await panel(world, mia, words.Page.PALETTE)
    with pytest.raises(SetupError, match="between 1 and 2"):
        await mia.select(opened, [], custom_id="setup:set:palette:0")
    await mia.select(opened, ["great_wave"], custom_id="setup:set:palette:0")
    assert channel(world).palette == ("great_wave",)
    assert "Palette: all paintings → **🌊**" in opened.content
    await mia.select(opened, ["great_wave", "starry_night"], custom_id="setup:set:palette:0")
    assert channel(world).palette == (), "so that those which are added one day are in it too"
    await mia.click(opened, label=words.TAP_FIRST_OFF())
    assert not channel(world).seeds_palette
    await mia.click(opened, label=words.TAP_FIRST_ON())
    assert channel(world).seeds_palette


async def test_several_channels_are_changed_at_once_or_one_by_itself(world: World, mia: MemberActor) -> None:
    settings, talk = world.bot.studio.store.settings, world.talk.id
    await world.set_channel(world.talk, is_art=True)
    opened = await panel(world, mia, words.Page.RESULTS)
    await mia.select(opened, ["results"], custom_id="setup:set:output:0")
    assert {settings.channel(each).output for each in (talk, world.art.id)} == {Output.RESULTS}
    await mia.click(opened, label="Undo")
    assert channel(world).output is Output.CHANNEL
    assert settings.channel(talk).output is Output.THREAD
    await mia.select(opened, [str(talk)], custom_id="setup:scope:results")
    await mia.select(opened, ["channel"], custom_id=f"setup:set:output:{talk}")
    assert f"(in <#{talk}>)" in opened.content
    await mia.click(opened, label="Back")
    role = world.guild.create_role("Artists")
    await mia.select(opened, [role], custom_id=f"setup:starters:{talk}")
    assert (settings.channel(talk).starters, server(world).starters) == ((role.id,), ())
    await mia.click(opened, label=words.AS_EVERYWHERE())
    assert settings.channel(talk).starters is None


async def test_an_undo_leaves_what_was_changed_since_alone(world: World, mia: MemberActor) -> None:
    first = await panel(world, mia, words.Page.LIMITS)
    second = await panel(world, mia, words.Page.LIMITS)
    await mia.select(first, ["5"], custom_id="setup:set:open_per_member:0")
    await mia.select(second, ["60"], custom_id="setup:set:cooldown_seconds:0")
    await mia.click(first, label="Undo")
    assert (server(world).open_per_member, server(world).cooldown_seconds) == (50, 60)
    await mia.click(first, label="Undo")  # of the undo
    assert server(world).open_per_member == 5


async def test_the_panel_and_what_it_set_outlive_the_process(world: World, mia: MemberActor) -> None:
    opened = await panel(world, mia, words.Page.CONSENT)
    await mia.select(opened, ["own"], custom_id="setup:set:consent:0")
    await world.restart()
    assert server(world).consent is Consent.OWN
    await mia.click(opened, label="Undo")
    assert server(world).consent is Consent.OPEN
    await mia.select(opened, ["keep"], custom_id="setup:set:on_delete:0")
    assert server(world).on_delete is OnDelete.KEEP


async def test_whoever_manages_the_server_no_longer_changes_nothing(world: World, mia: MemberActor) -> None:
    opened = await panel(world, mia, words.Page.CONSENT)
    for role in list(world.env.backend.get_member(world.guild.id, mia.id).role_ids):
        world.env.backend.remove_member_role(world.guild.id, mia.id, role)
    pressed = await mia.select(opened, ["own"], custom_id="setup:set:consent:0")
    assert told(pressed)[-1] == "You need the permission “Manage Server” here for that."
    assert server(world).consent is Consent.OPEN


async def test_the_history_says_who_changed_what_and_when(world: World, mia: MemberActor) -> None:
    opened = await panel(world, mia, words.Page.LIMITS)
    await mia.select(opened, ["5"], custom_id="setup:set:open_per_member:0")
    await mia.click(opened, label="All settings")
    await mia.click(opened, label="Last changes")
    newest = opened.content.splitlines()[2]
    assert newest.startswith("1. <t:")
    assert newest.endswith(f"<@{mia.id}>: Pictures at once, for each member: 50 → **5**")


async def test_an_older_change_is_put_back_from_the_history(world: World, mia: MemberActor) -> None:
    opened = await panel(world, mia, words.Page.LIMITS)
    await mia.select(opened, ["5"], custom_id="setup:set:open_per_member:0")
    await mia.select(opened, ["60"], custom_id="setup:set:cooldown_seconds:0")
    [_, older, *_] = await world.bot.studio.store.settings.history(world.guild.id)
    again = await panel(world, mia)  # the first is gone with the app's restart, as private messages are
    await mia.click(again, label="Last changes")
    await mia.select(again, [str(older.act_id)], custom_id="setup:revert")
    assert (server(world).open_per_member, server(world).cooldown_seconds) == (50, 60)
    assert again.content.startswith("↩️ Put back.")
    await mia.click(again, label="Undo")
    assert server(world).open_per_member == 5


async def test_what_the_bot_or_somebody_forgotten_has_changed_names_nobody_else(
    world: World, mia: MemberActor
) -> None:
    await world.set_server(results_id=world.talk.id, open_per_member=5)
    world.env.backend.delete_channel(world.talk.id)
    await world.until(lambda: server(world).results_id is None)
    await world.bot.studio.store.members.forget(world.alice.id, keeps_no=False, at=0.0)
    opened = await panel(world, mia)
    await mia.click(opened, label="Last changes")
    lines = opened.content.splitlines()
    assert world.guild.me is not None
    [by_the_bot] = [line for line in lines if "**none**" in line]
    assert f"<@{world.guild.me.id}>: Results channel:" in by_the_bot
    assert any("somebody who has deleted their data: " in line for line in lines)
    assert "<@0>" not in opened.content


async def test_a_channel_where_something_is_missing_is_pointed_at(world: World, mia: MemberActor) -> None:
    quiet = world.channel_without("quiet", "attach_files", "add_reactions")
    opened = await panel(world, mia, words.Page.CHANNELS)
    await mia.select(opened, [quiet], custom_id="setup:channels")
    assert f"In <#{quiet.id}> I still need: Attach Files, Add Reactions." in opened.content


async def test_what_is_gone_is_not_preset_in_a_menu(world: World, mia: MemberActor) -> None:
    await world.set_channel(starters=(1,))
    await world.set_server(starters=(2,), results_id=3)
    for page in (words.Page.STARTERS, words.Page.RESULTS):
        opened = await panel(world, mia, page)
        menus = [item for row in opened.components for item in row["components"] if item["type"] in (6, 8)]
        assert menus
        assert not any(menu.get("default_values") for menu in menus)


async def test_a_panel_of_many_channels_fits_into_a_message(world: World, mia: MemberActor) -> None:
    many = [world.channel_without(f"art-{n}", "attach_files") for n in range(25)]
    opened = await panel(world, mia, words.Page.CHANNELS)
    await mia.select(opened, many, custom_id="setup:channels")
    assert len(world.bot.studio.store.settings.art_channels(world.guild.id)) == 25
    for page in words.STEPS[1:]:
        await mia.click(opened, label="Next")
        assert words.TITLES[page]() in opened.content
        assert len(opened.content) < 2000
    opened = await panel(world, mia, words.Page.MODERATION)
    for limit in (10, 20, 50, 100) * 3:
        await mia.select(opened, [str(limit)], custom_id="setup:set:daily_per_server:0")
    await mia.click(opened, label="All settings")
    await mia.click(opened, label="Last changes")
    assert len(opened.content) < 2000


def test_every_setting_has_a_name_and_a_page() -> None:
    settings = {*ServerSettings.model_fields, *ChannelSettings.model_fields}
    assert set(words.NAMES) == set(PAGE_OF) == settings
    assert set(words.TITLES) == set(words.Page)
    defaults = {**dict(ServerSettings()), **dict(ChannelSettings())}
    for name, value in defaults.items():
        assert words.value_of(name, value)
    for kind in (Output, Consent, OnDelete, OnGone, Exempt, Work, LanguageChoice):
        assert set(kind) in [set(each) for each in words.CHOICES.values()]

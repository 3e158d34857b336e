"""Stories of the gallery: what members star, what hangs there, and what never does."""

import copy
from typing import Any

import discord
import pytest
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle

from bot.errors import BotError, BotErrorCode
from bot.gallery import galleries
from bot.gallery.keeper import EDIT_SECONDS
from bot.storage.consents import Answer
from bot.storage.erasures import Erasure, Kind
from bot.storage.posts import Posted, Posts
from bot.storage.settings import OnGone
from bot.storage.stars import Out
from bot.words import deletion
from bot.words import gallery as words
from bot.words.errors import sentence
from bot.words.setup import Page
from engine.protocol import CrashPoint
from tests.bot.fake_engine import FakeEngine
from tests.bot.world import FINISHED, World, png, said, told


class Gallery:
    """A gallery beside #art, for which three stars are enough, and three members who have them to give."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.channel = world.guild.create_text_channel("gallery")
        names = ("carl", "dora", "emil")
        self.crowd = [world.guild.add_member(world.env.create_user(name)) for name in names]

    async def open(self, **settings: object) -> "Gallery":
        wanted = {"gallery_id": self.channel.id, "star_account_days": 0, **settings}
        await self.world.set_server(**wanted)
        return self

    async def star(self, message: discord.Message, emoji: str = "⭐", stars: int = 3) -> None:
        for member in self.crowd[:stars]:
            await member.react(message, emoji)
        await self.rest()

    async def rest(self) -> None:
        """Until all edits are made."""
        for _ in range(3):
            await self.world.env.settle()
            await self.world.env.advance_time(EDIT_SECONDS)

    @property
    def texts(self) -> list[str]:
        return [message.content for message in self.channel.history()]

    @property
    def entry(self) -> discord.Message:
        (found,) = self.channel.history()
        return found


@pytest.fixture
async def gallery(world: World) -> Gallery:
    return await Gallery(world).open()


async def posted(world: World, channel: ChannelHandle | None = None, **options: Any) -> discord.Message:
    """A picture of Bob's."""
    attachments = options.pop("attachments", [("cat.png", png())])
    return await world.bob.send(channel or world.art, "my cat", attachments=attachments, **options)


def buttons(entry: discord.Message) -> list[Any]:
    """What is beneath an entry: a link, and the way out."""
    return [item for row in entry.components if isinstance(row, discord.ActionRow) for item in row.children]


async def test_a_picture_with_enough_stars_is_shown_once_with_whose_it_is(
    world: World, gallery: Gallery
) -> None:
    picture = await posted(world)
    await gallery.star(picture, stars=2)
    assert gallery.texts == []
    await gallery.star(picture)
    assert gallery.texts == [f"⭐ **3** · <#{world.art.id}>\nA picture by <@{world.bob.id}>."]
    entry = gallery.entry
    assert await entry.attachments[0].read() == png()
    assert world.rung_by(entry) == []
    link, out = buttons(entry)
    assert (link.url, out.label) == (picture.jump_url, words.OUT())


async def test_a_result_is_shown_with_its_style_and_both_who_have_a_part_in_it(
    world: World, gallery: Gallery
) -> None:
    picture = await posted(world)
    await world.alice.react(picture, "🌊")
    await world.shows("Next in the queue")
    result = await world.finish(0)
    await gallery.star(result)
    assert gallery.entry.content == (
        f"⭐ **3** · <#{world.art.id}>\nPainted for <@{world.alice.id}> from <@{world.bob.id}>’s picture, "
        "in the style of “The Great Wave off Kanagawa” by Katsushika Hokusai, 1831."
    )
    for own in (world.alice, world.bob):
        await own.react(result, "⭐")
    await gallery.rest()
    assert gallery.entry.content.startswith("⭐ **3**")
    await world.set_server(self_stars=True)
    await gallery.crowd[0].unreact(result, "⭐")
    await gallery.rest()
    assert gallery.entry.content.startswith("⭐ **4**")


async def test_the_entry_says_what_is_starred_now_and_goes_when_too_little_is(
    world: World, gallery: Gallery, env: Env
) -> None:
    picture = await posted(world)
    await gallery.star(picture)
    await gallery.crowd[0].react(gallery.entry, "⭐")  # the same member at the entry
    await world.alice.react(gallery.entry, "⭐")
    await gallery.rest()
    assert gallery.entry.content.startswith("⭐ **4**")
    for member in gallery.crowd[:2]:
        await member.unreact(picture, "⭐")
    await gallery.rest()
    assert gallery.entry.content.startswith("⭐ **3**")  # one of them has starred the entry too
    env.backend.clear_reactions(world.art.id, picture.id)
    await gallery.rest()
    assert gallery.entry.content.startswith("⭐ **2**")
    await world.alice.unreact(gallery.entry, "⭐")
    await gallery.rest()
    assert gallery.texts == []
    await gallery.star(picture)
    assert len(gallery.texts) == 1, "it may come again"


async def test_many_stars_at_once_are_few_edits(world: World, gallery: Gallery, env: Env) -> None:
    picture = await posted(world)
    await gallery.star(picture)
    edits = world.edits
    for number in range(12):
        member = world.guild.add_member(env.create_user(f"fan{number}"))
        env.backend.add_reaction(world.art.id, picture.id, "⭐", member.id)
    await gallery.rest()
    assert gallery.entry.content.startswith("⭐ **15**")
    assert world.edits - edits <= 3


@pytest.mark.parametrize("emoji", ["👍", "👍🏽"])
async def test_a_server_picks_its_star_in_whichever_colour(world: World, emoji: str) -> None:
    gallery = await Gallery(world).open(star="👍🏿")
    picture = await posted(world)
    await gallery.star(picture, "⭐")
    assert gallery.texts == []
    await gallery.star(picture, emoji)
    assert len(gallery.texts) == 1


async def test_a_star_of_the_servers_own(world: World, env: Env) -> None:
    own = world.guild.create_emoji("paint")
    gallery = await Gallery(world).open(star=f"<:paint:{own.id}>")
    picture = await posted(world)
    await gallery.star(picture, f"paint:{own.id}")
    assert gallery.entry.content.startswith(f"<:paint:{own.id}> **3**")
    for member in gallery.crowd[:2]:
        of = {"message_id": picture.id, "channel_id": world.art.id, "guild_id": world.guild.id, "type": 0}
        renamed = {"id": own.id, "name": "brush"}
        world.bot._connection.parsers["MESSAGE_REACTION_REMOVE"](
            {**of, "user_id": member.id, "emoji": renamed}
        )
    await world.until(lambda: gallery.texts == [])


async def test_new_accounts_and_who_is_blocked_do_not_count(world: World, gallery: Gallery) -> None:
    await world.set_server(star_account_days=7)
    picture = await posted(world)
    await gallery.star(picture)
    assert gallery.texts == []
    await world.set_server(star_account_days=0)
    await world.alice.react(picture, "⭐")
    await gallery.rest()
    assert gallery.entry.content.startswith("⭐ **4**")
    moderator = await staff(world)
    await moderator.slash(world.art, "block", member=gallery.crowd[0])
    await gallery.rest()
    assert gallery.entry.content.startswith("⭐ **3**")


async def staff(world: World) -> MemberActor:
    powers = discord.Permissions(manage_messages=True, manage_guild=True, ban_members=True)
    role = world.guild.create_role("Staff", permissions=powers)
    return world.guild.add_member(world.env.create_user("noor"), roles=[role])


async def test_a_ban_takes_stars_away(world: World, gallery: Gallery, env: Env) -> None:
    picture = await posted(world)
    await gallery.star(picture)
    env.backend.apply_ban(world.guild.id, gallery.crowd[0].id, None)
    await gallery.rest()
    assert gallery.entry.content.startswith("⭐ **2**")


async def test_stars_of_another_server_count_nothing(world: World, gallery: Gallery) -> None:
    await gallery.star(await world.result(), stars=1)
    other = world.env.create_guild("Elsewhere")
    hall = other.create_text_channel("hall")
    alice, *crowd = [other.add_member(each.user) for each in (world.alice, *gallery.crowd[1:])]
    (ticket,) = await world.bot.studio.store.tickets.delivered_to(world.alice.id, world.guild.id, 1)
    await alice.slash(hall, "show", picture=ticket.id, post=True)
    (copied,) = hall.history()
    for each in crowd:
        await each.react(copied, "⭐")
    await gallery.rest()
    assert gallery.texts == []


async def test_who_has_left_counts_no_more_though_nobody_has_told_so(world: World, gallery: Gallery) -> None:
    picture = await posted(world)
    await gallery.star(picture, stars=2)
    world.guild.remove_member(gallery.crowd[0])
    await gallery.crowd[2].react(picture, "⭐")
    await gallery.rest()
    assert gallery.texts == []
    await world.alice.react(picture, "⭐")
    await gallery.rest()
    assert gallery.entry.content.startswith("⭐ **3**")


# --- what is never shown ----------------------------------------------------------------------------------


async def restrict(world: World, where: ChannelHandle, *, nsfw: bool = True, is_told: bool = True) -> None:
    """A moderator sets an age restriction, which simcord does not know of."""
    channel = world.bot.get_channel(where.id)
    assert isinstance(channel, discord.TextChannel)
    before = copy.copy(channel)
    channel.nsfw = nsfw
    if is_told:
        world.bot.dispatch("guild_channel_update", before, channel)
    await world.env.settle()


async def test_nothing_from_an_age_restricted_channel_or_hidden_is_shown(
    world: World, gallery: Gallery, env: Env
) -> None:
    await restrict(world, world.talk)
    await restrict(world, gallery.channel)
    await world.set_channel(world.talk, is_art=True)
    await gallery.star(await posted(world, world.talk))
    await gallery.star(await posted(world, attachments=[("SPOILER_cat.png", png())]))
    assert gallery.texts == []


async def test_an_entry_goes_when_its_channel_becomes_age_restricted_and_stays_away(
    world: World, gallery: Gallery, env: Env
) -> None:
    picture = await posted(world)
    await gallery.star(picture)
    assert len(gallery.texts) == 1
    await restrict(world, world.art)
    await world.until(lambda: gallery.texts == [])
    await restrict(world, world.art, nsfw=False)
    await world.alice.react(picture, "⭐")
    await gallery.rest()
    assert gallery.texts == []


async def test_what_became_age_restricted_while_the_bot_was_away_goes(
    world: World, gallery: Gallery, env: Env
) -> None:
    await gallery.star(await posted(world))
    await restrict(world, world.art, is_told=False)
    world.bot.dispatch("ready")  # as a new session does
    await world.until(lambda: gallery.texts == [])


async def test_a_result_goes_with_the_picture_that_it_is_made_of(world: World, gallery: Gallery) -> None:
    await world.set_channel(world.talk, is_art=True)
    picture = await posted(world, world.talk)
    for style in ("great_wave", "starry_night"):
        await world.stylize(picture=picture.jump_url, content=None, style=style)
    before, after = await world.finish(0), await world.finish(1)
    await gallery.star(before)
    assert len(gallery.texts) == 1
    await restrict(world, world.talk)
    await world.until(lambda: gallery.texts == [])
    await gallery.star(after)
    assert gallery.texts == []


async def test_what_was_posted_while_there_was_an_age_restriction_stays_there(
    world: World, gallery: Gallery
) -> None:
    await restrict(world, world.art)
    early, late = await posted(world), await posted(world)
    await restrict(world, world.art, nsfw=False)
    await gallery.star(early)
    await restrict(world, world.art)
    await restrict(world, world.art, nsfw=False, is_told=False)
    world.bot.dispatch("ready")
    await world.env.settle()
    await gallery.star(late)
    assert gallery.texts == []
    await gallery.star(await posted(world))
    assert len(gallery.texts) == 1


async def test_what_is_forwarded_is_starred_where_it_was_posted(world: World, gallery: Gallery) -> None:
    forwarded = await world.alice.forward(await posted(world, world.talk), world.art)
    await gallery.star(forwarded)
    assert gallery.texts == []
    assert await world.bot.studio.store.stars.of() == []


async def test_what_an_author_no_longer_lets_others_paint_is_taken_down(
    world: World, gallery: Gallery
) -> None:
    await world.alice.react(await posted(world), "🌊")
    await world.shows("Next in the queue")
    await gallery.star(await world.finish(0))
    assert len(gallery.texts) == 1
    answer = await world.bob.slash(world.art, "consent")
    await world.bob.select(said(answer), [Answer.NEVER.value], custom_id="consents:here")
    await gallery.rest()
    assert gallery.texts == []


async def test_who_loses_a_role_that_sees_all_may_not_see_all_any_more(
    world: World, gallery: Gallery
) -> None:
    hidden = discord.PermissionOverwrite(view_channel=False)
    seen = discord.PermissionOverwrite(view_channel=True)
    everything = discord.Permissions(administrator=True, view_channel=True)
    inner, admins = (
        world.guild.create_role("Inner"),
        world.guild.create_role("Admins", permissions=everything),
    )
    assert world.guild.me is not None
    only_inner: dict[Any, discord.PermissionOverwrite] = {world.guild.default_role: hidden, inner: seen}
    only_inner |= {world.guild.me: seen}
    closed = world.guild.create_text_channel("closed", overwrites=only_inner)
    shown = world.guild.create_text_channel("shown", overwrites={**only_inner, admins: seen})
    await world.set_channel(closed, is_art=True)
    await gallery.open(gallery_id=shown.id)
    for member in (world.bob, *gallery.crowd):
        await member_gets(world, member, inner.id)
    await gallery.star(await posted(world, closed))
    assert len(shown.history()) == 1
    role = world.bot.get_guild(world.guild.id).get_role(admins.id)  # type: ignore[union-attr]
    before = copy.copy(role)
    role._permissions = discord.Permissions(view_channel=True).value  # type: ignore[union-attr]
    world.bot.dispatch("guild_role_update", before, role)
    await world.until(lambda: shown.history() == [])


async def test_what_not_everybody_may_see_is_not_shown_to_everybody(world: World, gallery: Gallery) -> None:
    hidden = discord.PermissionOverwrite(view_channel=False)
    seen = discord.PermissionOverwrite(view_channel=True)
    inner = world.guild.create_role("Inner circle")
    assert world.guild.me is not None
    only_inner: dict[Any, discord.PermissionOverwrite] = {world.guild.default_role: hidden, inner: seen}
    closed = world.guild.create_text_channel("closed", overwrites={**only_inner, world.guild.me: seen})
    await world.set_channel(closed, is_art=True)
    for member in (world.bob, *gallery.crowd):
        await member_gets(world, member, inner.id)
    await gallery.star(await posted(world, closed))
    assert gallery.texts == []
    report = said(await (await staff(world)).slash(world.art, "check")).content
    assert f"Pictures from <#{closed.id}> do not come into the gallery" in report


async def member_gets(world: World, member: Any, role_id: int) -> None:
    world.env.backend.add_member_role(world.guild.id, member.id, role_id)
    await world.env.settle()


async def test_a_channel_may_have_a_number_of_its_own_or_none(world: World, gallery: Gallery) -> None:
    await world.set_channel(stars_needed=2)
    await world.set_channel(world.talk, is_art=True, stars_needed=0)
    picture = await posted(world, world.talk)
    await gallery.star(picture)
    await world.stylize(picture=picture.jump_url, content=None)
    await gallery.star(await world.finish(0))
    assert gallery.texts == []
    await gallery.star(await posted(world), stars=2)
    assert len(gallery.texts) == 1


async def test_stars_on_words_and_in_the_gallery_itself_are_only_stars(
    world: World, gallery: Gallery
) -> None:
    await gallery.star(await posted(world, attachments=[]))
    await world.set_channel(gallery.channel, is_art=True)
    picture = await posted(world, gallery.channel)
    await gallery.star(picture)
    assert gallery.entry.id == picture.id


# --- what is deleted and taken out ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("choice", "left"), [(OnGone.REMOVE, []), (OnGone.KEEP, ["⭐ **4**"]), (OnGone.FREEZE, ["⭐ **3**"])]
)
async def test_the_server_chooses_what_becomes_of_the_entry(
    world: World, gallery: Gallery, choice: OnGone, left: list[str]
) -> None:
    await world.set_server(on_gone=choice)
    picture = await posted(world)
    await gallery.star(picture)
    entry = gallery.entry
    await world.bob.delete(picture)
    await gallery.rest()
    if left:
        await world.alice.react(entry, "⭐")
        await gallery.rest()
    assert [text.split(" · ")[0] for text in gallery.texts] == left


async def test_a_deleted_result_takes_its_entry_along(world: World, gallery: Gallery) -> None:
    result = await world.result()
    await gallery.star(result)
    assert len(gallery.texts) == 1
    question = await world.alice.click(result, label=deletion.DELETE())
    await world.alice.click(said(question), label=deletion.CONFIRMED())
    await gallery.rest()
    assert gallery.texts == []


async def test_a_copy_of_a_deleted_result_is_not_shown(world: World, gallery: Gallery) -> None:
    result = await world.result()
    await world.alice.slash(world.talk, "show", picture=result.jump_url, post=True)
    (copied,) = world.talk.history()
    await (await staff(world)).delete(result)
    asked = len(world.env.http_requests)
    await gallery.star(copied)
    assert gallery.texts == []
    posts = [call for call in world.env.http_requests[asked:] if call.method == "POST"]
    assert posts == []


async def test_whoever_took_it_down_keeps_it_down(world: World, gallery: Gallery) -> None:
    picture = await posted(world)
    await gallery.star(picture)
    moderator = await staff(world)
    await moderator.delete(gallery.entry)
    await world.alice.react(picture, "⭐")
    await gallery.rest()
    assert gallery.texts == []


async def test_whose_picture_it_is_takes_it_out_and_puts_it_back(world: World, gallery: Gallery) -> None:
    picture = await posted(world)
    await gallery.star(picture)
    entry = gallery.entry
    refused = said(await world.alice.click(entry, label=words.OUT()))
    assert refused.ephemeral
    assert refused.content == sentence(BotError(BotErrorCode.NOT_YOURS_TO_SHOW))
    taken = await world.bob.click(entry, label=words.OUT())
    assert said(taken).ephemeral
    await gallery.rest()
    assert gallery.texts == []
    await world.bob.click(said(taken), label=words.BACK())
    assert said(taken).content == words.PUT_BACK()
    await gallery.rest()
    assert len(gallery.texts) == 1


async def test_what_a_moderator_took_out_its_author_does_not_put_back(world: World, gallery: Gallery) -> None:
    await gallery.star(await posted(world))
    entry = gallery.entry
    taken = await world.bob.click(entry, label=words.OUT())
    (piece,) = await world.bot.studio.store.stars.of()
    await world.bot.studio.galleries.take_out(piece, Out.MODERATOR, world.alice.id)
    refused = await world.bob.click(said(taken), label=words.BACK())
    assert sentence(BotError(BotErrorCode.NOT_YOURS_TO_SHOW)) in told(refused)
    await gallery.rest()
    assert gallery.texts == []


@pytest.mark.parametrize("label", [words.NEVER_HERE(), words.NEVER()])
async def test_a_member_says_never_and_changes_their_mind(world: World, gallery: Gallery, label: str) -> None:
    picture = await posted(world)
    await gallery.star(picture)
    told = await world.bob.slash(world.art, "privacy gallery")
    assert said(told).ephemeral
    await world.bob.click(said(told), label=label)
    assert said(told).content.startswith("I show no picture of yours")
    await gallery.rest()
    assert gallery.texts == []
    await gallery.star(await posted(world))
    assert gallery.texts == []
    await world.bob.click(said(told), label=words.ALLOW())
    await gallery.rest()
    assert len(gallery.texts) == 2


async def test_who_has_their_data_deleted_is_not_in_the_gallery_and_others_keep_their_stars(
    world: World, gallery: Gallery
) -> None:
    mine = await posted(world)
    theirs = await world.alice.send(world.art, "mine", attachments=[("dog.png", png(colour="red"))])
    await gallery.star(mine)
    await gallery.star(theirs, stars=2)
    await world.bob.react(theirs, "⭐")
    await gallery.rest()
    assert len(gallery.texts) == 2
    question = await world.bob.slash(world.art, "privacy delete")
    await world.bob.click(said(question), label="Delete my data")
    await gallery.rest()
    assert gallery.texts == [f"⭐ **3** · <#{world.art.id}>\nA picture by <@{world.alice.id}>."]
    kept = await world.bot.studio.store.members.kept(world.bob.id)
    assert kept.count("stars") == kept.count("pieces") == 0


# --- what happened while nobody was here ------------------------------------------------------------------


async def test_stars_that_came_and_went_while_the_bot_was_away_count(
    world: World, gallery: Gallery, env: Env
) -> None:
    loved, forgotten, emptied = [await posted(world) for _ in range(3)]
    await gallery.star(forgotten)
    await gallery.star(emptied)
    await world.bot.close()
    env.backend.get_message(world.art.id, emptied.id).attachments.clear()
    for member in gallery.crowd:
        env.backend.add_reaction(world.art.id, loved.id, "⭐", member.id)
    for member in gallery.crowd[:2]:
        env.backend.remove_reaction(world.art.id, forgotten.id, "⭐", member.id)
    await world.env.restart_bot(world._new_bot())
    await gallery.rest()
    assert gallery.entry.content.startswith("⭐ **3**")
    assert buttons(gallery.entry)[0].url == loved.jump_url


async def test_an_entry_that_a_former_process_has_not_noted_is_found(world: World, gallery: Gallery) -> None:
    await gallery.star(await posted(world))
    entry = gallery.entry
    async with world.bot.studio.store.database.begin() as connection:
        await connection.exec_driver_sql("update gallery set message_id = null, shown = 0")
    await world.restart()
    await gallery.rest()
    assert gallery.entry.id == entry.id
    await world.alice.react(entry, "⭐")
    await gallery.rest()
    assert gallery.entry.content.startswith("⭐ **4**")


async def test_whose_name_was_forgotten_is_not_learned_again(world: World, gallery: Gallery) -> None:
    await gallery.star(await posted(world))
    member = gallery.crowd[0]
    question = await member.slash(world.art, "privacy delete")
    await member.click(said(question), label="Delete my data")
    await gallery.rest()
    await world.restart()
    await gallery.rest()
    assert (await world.bot.studio.store.members.kept(member.id)).count("stars") == 0
    assert gallery.entry.content.startswith("⭐ **3**")


async def test_a_new_gallery_shows_what_has_enough_stars_already_and_counts_what_it_has_missed(
    world: World,
) -> None:
    gallery, mia = Gallery(world), await staff(world)
    await world.set_server(star_account_days=0)
    picture = await posted(world)
    await gallery.star(picture)
    opened = said(await mia.slash(world.art, "setup"))
    await mia.select(opened, [Page.GALLERY], custom_id="setup:jump")
    await mia.select(opened, [gallery.channel], custom_id="setup:gallery_channel")
    await gallery.rest()
    assert gallery.entry.content.startswith("⭐ **3**")
    await mia.click(opened, label="Undo")
    await world.alice.react(picture, "⭐")
    for member in gallery.crowd[:2]:
        await member.unreact(picture, "⭐")
    await gallery.star(await posted(world), stars=2)
    assert len(gallery.texts) == 1
    await mia.click(opened, label="Undo")
    await mia.select(opened, ["2"], custom_id="setup:set:stars_needed:0")
    await gallery.rest()
    assert [text.split(" · ")[0] for text in gallery.texts] == ["⭐ **2**", "⭐ **2**"]


async def test_a_channel_may_have_a_gallery_of_its_own(world: World, gallery: Gallery) -> None:
    board, mia = world.guild.create_text_channel("photo-board"), await staff(world)
    await world.set_channel(world.talk, is_art=True)
    opened = said(await mia.slash(world.art, "setup"))
    await mia.select(opened, [Page.GALLERY], custom_id="setup:jump")
    await mia.select(opened, [str(world.talk.id)], custom_id="setup:scope:gallery")
    await mia.select(opened, [board], custom_id=f"setup:own_gallery:{world.talk.id}")
    assert f"Gallery of a channel: <#{world.talk.id}> in <#{board.id}>" in opened.content
    art, photo = await posted(world), await posted(world, world.talk)
    await gallery.star(art)
    await gallery.star(photo)
    assert buttons(gallery.entry)[0].url == art.jump_url
    (shown,) = board.history()
    assert buttons(shown)[0].url == photo.jump_url
    await mia.select(opened, [], custom_id=f"setup:own_gallery:{world.talk.id}")
    await world.alice.react(shown, "⭐")
    await gallery.star(await posted(world, world.talk))
    assert [message.content.split(" · ")[0] for message in board.history()] == ["⭐ **4**"]
    assert len(gallery.texts) == 2
    await mia.click(opened, label="Undo")
    for member in gallery.crowd:
        await member.unreact(photo, "⭐")
    await gallery.rest()
    assert board.history() == []
    await gallery.star(photo)
    assert len(board.history()) == 1


async def test_a_gallery_of_a_channel_that_is_deleted_is_the_servers_again(
    world: World, gallery: Gallery
) -> None:
    board = world.guild.create_text_channel("photo-board")
    await world.set_channel(own_gallery_id=board.id)
    picture = await posted(world)
    await gallery.star(picture)
    assert (len(board.history()), gallery.texts) == (1, [])
    world.env.backend.delete_channel(board.id)
    await gallery.rest()
    assert world.bot.studio.store.settings.galleries(world.guild.id) == {gallery.channel.id}
    await world.alice.react(picture, "⭐")
    await gallery.rest()
    assert gallery.entry.content.startswith("⭐ **4**")


async def test_of_a_server_without_a_gallery_a_channel_may_have_one(world: World) -> None:
    gallery = Gallery(world)
    await world.set_server(star_account_days=0)
    await world.set_channel(own_gallery_id=gallery.channel.id)
    await world.set_channel(world.talk, is_art=True)
    await gallery.star(await posted(world, world.talk))
    await gallery.star(await posted(world))
    await world.set_channel(gallery.channel, is_art=True)
    await gallery.star(await posted(world, gallery.channel))
    assert len([text for text in gallery.texts if text.startswith("⭐")]) == 1
    assert "1. ⭐ 3" in said(await world.alice.slash(world.art, "top")).content
    report = said(await (await staff(world)).slash(world.art, "check")).content
    assert f"What is posted in <#{gallery.channel.id}> comes into no gallery" in report


# --- a forum as the gallery -------------------------------------------------------------------------------


async def in_forum(world: World) -> tuple[Gallery, ChannelHandle]:
    gallery, mia = await Gallery(world).open(), await staff(world)
    forum = world.guild.create_forum_channel("board")
    opened = said(await mia.slash(world.art, "setup"))
    await mia.select(opened, [Page.GALLERY], custom_id="setup:jump")
    await mia.select(opened, [forum], custom_id="setup:gallery_channel")
    return gallery, forum


async def test_in_a_forum_each_entry_is_a_post_of_its_own(world: World) -> None:
    gallery, forum = await in_forum(world)
    picture = await posted(world)
    await gallery.star(picture)
    await gallery.star(await world.result())
    own, result = sorted(forum.threads, key=lambda thread: thread.id)
    assert own.name == "A picture by bob"
    assert result.name == "In the style of “The Great Wave off Kanagawa” by Katsushika Hokusai, 1831 · alice"
    (entry,) = own.history()
    assert entry.content.startswith(f"⭐ **3** · <#{world.art.id}>")
    assert await entry.attachments[0].read() == png()
    archived = f"/channels/{own.id}/messages/{entry.id}"  # as nobody has said anything in it
    world.env.inject_error("PATCH", archived, status=400, code=50083, times=1)
    await world.alice.react(entry, "⭐")
    await gallery.rest()
    (entry,) = own.history()
    assert entry.content.startswith("⭐ **4**")
    await world.bob.send(own, "thank you all")
    await world.bob.click(entry, label=words.OUT())
    await gallery.rest()
    assert [message.content for message in own.history()] == ["thank you all"]
    assert own.name == deletion.POST_GONE()


async def test_a_post_that_was_deleted_stays_away_and_what_nobody_has_answered_goes_wholly(
    world: World,
) -> None:
    gallery, forum = await in_forum(world)
    picture, other = await posted(world), await posted(world)
    await gallery.star(picture)
    (post,) = forum.threads
    world.env.backend.delete_channel(post.id)
    await world.alice.react(picture, "⭐")
    await gallery.rest()
    assert forum.threads == []
    await gallery.star(other)
    assert len(forum.threads) == 1
    await other.delete()
    await gallery.rest()
    assert forum.threads == []


async def test_a_post_that_was_not_noted_is_found_and_one_of_a_repeated_request_goes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gallery, forum = await in_forum(world)
    create = discord.ForumChannel.create_thread

    async def twice(self: discord.ForumChannel, **values: Any) -> Any:
        file = copy.copy(values["files"][0])
        first = await create(self, **{**values, "files": []})
        await create(self, **{**values, "files": [file]})
        return first

    monkeypatch.setattr(discord.ForumChannel, "create_thread", twice)
    picture = await posted(world)
    await gallery.star(picture)
    monkeypatch.setattr(discord.ForumChannel, "create_thread", create)
    (kept,) = [thread for thread in forum.threads if thread.name != deletion.POST_GONE()]
    async with world.bot.studio.store.database.begin() as connection:
        await connection.exec_driver_sql("update gallery set message_id = null, shown = 0")
    known = world.bot.get_channel(forum.id)
    assert isinstance(known, discord.ForumChannel)
    left = (await known.create_thread(name="left", content="over")).thread
    await world.bot.studio.store.erasures.add(Erasure(Kind.MESSAGE, "", 1.0, forum.id, left.id))
    await world.restart()
    await gallery.rest()
    assert [each.id for each in forum.threads if each.name != deletion.POST_GONE()] == [kept.id]
    await gallery.crowd[0].unreact(picture, "⭐")
    await gallery.rest()
    assert kept.history()[0].content.startswith("⭐ **2**")


async def test_what_is_too_large_to_be_sent_on_is_linked(
    world: World, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.orders.attachments.most_bytes", lambda _: 100)
    monkeypatch.setattr("bot.gallery.wall.most_bytes", lambda _: 100)
    picture = await posted(world)
    await gallery.star(picture)
    assert gallery.entry.attachments == []
    assert buttons(gallery.entry)[0].url == picture.jump_url


async def test_a_gallery_that_is_closed_to_the_bot_is_left_alone_and_said(world: World) -> None:
    closed = world.channel_without("closed", "attach_files")
    await world.set_server(gallery_id=closed.id, star_account_days=0, stars_needed=1)
    await world.alice.react(await posted(world), "⭐")
    await world.env.settle()
    assert closed.history() == []
    mia = await staff(world)
    report = said(await mia.slash(world.art, "check")).content
    assert f"In the gallery <#{closed.id}> I need “Attach Files”" in report
    opened = said(await mia.slash(world.art, "setup"))
    await mia.select(opened, [Page.GALLERY], custom_id="setup:jump")
    assert f"In <#{closed.id}> I still need: Attach Files" in opened.content


# --- who is on top ----------------------------------------------------------------------------------------


async def test_top_shows_each_member_what_they_may_see(world: World, gallery: Gallery) -> None:
    hidden = discord.PermissionOverwrite(view_channel=False)
    closed = world.guild.create_text_channel("closed", overwrites={world.alice: hidden})
    await world.set_channel(closed, is_art=True)
    result = await world.result()
    secret = await posted(world, closed)
    await gallery.star(secret)
    await gallery.star(result, stars=2)
    shown = said(await world.alice.slash(world.art, "top", time="week"))
    assert shown.ephemeral
    assert "1. ⭐ 2 · painted for" in shown.content
    assert secret.jump_url not in shown.content
    assert [each.filename for each in shown.attachments] == ["top.jpeg"]
    assert secret.jump_url in said(await world.bob.slash(world.art, "top")).content


async def test_top_draws_members_own_pictures_beside_what_was_painted(
    world: World, gallery: Gallery, engine: FakeEngine
) -> None:
    own = await posted(world)
    await gallery.star(await world.result(), stars=2)
    await gallery.star(own)
    shown = said(await world.alice.slash(world.art, "top"))
    assert engine.collages == [{1: png(), 2: engine.result}]
    assert "1: a picture by a member, 2: in the style of" in (shown.attachments[0].description or "")
    await own.delete()
    await gallery.rest()
    assert "picture by" not in said(await world.alice.slash(world.art, "top")).content


async def test_top_leaves_out_whoever_is_never_to_be_shown(world: World, gallery: Gallery) -> None:
    await gallery.star(await posted(world))
    await world.bot.studio.store.gallery.refuse(world.bob.id, world.guild.id, 1.0)
    shown = said(await world.alice.slash(world.art, "top"))
    assert f"<@{world.bob.id}>" not in shown.content
    assert shown.attachments == []


async def test_top_says_why_there_is_none(world: World) -> None:
    assert said(await world.alice.slash(world.art, "top")).content == words.NO_GALLERY()
    await Gallery(world).open(star="🔥")
    assert "react to one with 🔥" in said(await world.alice.slash(world.art, "top")).content


# --- beside the rest of the bot ---------------------------------------------------------------------------


async def test_while_a_server_is_switched_off_nothing_is_shown_and_then_what_was_starred(
    world: World, gallery: Gallery
) -> None:
    mia = await staff(world)
    await mia.slash(world.art, "off")
    picture = await posted(world)
    await gallery.star(picture)
    assert gallery.texts == []
    await mia.slash(world.art, "on")
    await gallery.rest()
    assert len(gallery.texts) == 1


async def test_top_is_no_way_around_what_members_and_moderators_have_said(
    world: World, gallery: Gallery
) -> None:
    picture = await posted(world)
    await gallery.star(picture)
    galleries, blocks = world.bot.studio.galleries, world.bot.studio.store.blocks
    assert picture.jump_url in said(await world.alice.slash(world.art, "top")).content
    await galleries.refuse(world.bob.id, world.guild.id)
    assert picture.jump_url not in said(await world.alice.slash(world.art, "top")).content
    await blocks.block(world.guild.id, world.alice.id, 7, 1.0)
    blocked = said(await world.alice.slash(world.art, "top")).content
    assert blocked == sentence(BotError(BotErrorCode.BLOCKED))


async def test_what_was_starred_enough_just_before_a_kill_is_shown_wherever_it_is(
    world: World, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.alice.slash(world.talk, "stylize", content=("cat.png", png()), style="great_wave")
    await world.tell(FINISHED)
    await world.until(lambda: "here it is" in world.talk.history()[-1].content)
    result = world.talk.history()[-1]
    await gallery.star(result, stars=2)
    reached: list[CrashPoint] = []

    def stop(point: CrashPoint) -> None:
        reached.append(point)
        raise RuntimeError("the process ends")

    monkeypatch.setattr(galleries, "reach", stop)
    await gallery.star(result)
    assert reached == [CrashPoint.BOT_STAR_STORED]
    assert gallery.texts == []
    await world.restart()
    await gallery.rest()
    assert gallery.entry.content.startswith("⭐ **3**")
    world.sentences()


async def test_an_entry_goes_with_its_result_though_it_was_not_noted_whose_it_is(
    world: World, gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = await world.result()
    with monkeypatch.context() as patch:
        patch.setattr(Posts, "add", cut_off)
        await gallery.star(result)
    assert gallery.entry.content.startswith("⭐ **3**")
    await world.restart()
    await world.bot.studio.deletion.delete(world.engine.jobs[0].key)
    await gallery.rest()
    assert gallery.texts == []
    world.sentences()


async def cut_off(_posts: Posts, _post: Posted) -> bool:
    raise RuntimeError("the process ends")

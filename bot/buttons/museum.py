"""What can be pressed at a style of a server: an author's yes and no, a moderator's, votes, and what ends or renames it.

Rule: a button names the style and the act; who may press it is checked when it is pressed.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import discord

from bot.answers import answering, reply, tell, working
from bot.buttons.paint import PaintButton
from bot.errors import BotError, BotErrorCode
from bot.museum.collection import MuseumViews, Rights
from bot.museum.form import StyleForm
from bot.orders.venue import Venue, actor_of
from bot.storage.interactions import Manner
from bot.storage.museum import ServerStyle, State
from bot.studio import Studio, studio_of
from bot.styles.menu import MENU_OPTIONS
from bot.words import museum as words
from bot.words.catalogue import Phrase


class Act(StrEnum):
    """What a button does."""

    YES = "yes"  # an author's
    NO = "no"
    ADD = "add"  # a moderator's
    DECLINE = "decline"
    VOTE = "vote"
    BACK = "back"  # ask whether its author takes it back
    KEEP = "keep"  # they do, and what was painted stays
    DELETE = "delete"  # or goes
    RENAME = "rename"
    REMOVE = "remove"  # ask whether a moderator removes it
    REMOVED = "removed"  # they do


_FACES: dict[Act, tuple[Phrase | None, discord.ButtonStyle]] = {
    Act.YES: (words.YES, discord.ButtonStyle.success),
    Act.NO: (words.NO, discord.ButtonStyle.secondary),
    Act.ADD: (words.ADD_IT, discord.ButtonStyle.success),
    Act.DECLINE: (words.DECLINE, discord.ButtonStyle.secondary),
    Act.VOTE: (None, discord.ButtonStyle.primary),
    Act.BACK: (words.TAKE_BACK, discord.ButtonStyle.secondary),
    Act.KEEP: (words.KEEP_RESULTS, discord.ButtonStyle.primary),
    Act.DELETE: (words.DELETE_RESULTS, discord.ButtonStyle.danger),
    Act.RENAME: (words.RENAME, discord.ButtonStyle.secondary),
    Act.REMOVE: (words.REMOVE, discord.ButtonStyle.danger),
    Act.REMOVED: (words.REMOVE_NOW, discord.ButtonStyle.danger),
}
_AT_ONCE = (Act.BACK, Act.REMOVE, Act.RENAME)  # answered with a question or a form of their own


class MuseumButton(
    discord.ui.DynamicItem[discord.ui.Button[Any]],
    template=rf"museum:(?P<act>{'|'.join(Act)}):(?P<style>own_[0-9a-f]{{16}})",
):
    """One of the buttons beneath a style, or beneath the question about one."""

    def __init__(self, style_id: str, act: Act, label: str | None = None) -> None:
        text, style = _FACES[act]
        custom_id = f"museum:{act}:{style_id}"
        super().__init__(
            discord.ui.Button(label=label or (text() if text else "✅"), style=style, custom_id=custom_id)
        )
        self._style_id, self._act = style_id, act

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "MuseumButton":
        """The button of a message, perhaps of a former process."""
        return cls(match["style"], Act(match["act"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Do it."""
        studio = studio_of(interaction)
        if self._act in _AT_ONCE:
            async with answering(interaction):
                await self._ask(interaction, studio)
            return
        async with working(interaction, studio.store.owed, Manner.CLICK):
            try:
                text = await self._text(interaction, studio)
            except BotError as error:
                if error.code is BotErrorCode.STYLE_OVER:  # the message may be of before that
                    await studio.acquisitions.refresh(self._style_id)
                raise
            if interaction.message is not None and interaction.message.flags.ephemeral:
                await interaction.edit_original_response(content=text, view=None, attachments=[])
            else:
                await tell(interaction, text)

    async def _ask(self, interaction: discord.Interaction, studio: Studio) -> None:
        """Answer with a question to be pressed at, or with a form. Raises BotError."""
        actor, venue, collection = actor_of(interaction), Venue.of(interaction), studio.collection
        view = discord.ui.View(timeout=None)
        match self._act:
            case Act.BACK:
                style = collection.require_author(interaction.user.id, self._style_id)
                if style.state is State.SHOWN:
                    view.add_item(MuseumButton(style.id, Act.KEEP)).add_item(
                        MuseumButton(style.id, Act.DELETE)
                    )
                else:
                    view.add_item(MuseumButton(style.id, Act.KEEP))
                view.add_item(MuseumBackButton(words.KEEP_IT))
                await reply(interaction, words.confirm_taking_back(style), view)
            case Act.REMOVE:
                style = await collection.require_removing(actor, venue, self._style_id)
                view.add_item(MuseumButton(style.id, Act.REMOVED)).add_item(MuseumBackButton(words.KEEP_IT))
                await reply(interaction, words.confirm_removing(style), view)
            case _:
                style = await collection.require_renaming(actor, venue, self._style_id)
                await interaction.response.send_modal(_renaming(studio, style))

    async def _text(self, interaction: discord.Interaction, studio: Studio) -> str:
        """Do it, and say so. Raises BotError, Refusal."""
        actor, venue, style_id = actor_of(interaction), Venue.of(interaction), self._style_id
        acquisitions, collection = studio.acquisitions, studio.collection
        match self._act:
            case Act.YES | Act.NO:
                style = await acquisitions.answer(actor, venue, style_id, self._act is Act.YES)
                return words.consented(style) if style is not None else words.SAID_NO()
            case Act.ADD | Act.DECLINE:
                style = await acquisitions.decide(actor, venue, style_id, self._act is Act.ADD)
                return words.decided(style) if style is not None else words.DECLINED()
            case Act.VOTE:
                style, counts = await acquisitions.vote(actor, venue, style_id)
                return words.decided(style) if style.approved else words.voted(counts)
            case Act.KEEP | Act.DELETE:
                results = self._act is Act.DELETE
                style = await collection.take_back(interaction.user.id, style_id, results=results)
                return words.taken_back(style, results=results)
            case _:
                return words.removed(await collection.remove(actor, venue, style_id))


def _renaming(studio: Studio, style: ServerStyle) -> StyleForm:
    async def given(interaction: discord.Interaction, _which: int, name: str, emoji: str) -> None:
        actor, venue = actor_of(interaction), Venue.of(interaction)
        await studio.collection.rename(actor, venue, style.id, name, emoji)
        await interaction.edit_original_response(content=words.RENAMED())

    return StyleForm(words.RENAME_TITLE(), studio.store.owed, given, (), style.name, style.emoji)


class MuseumMenu(discord.ui.DynamicItem[discord.ui.Select[Any]], template=r"museum:look:(?P<menu>[0-9])"):
    """See one of the styles large."""

    def __init__(self, menu: int, options: Sequence[discord.SelectOption] = ()) -> None:
        super().__init__(
            discord.ui.Select(placeholder=words.LOOK(), options=[*options], custom_id=f"museum:look:{menu}")
        )
        self._menu = menu

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "MuseumMenu":
        """The menu of a message, perhaps of a former process."""
        return cls(int(match["menu"]))

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show it in place of the list."""
        async with working(interaction, studio_of(interaction).store.owed, Manner.CLICK):
            await studio_of(interaction).collection.show_one(interaction, self.item.values[0])


class MuseumBackButton(discord.ui.DynamicItem[discord.ui.Button[Any]], template=r"museum:all"):
    """Back to the list, from one of it or from a question about one."""

    def __init__(self, label: Phrase = words.BACK) -> None:
        super().__init__(discord.ui.Button(label=label(), custom_id="museum:all"))

    @classmethod
    async def from_custom_id(
        cls, interaction: discord.Interaction, item: discord.ui.Item[Any], match: re.Match[str], /
    ) -> "MuseumBackButton":
        """The button of a message, perhaps of a former process."""
        return cls()

    async def callback(self, interaction: discord.Interaction) -> None:
        """Show it in place of the one."""
        async with working(interaction, studio_of(interaction).store.owed, Manner.CLICK):
            await studio_of(interaction).collection.show(interaction)


def style_buttons(style: ServerStyle, votes: int) -> discord.ui.View:
    """What is beneath our message about a style."""
    view = discord.ui.View(timeout=None)
    match style.state:
        case State.ASKED:
            acts = [Act.YES, Act.NO]
        case State.OFFERED:
            if style.until is not None:
                view.add_item(MuseumButton(style.id, Act.VOTE, words.vote_label(votes)))
            acts = [Act.ADD, Act.DECLINE, Act.BACK]
        case _:
            view.add_item(PaintButton(style.id))
            acts = [Act.BACK]
    for act in acts:
        view.add_item(MuseumButton(style.id, act))
    return view


def question_of_own(style: ServerStyle) -> discord.ui.View:
    """What whoever offers their own picture answers with."""
    view = discord.ui.View(timeout=None)
    for act in (Act.YES, Act.NO):
        view.add_item(MuseumButton(style.id, act))
    return view


def _shelf(styles: Sequence[ServerStyle]) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    options = [words.option(style, number) for number, style in enumerate(styles, 1)]
    for menu, start in enumerate(range(0, len(options), MENU_OPTIONS)):
        view.add_item(MuseumMenu(menu, options[start : start + MENU_OPTIONS]))
    return view


def _one(style: ServerStyle, rights: Rights) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    if rights.paint:
        view.add_item(PaintButton(style.id))
    may = {Act.BACK: rights.take_back, Act.RENAME: rights.rename, Act.REMOVE: rights.remove}
    for act in (act for act, is_let in may.items() if is_let):
        view.add_item(MuseumButton(style.id, act))
    return view.add_item(MuseumBackButton())


MUSEUM_VIEWS = MuseumViews(_shelf, _one)

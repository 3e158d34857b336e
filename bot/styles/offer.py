"""The styles that there are for somebody in one place: the engine's, and those of the server's museum.

Rule: whoever looks for a style, by name, by emoji or in a menu, asks an offer, and need not know which kind a style is.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from bot.errors import BotError, BotErrorCode, EngineUnreachable
from bot.storage.museum import ServerStyleCard
from bot.storage.settings import ChannelSettings
from bot.styles import search
from bot.words.paintings import title_of
from engine.protocol import MAX_AUDITION, ErrorCode, Refusal, StyleCard


@dataclass(frozen=True)
class Offer:
    """All styles; none only if no engine was ever reached.

    studies: emojis of studies, by the styles' names. taken_back: those of the server that whoever asks for them is told of, and
    `lately` also whoever taps their emoji, which stands for nothing after a while.
    """

    styles: tuple[StyleCard, ...]
    studies: Mapping[str, str] = field(default_factory=dict)
    taken_back: tuple[ServerStyleCard, ...] = ()
    lately: tuple[ServerStyleCard, ...] = ()
    removed: tuple[ServerStyleCard, ...] = ()  # by moderators: by a menu of before they can still be chosen

    def tried(self, settings: ChannelSettings) -> tuple[StyleCard, ...]:
        """Those that are tried out in a channel: what is on offer there, as many as one sheet has.

        Raises EngineUnreachable: none is known yet.
        """
        if not self.styles:
            raise EngineUnreachable("no catalogue yet")
        return self._in(settings)[:MAX_AUDITION]

    def further(self, settings: ChannelSettings, tried: Collection[str | None]) -> tuple[StyleCard, ...]:
        """Those that come after the `tried` ones of a sheet, as many as the next sheet has."""
        offered = self._in(settings)
        last = max((n for n, style in enumerate(offered) if style.name in tried), default=-1)
        return offered[last + 1 :][:MAX_AUDITION]

    def _in(self, settings: ChannelSettings) -> tuple[StyleCard, ...]:
        """Those that a channel has on offer; all of them, where it has none of what it once chose."""
        return tuple(style for style in self.styles if settings.offers(style.name)) or self.styles

    def named(self, name: str) -> StyleCard:
        """The style of that name or title, as a member may have typed it, also with a slip if it is clear which is meant.

        Raises Refusal UNKNOWN_STYLE, BotError SEVERAL_STYLES, STYLE_TAKEN_BACK, STYLE_REMOVED.
        """
        if not self.styles:
            raise EngineUnreachable("no catalogue yet")
        if (style := next((each for each in self.styles if each.name == name), None)) is not None:
            return style
        if (gone := self._taken_back(name)) is not None:
            raise BotError(BotErrorCode.STYLE_TAKEN_BACK, title=gone.title)
        if (gone := next((each for each in self.removed if each.name == name), None)) is not None:
            raise BotError(BotErrorCode.STYLE_REMOVED, title=gone.title)
        match search.meant(name, self.styles):
            case [style]:
                return style
            case []:
                self.require_there(name, [])
                raise Refusal(ErrorCode.UNKNOWN_STYLE, name=name)
            case several:
                raise BotError(BotErrorCode.SEVERAL_STYLES, titles=[title_of(each) for each in several])

    def require_kept(self, key: str) -> None:
        """See that a style that a button of before names is on offer still. Raises BotError STYLE_TAKEN_BACK, STYLE_REMOVED."""
        if any(each.name == key for each in (*self.taken_back, *self.removed)):
            self.named(key)

    def require_there(self, typed: str, meant: Sequence[StyleCard]) -> None:
        """See that somebody whose words were taken for these styles did not mean one that its author has taken back.

        Raises BotError STYLE_TAKEN_BACK.
        """
        exact = self._taken_back(typed)
        gone = [exact] if exact is not None else [] if meant else search.meant(typed, self.taken_back)
        if gone:
            raise BotError(BotErrorCode.STYLE_TAKEN_BACK, title=gone[0].title)

    def _taken_back(self, name: str) -> StyleCard | None:
        """The style of that name that its author has taken back, if there is no other of that name."""
        if search.exact(name, self.styles) is not None:
            return None
        by_key = next((each for each in self.taken_back if each.name == name), None)
        return by_key or search.exact(name, self.taken_back)

    def by_emoji(self, emoji: str) -> StyleCard | None:
        """The style that this emoji stands for or, if there is none, stood for; in whatever skin tone, or as its study."""
        wanted = search.plain_emoji(emoji)
        return next(
            (
                each
                for each in (*self.styles, *self.lately)
                if search.plain_emoji(each.emoji) == wanted or self.studies.get(each.name) == emoji
            ),
            None,
        )

    def matching(self, typed: str) -> list[StyleCard]:
        """The styles that somebody may be typing, the best first; all of them, in their own order, if nothing is."""
        return [fit.style for fit in search.ranked(typed, self.styles)]

    def meant(self, typed: str) -> list[StyleCard]:
        """The styles that somebody may mean who writes freely: one, if it is clear which."""
        return search.meant(typed, self.styles)

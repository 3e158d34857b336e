"""The pacing of edits, as rules that hold for every history."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bot.engine_client import Late, Update, Waiting
from bot.tickets.progress import (
    CHANNEL_EDITS,
    CHANNEL_SECONDS,
    FLOOR,
    GROWTH,
    LATE_SECONDS,
    MESSAGE_SECONDS,
    SILENCE_SECONDS,
    ChannelPace,
    MessagePace,
)
from bot.words.ticket import LEAST_PROMISE
from engine.protocol import Queued, Started
from tests.bot.world import preview

previews = st.builds(preview, st.integers(0, 1000), st.floats(0, 1))
updates: st.SearchStrategy[Update] = st.one_of(
    previews,
    st.builds(Queued, position=st.integers(1, 9), eta_seconds=st.just(5.0)),
    st.just(Started(attempt=1, eta_seconds=5)),
    st.just(Waiting()),
)
histories = st.lists(
    st.tuples(st.integers(0, 160).map(lambda n: n / 8), st.integers(0, 2), updates), min_size=1, max_size=60
)  # seconds since the last one (eighths add up exactly), message, update


def edits(history: list[tuple[float, int, Update]]) -> list[tuple[float, int, Update]]:
    """The edits that a channel with three tickets sees."""
    channel, now = ChannelPace(), 0.0
    messages = [MessagePace(channel, now) for _ in range(3)]
    made = []
    for pause, number, update in history:
        now += pause
        if messages[number].due(update) <= now:
            messages[number].note(update, now)
            made.append((now, number, update))
    return made


def is_first_preview(made: list[tuple[float, int, Update]], index: int) -> bool:
    _, number, update = made[index]
    earlier = [type(u) for _, n, u in made[:index] if n == number]
    return type(update) is type(preview(0, 0)) and type(update) not in earlier


@given(histories)
def test_a_message_is_left_alone_between_edits(history: list[tuple[float, int, Update]]) -> None:
    made = edits(history)
    for number in range(3):
        times = [(now, is_first_preview(made, i)) for i, (now, n, _) in enumerate(made) if n == number]
        for (before, _), (after, first) in pairwise(times):
            assert first or after - before >= MESSAGE_SECONDS


@given(histories)
def test_a_channel_sees_few_edits(history: list[tuple[float, int, Update]]) -> None:
    made = edits(history)
    for i, (now, _, _) in enumerate(made):
        if not is_first_preview(made, i) and i >= CHANNEL_EDITS:
            assert now - made[i - CHANNEL_EDITS][0] >= CHANNEL_SECONDS


@given(histories)
def test_whatever_is_offered_again_is_shown_in_the_end(history: list[tuple[float, int, Update]]) -> None:
    channel = ChannelPace()
    message = MessagePace(channel, 0.0)
    now = 0.0
    for pause, _, update in history:
        now += pause
        assert message.due(update) <= now + max(SILENCE_SECONDS, CHANNEL_SECONDS)
        message.note(update, now)


def test_the_first_preview_comes_at_once() -> None:
    channel = ChannelPace()
    message = MessagePace(channel, 100.0)
    channel.note(100.0)
    channel.note(100.0)
    assert message.due(preview(0, 0.0)) < 100.0


def test_previews_are_spaced_geometrically() -> None:
    """Of a thousand previews over ten minutes, one is shown for each growth by GROWTH, or after a silence."""
    message = MessagePace(ChannelPace(), 0.0)
    shown: list[tuple[float, float]] = []
    for n in range(1, 1001):
        now, progress = 0.6 * n, n / 1000
        if message.due(preview(n, progress)) <= now:
            message.note(preview(n, progress), now)
            shown.append((now, progress))
    for (before, earlier), (after, later) in pairwise(shown):
        assert later >= max(earlier, FLOOR) * GROWTH or after - before >= SILENCE_SECONDS
    assert 10 <= len(shown) <= 30


def test_a_painting_begun_anew_is_news() -> None:
    message = MessagePace(ChannelPace(), 0.0)
    message.note(preview(9, 0.9), 10.0)
    assert message.due(preview(1, 0.1)) == 10.0 + MESSAGE_SECONDS


def test_the_same_place_in_the_queue_is_no_news() -> None:
    message = MessagePace(ChannelPace(), 0.0)
    message.note(Queued(position=3, eta_seconds=60), 10.0)
    assert message.due(Queued(position=3, eta_seconds=50)) == 10.0 + SILENCE_SECONDS
    assert message.due(Queued(position=2, eta_seconds=50)) == 10.0 + MESSAGE_SECONDS


def test_a_pause_and_its_end_are_news_and_nothing_is_overdue_meanwhile() -> None:
    message = MessagePace(ChannelPace(), 0.0)
    going, paused = Queued(position=3, eta_seconds=60), Queued(position=3, eta_seconds=None)
    message.note(going, 10.0)
    assert message.due(paused) == 10.0 + MESSAGE_SECONDS
    message.note(paused, 20.0)
    assert message.late_at == float("inf")
    assert message.due(going) == 20.0 + MESSAGE_SECONDS


def test_nobody_is_promised_a_second() -> None:
    message = MessagePace(ChannelPace(), 0.0)
    message.note(Started(attempt=1, eta_seconds=1), 100.0)
    assert message.late_at == 100.0 + LEAST_PROMISE + LATE_SECONDS


def test_lateness_is_said_ever_more_rarely() -> None:
    message, said = MessagePace(ChannelPace(), 0.0), [0.0]
    for _ in range(8):
        message.note(Late(), said[-1])
        said.append(message.late_at)
    pauses = [after - before for before, after in pairwise(said)]
    assert all(after > 1.9 * before for before, after in pairwise(pauses))

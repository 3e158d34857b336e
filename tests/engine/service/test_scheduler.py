"""The queue's order is fair, whatever waits and whoever was served before."""

from hypothesis import given
from hypothesis import strategies as st

from engine.service.scheduler import Place, Turns, fair_order

owners = st.tuples(st.sampled_from("ABC"), st.sampled_from("xyz"))
waiting = st.lists(st.tuples(owners, st.booleans()), max_size=20).map(
    lambda jobs: [
        Place(str(number), guild, user, 10.0, retry=retry)
        for number, ((guild, user), retry) in enumerate(jobs)
    ]
)
histories = st.lists(owners, max_size=20)


def served(history: list[tuple[str, str]]) -> Turns:
    turns = Turns()
    for turn, (guild, user) in enumerate(history, 1):
        turns.record(guild, user, turn)
    return turns


@given(waiting, histories)
def test_everybody_is_in_it_once_and_retries_come_first(
    places: list[Place], history: list[tuple[str, str]]
) -> None:
    order = fair_order(places, served(history))
    assert sorted(place.id for place in order) == sorted(place.id for place in places)
    retries = [place for place in places if place.retry]
    assert order[: len(retries)] == retries


@given(waiting, histories)
def test_a_users_jobs_stay_in_order(places: list[Place], history: list[tuple[str, str]]) -> None:
    order = [place for place in fair_order(places, served(history)) if not place.retry]
    for owner in {(place.guild, place.user) for place in order}:
        own = [int(place.id) for place in order if (place.guild, place.user) == owner]
        assert own == sorted(own)


@given(waiting, histories)
def test_nobody_is_served_twice_while_another_waits(
    places: list[Place], history: list[tuple[str, str]]
) -> None:
    order = [place for place in fair_order(places, served(history)) if not place.retry]
    for first in range(len(order)):
        for second in range(first + 1, len(order)):
            between = order[first + 1 : second]
            later = order[second:]
            if order[first].guild == order[second].guild:
                others = {place.guild for place in later} - {order[second].guild}
                assert others <= {place.guild for place in between}
            owner = (order[first].guild, order[first].user)
            if owner == (order[second].guild, order[second].user):
                mates = {place.user for place in later if place.guild == owner[0]} - {owner[1]}
                assert mates <= {place.user for place in between if place.guild == owner[0]}


@given(waiting, histories)
def test_who_was_served_longest_ago_is_next(places: list[Place], history: list[tuple[str, str]]) -> None:
    turns = served(history)
    order = [place for place in fair_order(places, turns) if not place.retry]
    if order:
        assert turns.guilds.get(order[0].guild, 0) == min(turns.guilds.get(p.guild, 0) for p in order)


@given(waiting, histories)
def test_serving_the_first_leaves_the_rest_as_it_was(
    places: list[Place], history: list[tuple[str, str]]
) -> None:
    turns = served(history)
    order = fair_order(places, turns)
    if order:
        first = order[0]
        if not first.retry:
            turns.record(first.guild, first.user, turns.latest + 1)
        assert fair_order([place for place in places if place != first], turns) == order[1:]

"""The catalogue answers from memory, whatever the engine is at."""

import asyncio
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from sqlalchemy.ext.asyncio import create_async_engine

from bot.engine_client import EngineClient
from bot.errors import EngineUnreachable
from bot.storage.ledger import Ledger
from bot.storage.museum import Museum
from bot.storage.others import Others
from bot.storage.shards import ALL
from bot.styles.catalogue import FIRST_SECONDS, Catalogue
from engine.protocol import ErrorCode, Refusal, StyleCard, StyleList
from tests.bot.fake_engine import STARRY, WAVE

T = TypeVar("T")
SCREAM = STARRY.model_copy(
    update={"name": "the_scream", "title": "The Scream", "artist": "Edvard Munch", "emoji": "😱"}
)


class Engine:
    """One that is asked for its styles, and tells them when the test says so."""

    def __init__(self, *styles: StyleCard) -> None:
        self.told, self.asked, self.answers = StyleList(styles=styles), 0, asyncio.Event()
        self.answers.set()

    async def styles(self) -> StyleList:
        self.asked += 1
        await self.answers.wait()
        return self.told


def catalogue(engine: Engine, folder: Path) -> Catalogue:
    database = create_async_engine("sqlite+aiosqlite://")
    return Catalogue(
        cast("EngineClient", engine),
        Museum(database, Ledger(database, ALL), ALL, Others(is_alone=True)),
        folder / "catalogue.json",
    )


async def test_what_is_known_is_told_without_asking(tmp_path: Path) -> None:
    engine = Engine(STARRY, WAVE)
    first = catalogue(engine, tmp_path)
    await first.open()
    assert first.styles() == (STARRY, WAVE)
    await first.close()
    engine.answers.clear()
    second = catalogue(engine, tmp_path)
    await second.open()  # though this one does not answer
    assert second.styles() == (STARRY, WAVE)
    for _ in range(100):
        assert second.offer().named("great_wave") == WAVE
    await asyncio.sleep(0)
    assert engine.asked == 2
    await second.close()


async def test_what_is_new_is_there_once_the_engine_has_told(tmp_path: Path) -> None:
    engine = Engine(STARRY)
    known = catalogue(engine, tmp_path)
    await known.open()
    engine.told = StyleList(styles=(STARRY, WAVE))
    await known.refresh()
    assert known.styles() == (STARRY, WAVE)
    await known.close()


async def test_a_start_does_not_wait_for_an_engine_that_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert FIRST_SECONDS < 3
    monkeypatch.setattr("bot.styles.catalogue.FIRST_SECONDS", 0.01)
    engine = Engine(STARRY)
    engine.answers.clear()
    known = catalogue(engine, tmp_path)
    await known.open()
    assert known.styles() == ()
    with pytest.raises(EngineUnreachable):
        known.offer().named("starry_night")
    await known.close()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("scream", [SCREAM]),
        ("The Scream", [SCREAM]),
        ("THE_SCREAM", [SCREAM]),
        ("😱", [SCREAM]),
        ("munch", [SCREAM]),
        ("scraem", [SCREAM]),
        ("please paint it like the scream", [SCREAM]),
        ("the", [STARRY, WAVE, SCREAM]),
        ("rococo", []),
        ("", []),
        ("is so cool", []),
    ],
)
async def test_who_writes_freely_is_understood(tmp_path: Path, typed: str, meant: list[Any]) -> None:
    known = catalogue(Engine(STARRY, WAVE, SCREAM), tmp_path)
    await known.open()
    assert known.offer().meant(typed) == meant
    with pytest.raises(Refusal) as refused:
        known.offer().named("rococo")
    assert refused.value.code is ErrorCode.UNKNOWN_STYLE
    await known.close()

"""The privacy page names every table and every column that there is."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.config import BotConfig
from bot.storage import members
from bot.storage.database import metadata
from bot.storage.inbox import ORPHAN_SECONDS

PAGE = Path(__file__).parents[3] / "docs" / "privacy.md"
TABLES = (*members.NAMING, *members.OF_TICKETS, *members.OF_NOBODY)
# What says nothing by itself: the row's own number, and the style of a reaction in plain words.
SELF_EXPLAINING = {"id", "style", "styles"}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_and_its_columns_are_on_the_page(table: sa.Table) -> None:
    rows = [line for line in PAGE.read_text().splitlines() if f"**{table.name}**" in line]
    assert len(rows) == 1, f"docs/privacy.md does not say what {table.name} keeps"
    [row] = rows
    missing = {column.name for column in table.columns if f"`{column.name}`" not in row} - SELF_EXPLAINING
    assert missing == set(), f"docs/privacy.md does not say why {table.name} keeps it"


def test_the_page_knows_all_tables() -> None:
    assert {table.name for table in TABLES} == set(metadata.tables)


def test_the_page_says_how_long_it_is_as_shipped() -> None:
    text, config = PAGE.read_text(), BotConfig()
    assert f"{config.keep_hours / 24:.0f} days (`keep_hours`)" in text
    assert f"{config.forget_days:.0f} days (`forget_days`)" in text
    assert config.keep_hours * 3600 >= ORPHAN_SECONDS

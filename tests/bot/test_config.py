"""The settings: defaults, their example, and what is said of wrong ones."""

import tomllib
from pathlib import Path

import pytest

from bot.cli import shards
from bot.config import BotConfig, LinkConfig, read_config, read_secrets
from bot.errors import CannotStart
from bot.words.errors import sentence

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"


def test_the_example_names_every_setting_and_shows_the_defaults() -> None:
    table = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))["bot"]
    assert set(table) == set(BotConfig.model_fields)
    assert set(table["links"]) == set(LinkConfig.model_fields)
    assert read_config(EXAMPLE) == (BotConfig(), [])


def test_every_setting_of_the_example_has_its_reason_beside_it() -> None:
    text = EXAMPLE.read_text(encoding="utf-8").split("[bot]")[1]
    lines = [line for line in text.splitlines() if line and not line.startswith(("#", "["))]
    assert all("  # " in line or " # " in line for line in lines)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[bot]\ncolour = 1", "[bot] has no setting called 'colour'"),
        ("[bot]\nmessage_content = 'perhaps'", "message_content in [bot]"),
        ("[bot]\nengine_url = 'ftp://engine'", "engine_url in [bot] must be an http or https"),
        ("[bot]\nengine_url = 'http://engine/paint'", "engine_url in [bot] must be"),
        ("[bot]\nengine_url = 'http://engine:99999'", "engine_url in [bot] must be"),
        (
            "[bot.links]\naddress = 'http://art.example.org'",
            "links.address in [bot] must be an https address",
        ),
        ("[bot.links]\naddress = 'https://art.example.org/p'", "links.address in [bot] must be"),
        ("[bot.links]\naddress = 'art.example.org'", "links.address in [bot] must be"),
        ("[bot.links]\nhours = 0", "links.hours in [bot]"),
        ("[bot.links]\ndays = 1", "[bot] has no setting called 'links.days'"),
        ("[bot]\nshard_count = 2\nshard_ids = [0, 2]", "shard_ids in [bot]"),
        ("[bot]\nshard_count = 2\nshard_ids = [0]", "need a PostgreSQL in database_url"),
        ("[bot]\nshard_ids = [0]", "shard_count, which is not set"),
        ("[bot]\nimages = 's3:pictures'", "images in [bot]"),
        ("[bto]\nseed_palette = false", "'bto' is not one of the tables [engine] and [bot]"),
        ("[engine]\n[Bot]", "'Bot' is not one of the tables"),
        ("seed_palette = false", "'seed_palette' is not one of the tables"),
        ("bot = 1", "'bot' is not one of the tables"),
        ("[bot", "not valid TOML"),
    ],
)
def test_wrong_settings_are_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CannotStart) as caught:
        read_config(path)
    assert words in sentence(caught.value)
    assert "\n" not in sentence(caught.value)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="config_unreadable"):
        read_config(tmp_path / "none.toml")


def test_a_file_that_is_no_text_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xff[bot]")
    with pytest.raises(CannotStart, match="config_not_text"):
        read_config(path)


def test_secrets_come_from_the_environment_and_are_not_shown() -> None:
    secrets = read_secrets({"DISCORD_TOKEN": "abc.def", "ATELIER_ENGINE_TOKEN": "ghi\n"})
    assert (secrets.discord_token, secrets.engine_token, secrets.discord_api) == ("abc.def", "ghi", None)
    assert "abc" not in repr(secrets)
    assert "ghi" not in repr(secrets)


@pytest.mark.parametrize("api", ["http://192.0.2.1:80", "https://127.0.0.1:80", "http://discord.com"])
def test_a_stand_in_may_only_be_on_this_machine(api: str) -> None:
    with pytest.raises(CannotStart, match="not_loopback"):
        read_secrets({"DISCORD_TOKEN": "x", "ATELIER_DISCORD_API": api})


def test_what_servers_set_by_a_command_now_is_named_and_does_not_keep_the_bot_from_starting(
    tmp_path: Path,
) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[bot]\nart_channels = ["art"]\nseed_palette = false\nkeep_hours = 1.0', encoding="utf-8")
    config, retired = read_config(path)
    assert (config.keep_hours, retired) == (1.0, ["art_channels", "seed_palette"])


def test_the_command_line_says_where_the_engine_is(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[bot]\nengine_url = "http://127.0.0.1:8787"', encoding="utf-8")
    assert read_config(path, "http://engine:8787")[0].engine_url == "http://engine:8787"
    with pytest.raises(CannotStart, match="not_http"):
        read_config(None, "engine")


@pytest.mark.parametrize(
    ("given", "ids", "own"),
    [(None, (), "data"), ([3, 1, 1], (1, 3), "data/shard-1"), ([0, 1, 2, 3], (0, 1, 2, 3), "data")],
)
def test_a_process_may_have_some_of_the_shards(
    tmp_path: Path, given: list[int] | None, ids: tuple[int, ...], own: str
) -> None:
    path = tmp_path / "config.toml"
    text = '[bot]\nshard_count = 4\ndatabase_url = "postgresql+asyncpg://x"\ndata_dir = "data"\nmetrics.port = 9000'
    path.write_text(text)
    config, _ = read_config(path, shard_ids=given)
    assert config.own_metrics.port == (9001 if own.endswith("-1") else 9000)
    assert (config.shard_ids, config.own_dir) == (ids, Path(own))


def test_shards_are_given_by_their_numbers() -> None:
    assert [shards(text) for text in ("0", "0,2", "4-6,1")] == [[0], [0, 2], [4, 5, 6, 1]]
    with pytest.raises(ValueError, match="invalid literal"):
        shards("0,")

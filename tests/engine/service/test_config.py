"""The engine's settings are read strictly, and the example file shows them as they are."""

import tomllib
from pathlib import Path

import pytest

from engine.protocol import Precision, RecipeLimits, RecipeName
from engine.service.config import RECIPE_LIMITS, TOKEN_VARIABLE, ConfigError, EngineConfig, RayConfig, load

EXAMPLE = Path(__file__).parents[3] / "config.example.toml"


def test_the_example_names_every_setting_with_its_default() -> None:
    shown = tomllib.loads(EXAMPLE.read_text())["engine"]
    assert list(shown) == [name for name in EngineConfig.model_fields if name != "token"]
    assert EngineConfig(**shown) == EngineConfig()
    assert load(EXAMPLE, {}) == load(None, {})


def test_every_value_of_the_example_has_its_reason() -> None:
    table = EXAMPLE.read_text().partition("[engine]")[2].partition("\n[")[0]
    values = [line for line in table.splitlines() if "=" in line.partition("#")[0]]
    of_recipes = EXAMPLE.read_text().partition("[engine.recipes")[2].partition("\n[bot")[0]
    values += [line for line in of_recipes.splitlines() if "=" in line.partition("#")[0]]
    others = {"token", "recipes", "ray"}
    knobs = len(RecipeName) * len(RecipeLimits.model_fields) + len(RayConfig.model_fields)
    assert len(values) == len(EngineConfig.model_fields) - len(others) + knobs
    assert all(line.partition("#")[2].strip() for line in values)


def test_without_ray_its_workers_are_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[engine]\nworkers = "ray"')
    assert load(path, {}).workers == "ray"
    monkeypatch.setattr("engine.service.config.find_spec", lambda _: None)
    with pytest.raises(ConfigError, match="pip install"):
        load(path, {})


def test_the_token_comes_from_the_environment_and_does_not_show() -> None:
    config = load(None, {TOKEN_VARIABLE: "hush"})
    assert config.token is not None
    assert config.token.get_secret_value() == "hush"
    assert "hush" not in repr(config) + str(config) + config.model_dump_json()
    assert load(None, {TOKEN_VARIABLE: ""}).token is None
    with pytest.raises(ConfigError, match=TOKEN_VARIABLE) as told:
        load(None, {TOKEN_VARIABLE: "hu\nsh"})
    assert "hu" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[engine]\nprot = 1", "there is no setting called “prot”"),
        ('[engine]\nport = "http"', "“port” is not valid"),
        ("[engine]\nport = 70000", "“port” is not valid"),
        ('[engine]\ndevices = ["tpu"]', "“devices.0” is not valid"),
        ("[engine]\ndevices = []", "“devices” is not valid"),
        ('[engine]\ndevices = ["gpu:0", "gpu:0"]', "are the same GPU"),
        ("[engine]\ngpu_memory_mb = -1", "“gpu_memory_mb” is not valid"),
        ('[engine]\nprecision = "float64"', "“precision” is not valid"),
        ("[engine]\nstatistics_mb = -1", "“statistics_mb” is not valid"),
        ('[engine]\nworkers = "threads"', "“workers” is not valid"),
        ('[engine]\nworkers = "ray"\ndevices = ["cpu"]', "leave `devices` out"),
        ("[engine.ray]\nnum_gpus = 2", "“ray.num_gpus” is not valid"),
        ("[engine.ray]\nworkers = 0", "“ray.workers” is not valid"),
        ("[engine.ray]\nadress = 1", "no setting called “ray.adress”"),
        ("[engine]\nkeep_hours = 0", "“keep_hours” is not valid"),
        ("[engine.recipes.tutorial]\nmax_seconds = 0", "“recipes.tutorial.max_seconds” is not valid"),
        ("[engine.recipes.tutorial]\nmax_size = 5000", "“recipes.tutorial.max_size” is not valid"),
        ("[engine.recipes.tutorial]\nmax_sise = 64", "no setting called “recipes.tutorial.max_sise”"),
        ("[engine.recipes.totorial]\nmax_size = 64", "recipes.totorial"),
        ("[engine]\nrecipes = 1", "“recipes” is not valid"),
        ('[engine]\nweights = "no/such.h5"', "no weights file no/such.h5"),
        ('[engine]\ntoken = "hush"', TOKEN_VARIABLE),
        ('[engine]\nhost = "0.0.0.0"', TOKEN_VARIABLE),
        ('[engine]\nhost = "engine.example"', TOKEN_VARIABLE),
        ("engine = 1", "“engine” is not one of the tables [engine] and [bot]"),
        ("[[engine]]", "“engine” is not one of the tables"),
        ("[engin]\nport = 1", "“engin” is not one of the tables"),
        ("[bot]\n[recipes.tutorial]", "“recipes” is not one of the tables"),
        ("port = 1", "“port” is not one of the tables"),
        ("[engine", "not valid TOML"),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        load(path, {})
    sentence = str(error.value)
    assert words in sentence
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert "hush" not in sentence


def test_what_is_not_set_of_a_recipe_stays_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[engine.recipes.tutorial]\nmax_seconds = 60")
    assert load(path, {}).recipes == RECIPE_LIMITS | {
        RecipeName.TUTORIAL: RecipeLimits(
            max_seconds=60, max_size=RECIPE_LIMITS[RecipeName.TUTORIAL].max_size
        )
    }
    assert set(RECIPE_LIMITS) == set(RecipeName)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "none.toml", {})


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.8.8"])
def test_loopback_needs_no_token(tmp_path: Path, host: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[engine]\nhost = "{host}"')
    assert load(path, {}).host == host


def test_with_a_token_any_address_will_do(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[engine]\nhost = "0.0.0.0"')
    assert load(path, {TOKEN_VARIABLE: "hush"}).port == EngineConfig().port


@pytest.mark.parametrize(
    ("name", "precision"), [("auto", None), *((precision.value, precision) for precision in Precision)]
)
def test_the_precision_is_fixed_or_left_to_the_warm_up(
    tmp_path: Path, name: str, precision: Precision | None
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[engine]\nprecision = "{name}"')
    assert load(path, {}).fixed_precision is precision


def test_what_the_command_line_says_counts_and_is_held_to_the_same_rules(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[engine]\nhost = "127.0.0.1"\nport = 1')
    config = load(path, {TOKEN_VARIABLE: "hush"}, {"host": "0.0.0.0", "port": 8787})  # noqa: S104 - of a container
    assert (config.host, config.port) == ("0.0.0.0", 8787)  # noqa: S104
    with pytest.raises(ConfigError, match=TOKEN_VARIABLE):
        load(path, {}, {"host": "0.0.0.0"})  # noqa: S104

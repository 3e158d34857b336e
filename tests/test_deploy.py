"""What is deployed beside Atelier is true to it: each metric of a panel or a rule is one that is told, with these labels.

There is no promtool here; what it would find is looked for by names: metrics, labels and their values, functions, brackets.
"""

import asyncio
import json
import re
import socket
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.config import MetricsConfig
from bot.metrics import serving_metrics
from tests.engine.service.operation.operated import operated

DEPLOY = Path(__file__).parents[1] / "deploy"
DASHBOARD = DEPLOY / "grafana" / "atelier.json"
RULES = DEPLOY / "prometheus" / "atelier-rules.yml"

Told = dict[str, dict[str, set[str]]]  # the values of each label of each metric

_ADDED = {"instance", "job"}  # by Prometheus, to all that it asks
_FREE = {"route", "method", "device", "shard", "le"}  # labels whose values are not all there from the start
_FUNCTIONS = {"sum", "max", "rate", "increase", "histogram_quantile"}
_WORDS = {"by", "on", "and", "or", "unless", "ignoring", "without", "bool"}
_SELECTOR = re.compile(r"\b((?:atelier_\w+)|up)\b(?:\{([^}]*)\})?")
_MATCHER = re.compile(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"')
_GROUPING = re.compile(r"\b(?:by|on|without|ignoring)\s*\(([^)]*)\)")


async def texts(folder: Path) -> str:
    """What engine and bot answer at /metrics; the engine has painted one picture."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with (
        operated(folder, workers=1) as engine,
        serving_metrics(MetricsConfig(port=port), lambda: {0: 0.1}),
        aiohttp.ClientSession() as session,
    ):
        await engine.paint("great_wave", 1, 0)
        found = []
        for address in (
            engine.url,
            engine.url,
            f"http://127.0.0.1:{port}/",
        ):  # the first is a request to tell of
            async with session.get(f"{address}metrics") as answer:
                found.append(await answer.text())
        return "".join(found[1:])


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The same, taken apart."""
    text = asyncio.run(texts(tmp_path_factory.mktemp("metrics")))
    found: Told = defaultdict(lambda: defaultdict(set))
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = found[sample.name]
            for label, value in sample.labels.items():
                labels[label].add(value)
    found["up"]["job"] = {"atelier-engine", "atelier-bot"}
    return found


def problems(expression: str, told: Told) -> Iterator[str]:
    """What Prometheus would find wrong with it, or find nothing by."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    for opening, closing in ("()", "{}", "[]"):
        if bare.count(opening) != bare.count(closing):
            yield f"{opening} and {closing} are not as many"
    names = []
    for name, matchers in _SELECTOR.findall(expression):
        names.append(name)
        if name not in told:
            yield f"{name} is told by nobody"
            continue
        yield from _wrong_matchers(name, matchers, told)
    if not names:
        yield "it has no metric"
    for labels in _GROUPING.findall(expression):
        for label in filter(None, re.split(r"[\s,]+", labels)):
            if label not in _ADDED and not any(label in told[name] for name in names if name in told):
                yield f"none of its metrics has the label {label}"
    rest = _GROUPING.sub(" ", re.sub(r"\{[^}]*\}|\[\w+\]", "", bare))
    for word in re.findall(r"[a-zA-Z_]\w*", re.sub(r"\d[\w.]*", "", rest)):
        if word not in {*names, *_FUNCTIONS, *_WORDS}:
            yield f"{word} is nothing that is known"


def _wrong_matchers(name: str, matchers: str, told: Told) -> Iterator[str]:
    if _MATCHER.sub("", matchers).strip(" ,"):
        yield f"{name} is matched by {matchers}"
    for label, how, value in _MATCHER.findall(matchers):
        values = told[name].get(label)
        if values is None:
            yield f"{name} has no label {label}"
        elif (how == "=" and label not in _FREE and value not in values) or (
            how == "=~" and not all(each in values for each in value.split("|"))
        ):
            yield f"{name} never has {label}={value}"


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
    return found


def rules() -> list[dict[str, str]]:
    """The rules of the file, which is written in a few kinds of lines only; a line of another kind is a failure."""
    found: list[dict[str, str]] = []
    folded = ""
    for line in RULES.read_text().splitlines():
        text = line.strip()
        key, colon, value = text.removeprefix("- ").partition(":")
        if not text or text.startswith(("#", "- name: ")) or text in ("groups:", "rules:"):
            folded = ""
        elif text.startswith("- alert: "):
            found.append({"alert": value.strip()})
            folded = ""
        elif folded and line.startswith(" " * 10):
            found[-1][folded] = f"{found[-1][folded]} {text}".strip()
        else:
            assert colon, line
            folded = key if value.strip() == "|" else ""
            found[-1][key] = "" if folded else value.strip()
    return found


def test_each_panel_shows_what_is_told(told: Told) -> None:
    shown = [(panel["title"], target["expr"]) for panel in panels() for target in panel.get("targets", ())]
    assert len(shown) > 30
    assert {title: found for title, expr in shown if (found := [*problems(expr, told)])} == {}
    legends = {
        target["legendFormat"]: target["expr"] for panel in panels() for target in panel.get("targets", ())
    }
    for legend, expr in legends.items():
        for label in re.findall(r"\{\{(\w+)\}\}", legend):
            assert any(label in told[name] for name, _ in _SELECTOR.findall(expr)), legend
    places = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in panels()]
    assert len(set(places)) == len(places)
    assert len({panel["id"] for panel in panels()}) == len(panels())


def test_each_rule_looks_at_what_is_told_and_says_what_to_do(told: Told) -> None:
    found = rules()
    assert len({rule["alert"] for rule in found}) == len(found) > 10
    assert {rule["alert"]: bad for rule in found if (bad := [*problems(rule["expr"], told)])} == {}
    for rule in found:
        assert {"expr", "labels", "summary", "description"} <= rule.keys()
        assert re.fullmatch(r"\{severity: (critical|warning|info)\}", rule["labels"])
        assert re.fullmatch(r"\d+[mh]", rule.get("for", "1m"))
        assert not set(rule["summary"] + rule["description"]) & set('#"')
        assert ": " not in rule["summary"] + rule["description"]  # which would not be YAML


def test_whatever_is_told_is_shown(told: Told) -> None:
    """A new metric belongs onto the dashboard."""
    text = DASHBOARD.read_text()
    ends = re.compile(r"_(bucket|count|sum|created)$")
    names = {ends.sub("", name) for name in told if name.startswith("atelier_")}
    assert {name for name in names if name not in text} == set()


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("sum(atelier_nothing)", "atelier_nothing is told by nobody"),
        ('atelier_jobs{state="lost"}', "atelier_jobs never has state=lost"),
        ("sum by (user) (atelier_jobs)", "none of its metrics has the label user"),
        ("sum(atelier_jobs", "( and ) are not as many"),
        ("avrage(atelier_jobs)", "avrage is nothing that is known"),
        ('atelier_jobs{colour="red"}', "atelier_jobs has no label colour"),
    ],
)
def test_what_is_wrong_is_found(told: Told, expression: str, found: str) -> None:
    assert found in [*problems(expression, told)]

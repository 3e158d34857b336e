"""What nobody uses and what would hide a mistake, found in the source itself.

Rule: a guard reads the files as they are; it imports nothing of them but the codes that it counts.
"""

import ast
import re
from collections.abc import Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path

import pytest

from bot.errors import BotErrorCode
from engine.protocol import CrashPoint, ErrorCode, NoteCode

ROOT = Path(__file__).parents[1]
SPECS = {"spec", "spec_set", "autospec", "new", "new_callable", "wraps"}
MOCKS = {"Mock", "MagicMock", "AsyncMock", "NonCallableMock", "NonCallableMagicMock", "PropertyMock"}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), path.name)


def sources(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


# --- stand-ins --------------------------------------------------------------------------------------------


def unspecified_mocks(tree: ast.Module) -> Iterator[int]:
    """Lines in which something is replaced by a mock that takes any name and any argument."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        specified = SPECS & {keyword.arg for keyword in node.keywords if keyword.arg}
        match node.func:
            case ast.Name(name) | ast.Attribute(attr=name) if name in MOCKS:
                if not specified and not node.args:
                    yield node.lineno
            case ast.Name("patch") | ast.Attribute(attr="patch"):
                if not specified and len(node.args) < 2:
                    yield node.lineno
            case ast.Attribute(value=ast.Name("patch") | ast.Attribute(attr="patch"), attr="object"):
                if not specified and len(node.args) < 3:
                    yield node.lineno
            case ast.Attribute(value=ast.Name("patch") | ast.Attribute(attr="patch"), attr="multiple"):
                if not specified:
                    yield node.lineno


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Mock()", True),
        ("mock.AsyncMock(return_value=1)", True),
        ("Mock(spec=Engine)", False),
        ("MagicMock(Engine)", False),
        ("create_autospec(Engine)", False),
        ("patch('bot.app.Engine')", True),
        ("patch('bot.app.Engine', autospec=True)", False),
        ("patch('bot.app.Engine', fake)", False),
        ("mocker.patch('bot.app.Engine')", True),
        ("mock.patch.object(app, 'Engine')", True),
        ("patch.object(app, 'Engine', spec=True)", False),
        ("session.patch('/url', data)", False),
    ],
)
def test_a_mock_without_a_spec_is_seen(line: str, found: bool) -> None:
    assert bool([*unspecified_mocks(ast.parse(line))]) is found


def test_no_mock_is_without_a_spec() -> None:
    """It would go on agreeing to calls that the real one no longer takes."""
    found = [f"{path.name}:{line}" for path in sources("tests") for line in unspecified_mocks(tree_of(path))]
    assert not found


# --- words ------------------------------------------------------------------------------------------------


def defined_names(tree: ast.Module) -> set[str]:
    """Functions, classes and constants of a module, also those of its own."""
    names: set[str] = set()
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=[ast.Name(name)]) | ast.AnnAssign(target=ast.Name(name)):
                names.add(name)
    return names


def read_names(tree: ast.AST) -> set[str]:
    """Names of the module itself that are read in it."""
    return {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def names_read_from(tree: ast.Module, package: str) -> set[str]:
    """What a module reads from those of a package (or module), imported by name or through its module."""
    read = read_names(tree)
    doors, names = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                bound = alias.asname or alias.name
                if node.module == package or node.module.startswith(f"{package}."):
                    names |= {alias.name} if bound in read else set()
                if f"{node.module}.{alias.name}.".startswith(f"{package}."):
                    doors.add(bound)
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(name), attr=attribute) if name in doors:
                names.add(attribute)
    return names


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and value of the string literals of a module that are not its docstrings."""
    statements = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in statements:
            yield node.lineno, node.value


def test_no_sentence_of_the_bot_is_outside_words() -> None:
    """A sentence has a space and begins with a capital; events of the log begin without one.

    What an operator alone reads is English wherever it stands, as the log is: a doctor's findings, and what Prometheus shows.
    """
    operators = {*sources("bot/doctor"), ROOT / "bot" / "metrics.py"}
    former = sources("bot/storage/migrations")  # these know what former versions said
    words = {*sources("bot/words"), *former, *operators}
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}"
        for path in sources("bot")
        if path not in words
        for line, text in texts(tree_of(path))
        if text[:1].isupper() and " " in text.strip()
    ]
    assert found == []


def test_no_sentence_is_in_the_code_of_words_either() -> None:
    """They stand in the catalogues; what is left are names and formats."""
    found = [
        f"{path.name}:{line}: {text}"
        for path in sources("bot/words")
        for line, text in texts(tree_of(path))
        if text[:1].isupper() and " " in text.strip()
    ]
    assert found == []


def unused(package: str) -> list[str]:
    """Names of a package's modules that no module of the bot or the demo reads, nor their own."""
    place = ROOT / package.replace(".", "/")
    modules = sources(package.replace(".", "/")) if place.is_dir() else [place.with_suffix(".py")]
    assert modules
    read = {name for path in sources("bot", "demo") for name in names_read_from(tree_of(path), package)}
    return [
        f"{path.stem}.{name}"
        for path in modules
        for name in sorted(defined_names(tree_of(path)) - read - read_names(tree_of(path)))
    ]


def test_every_sentence_of_the_bot_is_said_somewhere() -> None:
    assert unused("bot.words") == []


def test_every_answer_of_the_bot_is_given_somewhere() -> None:
    assert unused("bot.errors") == []


# --- codes ------------------------------------------------------------------------------------------------


def given(tree: ast.Module, enumeration: str) -> Iterator[str]:
    """Members that are handed to something; to look one up, or to compare with it, is not to give it."""
    looked_up: set[ast.AST] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Dict(keys=keys):
                looked_up.update(key for key in keys if key is not None)
            case ast.Set(elts=members):
                looked_up.update(members)
            case ast.Compare():
                looked_up.update(ast.walk(node))
            case ast.MatchValue(value=value) | ast.Subscript(slice=value):
                looked_up.add(value)
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(name), attr=member) if name == enumeration:
                if node not in looked_up:
                    yield member


@pytest.mark.parametrize("codes", [ErrorCode, NoteCode, BotErrorCode])
def test_every_code_is_given_by_somebody(codes: type[StrEnum]) -> None:
    somewhere = {
        member for path in sources("engine", "bot") for member in given(tree_of(path), codes.__name__)
    }
    assert {code.name for code in codes} - somewhere == set()


def test_every_crash_point_stands_at_one_place() -> None:
    points = [point for path in sources("engine", "bot") for point in given(tree_of(path), "CrashPoint")]
    assert sorted(points) == sorted(point.name for point in CrashPoint)


# --- documents --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["guarantees.md", "security.md"])
def test_every_proof_that_a_document_names_is_there(name: str) -> None:
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    defined = {
        node.name
        for path in sources("tests")
        for node in tree_of(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    files = {path.name for path in sources("tests")}
    assert set(re.findall(r"\btest_\w+(?=[`])", text)) - defined == set()
    assert set(re.findall(r"\btest_\w+\.py", text)) - files == set()


# --- pictures ---------------------------------------------------------------------------------------------

PICTURE_BYTES, PICTURES_BYTES = 300_000, 5_000_000


def test_the_pictures_of_the_documents_are_there_and_small() -> None:
    documents = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    shown = {
        (document.parent / name).resolve()
        for document in documents
        for name in re.findall(r"!\[[^]]*\]\(([^)]+)\)", document.read_text(encoding="utf-8"))
    }
    kept = {path for path in (ROOT / "docs").rglob("*") if path.suffix in {".jpg", ".png", ".webp"}}
    assert shown == kept
    assert all(path.stat().st_size < PICTURE_BYTES for path in kept)
    assert sum(path.stat().st_size for path in kept) < PICTURES_BYTES

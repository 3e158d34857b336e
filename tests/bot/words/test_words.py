"""Words live in one room, and none of them is left over."""

import ast
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bot.errors import BotErrorCode

BOT = Path(__file__).parents[3] / "bot"
WORDS = BOT / "words"


def trees(*left_out: Path) -> Iterator[tuple[Path, ast.Module]]:
    """The bot's modules, without those that are or lie under one of the paths left out."""
    for path in sorted(BOT.rglob("*.py")):
        if not any(path.is_relative_to(each) for each in left_out):
            yield path, ast.parse(path.read_text(encoding="utf-8"))


def texts(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and value of the string literals of a module that are not its docstrings."""
    statements = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in statements:
            yield node.lineno, node.value


def test_no_sentence_is_outside_words() -> None:
    """A sentence has a space and begins with a capital; events of the log begin without one."""
    migrations = BOT / "storage" / "migrations"  # know what former versions have said
    found = [
        f"{path.relative_to(BOT)}:{line}: {text}"
        for path, tree in trees(WORDS, migrations)
        for line, text in texts(tree)
        if text[:1].isupper() and " " in text.strip()
    ]
    assert found == []


def test_all_words_are_used() -> None:
    used: Counter[str] = Counter()
    for _, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                used[node.id] += 1
            elif isinstance(node, ast.Attribute):
                used[node.attr] += 1
    assert [name for name in defined() if not used[name]] == []


def defined() -> Iterator[str]:
    """The names of everything in `words`."""
    for path in sorted(WORDS.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            match node:
                case ast.FunctionDef() | ast.ClassDef():
                    yield node.name
                case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                    yield name


def test_every_code_of_the_bots_own_is_raised() -> None:
    raised = {
        node.attr
        for _, tree in trees(BOT / "errors.py", WORDS)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
    }
    own = {code.name for code in BotErrorCode} - {BotErrorCode.ENGINE_UNREACHABLE.name}  # a class of its own
    assert own - raised == set()

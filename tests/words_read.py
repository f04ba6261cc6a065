"""Which lines of words the code asks for, read off its source and templates."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import coach

ROOT = Path(coach.__file__).parent
ASKS = frozenset({"line", "many", "either"})
ENDINGS = {"many": (".one", ".many"), "either": ("", "_short"), "line": ("",)}


@cache
def _nodes() -> tuple[ast.AST, ...]:
    """Every node of all code, walked once for all who look."""
    paths = sorted(ROOT.rglob("*.py"))
    return tuple(node for path in paths for node in ast.walk(ast.parse(path.read_text("utf-8"))))


@cache
def _templates() -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(ROOT.rglob("*.j2")))


def asked_for() -> set[str]:
    """Keys that are asked for by their whole name; of one and many, both."""
    found = set()
    for call in _nodes():
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in ASKS:
            for key in _whole(call.args[0]) if call.args else ():
                found |= {key + ending for ending in ENDINGS[call.func.attr] if ending != "_short"}
    for how, key in re.findall(r"\bwords\.(line|many|either)\(\"([^\"]+)\"", _templates()):
        found |= {key + ending for ending in ENDINGS[how] if ending != "_short"}
    return found


def _whole(key: ast.expr) -> Iterator[str]:
    """The keys that stand there whole: one, or either side of a condition."""
    if isinstance(key, ast.IfExp):
        yield from (*_whole(key.body), *_whole(key.orelse))
    elif isinstance(key, ast.Constant) and isinstance(key.value, str):
        yield key.value


def read_keys(known: Iterable[str]) -> set[str]:
    """Keys that some code names: whole, or in an f-string whose places other strings and names of the code fill."""
    strings = set(_texts())
    named = strings | set(re.findall(r"words\.\w+\(\"([^\"]+)\"", _templates()))
    names = named | {text.replace(" ", "_") for text in named} | {member.lower() for member in _members()}
    patterns = list(_patterns())
    return {key for key in known if _read(key, named, names, patterns)}


def _read(key: str, named: set[str], names: set[str], patterns: list[re.Pattern[str]]) -> bool:
    for ending in ("", ".one", ".many", "_short"):
        stem = key.removesuffix(ending) if ending else key
        if stem in named:
            return True
        for pattern in patterns:
            if (match := pattern.fullmatch(stem)) and all(_fills(part, names) for part in match.groups()):
                return True
    return False


def _fills(part: str, names: set[str]) -> bool:
    """Whether code can put this into a place: a name, two of them joined, or a number."""
    return (
        part in names or part.isdecimal() or any(part[:at] in names and part[at + 1 :] in names for at in _joints(part))
    )


def _joints(part: str) -> list[int]:
    return [at for at, letter in enumerate(part) if letter in "._"]


def _texts() -> Iterator[str]:
    for node in _nodes():
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _members() -> Iterator[str]:
    """Names of the members of enumerations and of the fields of records: some keys are made of them."""
    for node in _nodes():
        if isinstance(node, ast.ClassDef):
            made = [target for line in node.body if isinstance(line, ast.Assign) for target in line.targets]
            made += [line.target for line in node.body if isinstance(line, ast.AnnAssign)]
            yield from (target.id for target in made if isinstance(target, ast.Name))


def _patterns() -> Iterator[re.Pattern[str]]:
    """F-strings that may be keys: they begin with words and a dot, and hold no space."""
    for node in _nodes():
        if isinstance(node, ast.JoinedStr):
            parts = [p.value if isinstance(p, ast.Constant) else None for p in node.values]
            text = "".join(part or "" for part in parts if isinstance(part, str))
            if isinstance(parts[0], str) and re.match(r"[a-z_]+\.", parts[0]) and not re.search(r"\s", text):
                yield re.compile("".join(re.escape(p) if isinstance(p, str) else "([a-z0-9_.]+)" for p in parts))

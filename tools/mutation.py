"""Mutation testing: change one thing in a module, run the tests that cover it, and see whether one fails.

    python -m tools.mutation [MODULE ...] [--jobs 2] [--again]

The changes are cosmic-ray's (its operators, listed in `OPERATORS`); running them is ours. Cosmic-ray starts an
interpreter for each change, three to five seconds with numpy and SciPy in it; here one process imports them once and
is forked for each change, which takes the module's changed text instead of the file. No file is touched, so that
several changes can be tried at once. mutmut forks as well, but changes the bodies of functions alone, and the numbers
this project stands on lie outside of them: thresholds, table rows, offsets.

Results lie in .mutation/, one line of JSON a change, so that a broken run goes on; all is run again once the
module or its tests have changed. docs/testing.md holds the table and says what the survivors are.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import importlib.util
import json
import math
import os
import re
import resource
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from difflib import unified_diff
from functools import cache
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Final

import grimp
import hypothesis
import pytest
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator

ROOT: Final = Path(__file__).parents[1]
RESULTS: Final = ROOT / ".mutation"
SUBJECTS: Final[dict[str, tuple[str, ...]]] = {
    "coach.core.coaching.target": ("tests/core/coaching/test_target.py", "tests/core/coaching/test_bands.py"),
    "coach.core.coaching.cue_rules": (
        "tests/core/coaching/test_cue_lines.py",
        "tests/core/coaching/test_cue_rules.py",
    ),
    "coach.core.coaching.cues": ("tests/core/coaching/test_cues.py",),
    "coach.core.gait.events": ("tests/core/gait/test_events.py",),
    "coach.core.gait.quality": ("tests/core/gait/test_stride_quality.py", "tests/core/gait/test_far_leg.py"),
    "coach.core.speed.speed_choice": (
        "tests/core/speed/test_speed_choice_limits.py",
        "tests/core/speed/test_speed_choice.py",
    ),
    "coach.core.speed.belt_speed": ("tests/core/speed/test_speed_choice_limits.py",),
    "coach.review.sentences": (
        "tests/review/test_summary_lines.py",
        "tests/review/test_sentence_limits.py",
        "tests/review/test_sentences.py",
    ),
}
"""What is changed, and the tests that must notice."""
_REPLACED: Final = (
    "ReplaceBinaryOperator_Add_Sub", "ReplaceBinaryOperator_Sub_Add",
    "ReplaceBinaryOperator_Mul_Div", "ReplaceBinaryOperator_Div_Mul",
    "ReplaceBinaryOperator_FloorDiv_Mul", "ReplaceBinaryOperator_Mod_Mul", "ReplaceBinaryOperator_Pow_Mul",
    "ReplaceComparisonOperator_Lt_LtE", "ReplaceComparisonOperator_Lt_GtE",
    "ReplaceComparisonOperator_LtE_Lt", "ReplaceComparisonOperator_LtE_Gt",
    "ReplaceComparisonOperator_Gt_GtE", "ReplaceComparisonOperator_Gt_LtE",
    "ReplaceComparisonOperator_GtE_Gt", "ReplaceComparisonOperator_GtE_Lt",
    "ReplaceComparisonOperator_Eq_NotEq", "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceComparisonOperator_Is_IsNot", "ReplaceComparisonOperator_IsNot_Is",
    "ReplaceUnaryOperator_Delete_Not", "ReplaceUnaryOperator_Delete_USub",
    "ReplaceAndWithOr", "ReplaceOrWithAnd", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue",
    "ReplaceBreakWithContinue", "ReplaceContinueWithBreak",
)  # fmt: skip
OPERATORS: Final = (*_REPLACED, "NumberReplacer", "AddNot", "ZeroIterationForLoop", "RemoveDecorator")
"""Each operator becomes its opposite and, in comparisons, its neighbour at the border; each number one more and one
less. Cosmic-ray's other replacements of one operator (an addition by a shift) fall with these and are left out."""
WARM: Final = (
    "numpy",
    "scipy.interpolate",
    "scipy.optimize",
    "scipy.signal",
    "scipy.stats",
    "coach.config",
    "coach.languages",
)
"""Imported once, before all forks."""
LONGEST: Final = 5.0
LEAST_S: Final = 5.0
"""Times the processor's time of the unchanged module, and a little: then a change has made a loop that does not end."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change to a module and what came of it."""

    operator: str
    line: int
    before: str
    after: str
    outcome: str = ""
    """`killed`, `survived` or `hung`"""


class _Changed(SourceFileLoader):
    """Loads a module from a text of our own."""

    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name, path)
        self._text = text

    def get_code(self, fullname: str) -> CodeType:  # noqa: ARG002
        """The text's code; never the cached one."""
        return compile(self._text, self.path, "exec", dont_inherit=True)


class _Finder(MetaPathFinder):
    """Finds the changed module before the file is found."""

    def __init__(self, name: str, path: Path, text: str) -> None:
        self._name, self._loader = name, _Changed(name, str(path), text)

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """A spec for the one name."""
        loader: Loader = self._loader
        return (
            importlib.util.spec_from_file_location(fullname, self._loader.path, loader=loader)
            if fullname == self._name
            else None
        )


def changes(source: str) -> Iterator[tuple[Change, str]]:
    """Every change and the whole text with it; those that are not Python are left out."""
    for name in OPERATORS:
        operator = get_operator(f"core/{name}")()
        occurrence = 0
        while (text := mutate_code(source, operator, occurrence)) is not None:
            occurrence += 1
            change = _described(name, source, text)
            if change is not None and _compiles(text):
                yield change, text


def _described(operator: str, source: str, text: str) -> Change | None:
    """The change in words; None for what no test can notice: a cache and its size, slots, the `*` in a signature."""
    lines = list(unified_diff(source.splitlines(), text.splitlines(), lineterm="", n=0))[2:]
    if not lines:
        return None
    line = int(lines[0].split()[1].lstrip("-").split(",")[0])
    before = " ".join(each[1:].strip() for each in lines if each.startswith("-"))
    after = " ".join(each[1:].strip() for each in lines if each.startswith("+"))
    if re.search(r"@(lru_)?cache\b", before) or "slots=False" in after or ("/," in after and "/," not in before):
        return None
    return Change(operator, line, before, after)


def _compiles(text: str) -> bool:
    try:
        compile(text, "changed", "exec", dont_inherit=True)
    except SyntaxError:
        return False
    return True


def warm_up() -> None:
    """Import what is slow, once; a fork drops what hangs on the module that it changes."""
    for name in (*WARM, *SUBJECTS):
        importlib.import_module(name)
    hypothesis.settings.register_profile("mutation", deadline=None, max_examples=25, derandomize=True, database=None)
    hypothesis.settings.load_profile("mutation")


@cache
def _hanging_on(name: str) -> frozenset[str]:
    """The module and all that import it; `coach` itself holds nothing."""
    return frozenset({name, *grimp.build_graph("coach").find_downstream_modules(name)} - {"coach"})


def _forget(name: str) -> None:
    """Drop what hangs on the module, packages with all that is in them."""
    changed = _hanging_on(name)
    for each in list(sys.modules):
        package, _, own = each.rpartition(".")
        if any(each == old or each.startswith(f"{old}.") for old in changed):
            del sys.modules[each]
            if hasattr(sys.modules.get(package), own):
                delattr(sys.modules[package], own)


def _tested(name: str, path: Path, text: str, tests: Sequence[str]) -> int:
    """In the child: run the tests on the changed text; the exit code of pytest."""
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    sys.dont_write_bytecode = True
    _forget(name)
    sys.meta_path.insert(0, _Finder(name, path, text))
    return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "--assert=plain", *tests]))


def start(name: str, path: Path, text: str, tests: Sequence[str], limit_s: float = math.inf) -> int:
    """Fork and run, for `limit_s` of the processor's time at most; the child's process id."""
    _hanging_on(name)  # Once for all forks.
    pid = os.fork()
    if pid:
        return pid
    code = 3
    try:
        if math.isfinite(limit_s):
            resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(limit_s), math.ceil(limit_s)))
        code = _tested(name, path, text, tests)
    finally:
        os._exit(code)


def unchanged_s(name: str, path: Path, tests: Sequence[str]) -> float:
    """Processor time of the tests on the module as it is. Raises SystemExit where they do not pass."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _, status = os.waitpid(start(name, path, path.read_text("utf-8"), tests), 0)
    if status:
        raise SystemExit(f"the tests of {name} fail without any change: {' '.join(tests)}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run(
    name: str, tests: Sequence[str], jobs: int, untried: dict[int, tuple[Change, str]]
) -> Iterator[tuple[int, Change]]:
    """Try changes of one module; each by its number, with its outcome, as soon as that is known."""
    path = ROOT / (name.replace(".", "/") + ".py")
    limit_s = LONGEST * unchanged_s(name, path, tests) + LEAST_S
    waiting, running = sorted(untried, reverse=True), dict[int, int]()
    while waiting or running:
        while waiting and len(running) < jobs:
            number = waiting.pop()
            running[start(name, path, untried[number][1], tests, limit_s)] = number
        pid, status = os.waitpid(-1, 0)
        outcome = "hung" if os.WIFSIGNALED(status) else "killed" if os.WEXITSTATUS(status) else "survived"
        number = running.pop(pid)
        yield number, replace(untried[number][0], outcome=outcome)


def _state(name: str, tests: Sequence[str]) -> str:
    """What the results hang on: the module, its tests, the operators."""
    files = [ROOT / (name.replace(".", "/") + ".py"), *(ROOT / test for test in tests)]
    return hashlib.sha256(b"".join(f.read_bytes() for f in files) + repr(OPERATORS).encode()).hexdigest()


def results(name: str, tests: Sequence[str], jobs: int, *, again: bool) -> list[Change]:
    """Every change of a module and its outcome; what was tried since module and tests last changed is taken over."""
    file, state = RESULTS / f"{name}.jsonl", _state(name, tests)
    source = (ROOT / (name.replace(".", "/") + ".py")).read_text("utf-8")
    untried = dict(enumerate(changes(source)))
    done: dict[int, Change] = {}
    lines = file.read_text("utf-8").splitlines() if file.exists() and not again else []
    if lines and json.loads(lines[0]) == {"state": state}:
        done = {row.pop("number"): Change(**row) for row in map(json.loads, lines[1:])}
    else:
        RESULTS.mkdir(exist_ok=True)
        file.write_text(json.dumps({"state": state}) + "\n", "utf-8")
    untried = {number: change for number, change in untried.items() if number not in done}
    with file.open("a", encoding="utf-8") as kept:
        for number, change in run(name, tests, jobs, untried) if untried else ():
            done[number] = change
            print(json.dumps({"number": number} | asdict(change), ensure_ascii=False), file=kept, flush=True)
    return sorted(done.values(), key=lambda change: (change.line, change.operator, change.after))


def main() -> None:
    """Run the modules named, or all; print a table and the survivors."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("modules", nargs="*", help="the end of a module's name, such as target; all without")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--again", action="store_true", help="also what has not changed since the last time")
    options = parser.parse_args()
    chosen = {
        name: tests for name, tests in SUBJECTS.items()
        if not options.modules or name.rpartition(".")[2] in options.modules
    }  # fmt: skip
    if not chosen:
        raise SystemExit(f"no such module; there are {', '.join(name.rpartition('.')[2] for name in SUBJECTS)}")
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    warm_up()
    print("| module | changes | killed | survived | killed |\n|---|---|---|---|---|")
    survivors: list[str] = []
    for name, tests in chosen.items():
        done = results(name, tests, options.jobs, again=options.again)
        count = Counter(change.outcome for change in done)
        killed = count["killed"] + count["hung"]
        share = 100 * killed / max(len(done), 1)
        print(f"| `{name}` | {len(done)} | {killed} | {count['survived']} | {share:.1f} % |", flush=True)
        survivors += [
            f"{name}:{c.line} {c.operator}\n    {c.before}\n    {c.after}" for c in done if c.outcome == "survived"
        ]
    print("\nSurvivors:", *survivors, sep="\n")


if __name__ == "__main__":
    main()

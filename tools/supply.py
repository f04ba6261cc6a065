"""What is handed on, and what it is made of: builds that repeat, a bill of materials, every Python.

    python -m tools.supply build [FOLDER]     sdist and wheel into dist/, built twice: both are the same byte by byte
    python -m tools.supply sbom [FILE]        CycloneDX JSON of what is tested together, with the hashes of the networks
    python -m tools.supply pythons [FOLDER]   the wheel in an empty folder with every Python that is here
    python -m tools.supply weight             what the plain install weighs here, and what each extra adds

`make dist`, `make sbom` and `make pythons`. The bill needs the extra `supply`; known weaknesses are looked up by `make
audit`, where the network lets it.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).parents[1]
PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")
EPOCH: Final = "1767225600"
"""2026-01-01: every file in an archive is of this second, whenever it was written; a release sets its own date."""
_NOT_COPIED: Final = (".git", ".venv", ".venv*", "dist", "site", "*_cache", ".hypothesis", "__pycache__", "*.egg-info")
_PYPI: Final = "pkg:pypi/{name}@{version}"


def hashes(folder: Path) -> dict[str, str]:
    """Name → SHA-256 of every file in a folder."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def built(source: Path, folder: Path, *, umask: int = 0o022) -> dict[str, str]:
    """Build sdist and wheel of a source tree; their hashes. Raises CalledProcessError."""
    environment = {**os.environ, "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH", EPOCH)}
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    subprocess.run(command, cwd=source, env=environment, check=True, capture_output=True, umask=umask)
    return hashes(folder)


def built_twice(folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    """Here, and from a copy elsewhere whose files are younger, under another umask."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    with tempfile.TemporaryDirectory() as elsewhere:
        copy, again = Path(elsewhere) / "a copy", Path(elsewhere) / "again"
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*_NOT_COPIED), copy_function=shutil.copy)
        return built(ROOT, folder), built(copy, again, umask=0o077)


def pinned() -> Iterator[tuple[str, str]]:
    """(name, version) of everything that is tested together; two of a name for two versions of Python."""
    for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines():
        if match := re.fullmatch(r"([\w.-]+)==([\w.+!-]+)", line.partition("#")[0].partition(";")[0].strip()):
            yield match[1], match[2]


def networks() -> list[dict[str, Any]]:
    """The networks that the program brings, as components: where from, and the SHA-256 that is asked of them."""
    from coach.edges.pose.pose_model import NPM_MODELS, NPM_PACKAGE, WHEEL, WHEEL_MODELS  # noqa: PLC0415

    name, _, version = WHEEL.partition("==")
    wheel = _PYPI.format(name=name, version=version)
    npm = "pkg:npm/" + NPM_PACKAGE.replace("@", "%40", 1)
    found = [(path, digest, wheel) for path, digest in WHEEL_MODELS.items()]
    found += [(path, digest, npm) for path, digest in NPM_MODELS.values()]
    return [
        {
            "type": "machine-learning-model",
            "bom-ref": f"network:{Path(path).name}",
            "name": Path(path).name,
            "description": f"{path} in {origin}",
            "hashes": [{"alg": "SHA-256", "content": digest}],
        }
        for path, digest, origin in found
    ]


def bill(*, validated: bool = True) -> dict[str, Any]:
    """The bill of materials by cyclonedx-bom, without times or numbers that change, and with the networks.

    `validated`: held against CycloneDX's schema, which takes some seconds.
    """
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "constraints.txt", "--pyproject", "pyproject.toml"]
    command += ["--output-reproducible", "--of", "JSON", "--sv", "1.6", "-o", "-"]
    command += [] if validated else ["--no-validate"]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    content: dict[str, Any] = json.loads(done.stdout)
    content["components"] = [*content["components"], *networks()]
    return content


def here(version: str) -> str | None:
    """The interpreter of this version, if there is one that runs."""
    for name in (f"python{version}", *_pyenvs(version)):
        path = shutil.which(name)
        if path and _says(path) == version:
            return path
    return None


def _pyenvs(version: str) -> list[str]:
    roots = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    return [str(path / "bin" / "python") for path in sorted(roots.glob(f"{version}.*"), reverse=True)]


def _says(path: str) -> str:
    command = [path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()


TRIALS: Final[Mapping[str, tuple[str, ...]]] = {
    "version": ("--version",),
    "config": ("config",),
    "demo": ("demo", "--headless", "--duration", "8", "--json", "out.json", "--data-dir", "data"),
    "history": ("history", "--data-dir", "data"),
    "report": ("report", "last", "--data-dir", "data"),
}
"""What is tried of an installed wheel, in an empty folder."""


def tried(python: str, wheel: Path, folder: Path) -> dict[str, str]:
    """Trial → `ok` or the last line of what was said, in a new environment in `folder`."""
    subprocess.run([python, "-m", "venv", str(folder / "venv")], check=True, capture_output=True)
    bin_folder = folder / "venv" / "bin"
    install = [str(bin_folder / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    install += ["--constraint", str(ROOT / "constraints.txt"), str(wheel)]
    if (done := subprocess.run(install, check=False, capture_output=True, text=True)).returncode:
        return {"install": _last(done.stderr)}
    outcomes, empty = {"install": "ok"}, folder / "empty"
    empty.mkdir()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    environment |= {"SDL_AUDIODRIVER": "dummy", "SDL_VIDEODRIVER": "dummy"}
    for name, words in TRIALS.items():
        command = [str(bin_folder / "coach"), *words]
        done = subprocess.run(command, cwd=empty, env=environment, check=False, capture_output=True, text=True)
        outcomes[name] = "ok" if done.returncode == 0 else _last(done.stderr)
    return outcomes


def _last(said: str) -> str:
    return (said.strip().splitlines() or ["nothing was said"])[-1][:160]


def pythons(folder: Path) -> bool:
    """Print a table of every supported Python; whether all that are here are well."""
    built(ROOT, folder)
    wheel, columns = next(folder.glob("*.whl")), ("install", *TRIALS)
    print("| Python | " + " | ".join(columns) + " |\n|---" + "|---" * len(columns) + "|")
    well = True
    for version in PYTHONS:
        if (python := here(version)) is None:
            print(f"| {version} | not here |" + " |" * len(TRIALS), flush=True)
            continue
        with tempfile.TemporaryDirectory() as place:
            outcomes = tried(python, wheel, Path(place))
        well &= set(outcomes.values()) == {"ok"}
        print(f"| {version} | " + " | ".join(outcomes.get(name, "–") for name in columns) + " |", flush=True)
    return well


EXTRAS: Final = ("treadmill", "fit", "c3d", "osc", "lsl", "video", "batch", "lab", "mediapipe")
"""What a runner or a lab may add; the others are for working on Coach."""


def needed(extra: str = "") -> set[str]:
    """Names of all distributions that Coach stands on, those of one extra too; what is not installed is left out."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    lines = [*project["dependencies"], *(project["optional-dependencies"][extra] if extra else ())]
    asked, found = list(_meant(lines)), set[tuple[str, str]]()
    while asked:
        wanted = asked.pop()
        name = canonicalize_name(wanted.name)
        for its in {"", *wanted.extras} - {its for known, its in found if known == name}:
            with contextlib.suppress(metadata.PackageNotFoundError):
                asked += _meant(metadata.requires(name) or (), its)
                found.add((name, its))
    return {name for name, _ in found}


def _meant(lines: Iterable[str], extra: str = "") -> Iterator[Requirement]:
    """Those requirements that hold on this system, with or without an extra."""
    for wanted in map(Requirement, lines):
        if wanted.marker is None or wanted.marker.evaluate({"extra": extra}):
            yield wanted


def megabytes(name: str) -> float:
    """What the files of an installed distribution weigh, compiled ones too."""
    files = metadata.distribution(name).files or []
    paths = [Path(str(file.locate())) for file in files]
    return sum(path.stat().st_size for path in paths if path.is_file()) / 1e6


def weight() -> None:
    """Print the plain install, heaviest first, and what each extra adds to it."""
    plain = needed()
    sizes = {name: megabytes(name) for name in plain}
    print(f"plain install: {sum(sizes.values()):.0f} MB in {len(sizes)} distributions")
    for name, size in sorted(sizes.items(), key=lambda entry: -entry[1])[:12]:
        print(f"  {name:24} {size:6.1f} MB")
    for extra in EXTRAS:
        more = {name: megabytes(name) for name in needed(extra) - plain}
        heaviest = ", ".join(sorted(more, key=lambda name: -more[name])[:3])
        print(f"[{extra}]: {sum(more.values()):+.1f} MB  {heaviest}")


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["build", "sbom", "pythons", "weight"])
    parser.add_argument("where", type=Path, nargs="?")
    asked = parser.parse_args()
    if asked.what == "build":
        once, again = built_twice(asked.where or ROOT / "dist")
        for name, digest in once.items():
            print(f"{digest}  {name}{'' if again.get(name) == digest else '   differs when it is built again'}")
        return 0 if once == again else 1
    if asked.what == "weight":
        weight()
        return 0
    if asked.what == "sbom":
        path = asked.where or ROOT / "dist" / "sbom.cdx.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = bill()
        path.write_text(json.dumps(content, indent=1) + "\n", "utf-8")
        print(f"{len(content['components'])} components in {path}")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return 0 if pythons(asked.where or Path(folder)) else 1


if __name__ == "__main__":
    sys.exit(main())

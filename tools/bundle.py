"""The double-click bundle: Coach with its Python, libraries and pose model, for a machine that has none of them.

    python -m tools.bundle [FOLDER]    builds into FOLDER (dist/), by PyInstaller and bundle/coach.spec

Linux and macOS: a `.tar.gz`, Windows: a `.zip`; each is built on the system that it is for. The environment that is
packed is made anew in `build/bundle`: OpenCV is the distribution without window toolkits there, since Coach draws its
window with SDL and nothing in the bundle asks for the contrib one. Standard library only.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
WORK: Final = ROOT / "build" / "bundle"
EXTRAS: Final = "treadmill,fit,osc,lsl,c3d"
"""The light ones: nothing can be added to a bundle later."""
OPENCV: Final = ("opencv-contrib-python", "opencv-python-headless")
"""What an ordinary install has, and what the bundle has instead, in the same version."""
_DESKTOP: Final = r"""[Desktop Entry]
Type=Application
Name=Coach
Terminal=true
Exec=sh -c "\\"\\$(dirname \\"\\$1\\")/coach\\" run; read -r _" coach %k
"""
LAUNCHERS: Final = {
    "linux": ("Coach.desktop", _DESKTOP),
    "win32": ("Coach.cmd", '@"%~dp0coach.exe" run\r\n@pause\r\n'),
}
"""What is double-clicked where a program would close its terminal, and the summary in it, at once."""


def pinned(name: str) -> str:
    """`name==version` as constraints.txt has it. Raises KeyError."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    return next(line for line in lines if line.startswith(f"{name}=="))


def environment(folder: Path) -> Path:
    """Make the environment that is packed; its Python. Raises CalledProcessError."""
    venv.create(folder, clear=True, with_pip=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check"]
    constraints = ["--constraint", str(ROOT / "constraints.txt")]
    subprocess.run([*pip, "install", *constraints, f"{ROOT}[{EXTRAS}]", "pyinstaller"], check=True)
    usual, instead = OPENCV
    subprocess.run([*pip, "uninstall", "--yes", usual], check=True)
    subprocess.run([*pip, "install", pinned(usual).replace(usual, instead)], check=True)
    return python


def model(python: Path) -> Path:
    """Where the pose model lies after it was fetched."""
    code = (
        "from coach.app.parts import fetch_model; from coach.settings import Settings; print(fetch_model(Settings()))"
    )
    done = subprocess.run([str(python), "-P", "-c", code], check=True, capture_output=True, text=True)
    return Path(done.stdout.strip().splitlines()[-1])


def built(python: Path, folder: Path) -> Path:
    """Run the recipe; the folder of the program, or on macOS the application. Raises CalledProcessError."""
    told = {**os.environ, "COACH_BUNDLED_MODEL": str(model(python)), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(python), "-m", "PyInstaller", "--noconfirm", "--log-level", "WARN"]
    command += ["--distpath", str(folder), "--workpath", str(folder / "work"), str(ROOT / "bundle" / "coach.spec")]
    subprocess.run(command, check=True, env=told, cwd=folder)
    return folder / ("Coach.app" if sys.platform == "darwin" else "coach")


def packed(program: Path, folder: Path) -> Path:
    """The program with its launcher and licence as one archive in `folder`."""
    version = re.search(r'__version__ = "(.+)"', (ROOT / "coach" / "__init__.py").read_text("utf-8"))
    name = f"coach-{version[1] if version else ''}-{sys.platform}-{platform.machine().lower()}"
    whole = program.parent / name
    shutil.rmtree(whole, ignore_errors=True)
    if program.suffix == ".app":
        whole.mkdir()
    shutil.move(program, whole)
    if launcher := LAUNCHERS.get(sys.platform):
        (whole / launcher[0]).write_text(launcher[1], "utf-8", newline="")
        (whole / launcher[0]).chmod(0o755)
    shutil.copy(ROOT / "LICENSE", whole)
    folder.mkdir(parents=True, exist_ok=True)
    # Links and the right to be run are not for a zip.
    form = "zip" if sys.platform == "win32" else "gztar"
    return Path(shutil.make_archive(str(folder / name), form, whole.parent, name))


def megabytes(path: Path) -> float:
    """Of a file, or of all files in a folder; links count nothing."""
    files = path.rglob("*") if path.is_dir() else (path,)
    return sum(file.stat().st_size for file in files if file.is_file() and not file.is_symlink()) / 1e6


def largest(folder: Path, number: int = 8) -> str:
    """What in a folder weighs most."""
    sizes = sorted(((megabytes(path), path.name) for path in folder.iterdir()), reverse=True)
    return ", ".join(f"{name} {size:.0f}" for size, name in sizes[:number])


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", default=ROOT / "dist")
    asked, begun = parser.parse_args(), time.monotonic()
    WORK.mkdir(parents=True, exist_ok=True)
    program = built(environment(WORK / "environment"), WORK)
    inside = program / "_internal"
    weights = largest(inside) if inside.is_dir() else ""
    unpacked = megabytes(program)
    archive = packed(program, asked.folder)
    print(f"{hashlib.sha256(archive.read_bytes()).hexdigest()}  {archive}")
    print(f"{megabytes(archive):.0f} MB, unpacked {unpacked:.0f} MB, built in {time.monotonic() - begun:.0f} s")
    print(f"MB of the largest: {weights}")
    shutil.rmtree(WORK)
    return 0


if __name__ == "__main__":
    sys.exit(main())

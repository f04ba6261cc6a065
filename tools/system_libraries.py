"""Check that the system libraries which OpenCV and MediaPipe link to are there, before anything is installed.

On a desktop they always are. In a bare container they are not: there, as root with apt-get, they are
installed; anywhere else the line to type is printed. Standard library only, for it runs first.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Final

DEBIAN_PACKAGES: Final[Mapping[str, str]] = {
    "libxcb.so.1": "libxcb1",
    "libGL.so.1": "libgl1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libEGL.so.1": "libegl1",
    "libGLESv2.so.2": "libgles2",
}
"""What the Linux wheels of opencv-contrib-python 5.0 need of the system, as `ldd` lists it; EGL and GLES are wanted by
mediapipe 1.2 alone, which the tests compare with."""


def loads(library: str) -> bool:
    """Whether the dynamic linker finds the library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def missing_packages(found: Callable[[str], bool] = loads) -> list[str]:
    """Names of Debian's packages that hold what is missing, each once."""
    return sorted({package for library, package in DEBIAN_PACKAGES.items() if not found(library)})


def advice(packages: Iterable[str]) -> str:
    """One line that says what to type."""
    names = " ".join(packages)
    return (
        f"Some system libraries are missing. On Debian or Ubuntu type: sudo apt-get install -y {names} "
        "(elsewhere: the packages that hold libxcb, libGL, libEGL, libGLESv2 and glib), then run make again."
    )


def main() -> int:
    """Exit status 0 where everything is there or was installed."""
    if not sys.platform.startswith("linux") or not (packages := missing_packages()):
        return 0
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        print(advice(packages), file=sys.stderr)
        return 2
    print(f"==> Installing system libraries: {' '.join(packages)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for step in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        if subprocess.run(["apt-get", *step], env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
            print(advice(packages), file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())

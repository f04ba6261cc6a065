"""What a command talks to: it runs under strace, and every connect, message, bind and name look-up is listed.

python -m tools.connections coach demo --headless --duration 8
python -m tools.connection_table           # every command of Coach, as the table in docs/privacy.md

Linux with strace. A question to port 53 counts as going out even on the loopback, for the resolver there passes it on.
"""

from __future__ import annotations

import ipaddress
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_CALLS: Final = ("connect", "bind", "sendto", "sendmsg", "sendmmsg")
_LINE: Final = re.compile(rf"^\d+ +({'|'.join(_CALLS)})\((.*)$")
_FAMILY: Final = re.compile(r"sa_family=(AF_\w+)")
_PORT: Final = re.compile(r"sin6?_port=htons\((\d+)\)")
_HEX: Final = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_LOCAL_FAMILIES: Final = frozenset({"AF_UNIX", "AF_NETLINK", "AF_UNSPEC"})
"""Other programs of this machine and its kernel; AF_UNSPEC takes a connection back."""
_DNS_PORT: Final = 53
_NAME_SERVICES: Final = ("/run/systemd/resolve/", "/run/avahi-daemon/")
"""Sockets of this machine behind which questions for names go to the network."""
_DNS_HEADER_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Contact:
    """One call that names, or is, another party."""

    call: str
    """connect, bind, sendto, sendmsg, sendmmsg."""
    family: str
    where: str
    """Address, path, or the name that was asked for."""
    port: int | None = None

    @property
    def leaves(self) -> bool:
        """Whether it reaches, or may be reached from, beyond this machine."""
        if self.family == "AF_UNIX":
            return any(service in self.where for service in _NAME_SERVICES)
        if self.family in _LOCAL_FAMILIES:
            return False
        return self.port == _DNS_PORT or not _is_loopback(self.where)

    def __str__(self) -> str:
        port = "" if self.port is None else f" port {self.port}"
        return f"{self.call} {self.family.removeprefix('AF_')} {self.where}{port}"


@dataclass(frozen=True, slots=True)
class Watched:
    """A command that ran to its end."""

    status: int
    output: str
    contacts: tuple[Contact, ...]

    @property
    def leaving(self) -> tuple[Contact, ...]:
        """Contacts beyond this machine."""
        return tuple(contact for contact in self.contacts if contact.leaves)


def why_not() -> str | None:
    """Why nothing can be watched here; None where it can."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    if subprocess.run(["strace", "-f", "-o", os.devnull, "true"], capture_output=True, check=False).returncode:
        return "strace may not look into processes here"
    return None


def watch(command: Sequence[str], *, env: Mapping[str, str] | None = None, timeout_s: float = 240) -> Watched:
    """Run a command to its end with all its children, and what they talked to, in the order of their calls."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "calls"
        # -xx: every string as bytes, so that no name or path can be mistaken for a part of the line.
        strace = ["strace", "-f", "-qq", "--seccomp-bpf", "--signal=none", "-xx", "-s", "512"]
        traced = [*strace, "-e", f"trace={','.join(_CALLS)}", "-o", str(log), "--", *command]
        ran = subprocess.run(
            traced,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            env=env,
            timeout=timeout_s,
            check=False,
        )
        lines = log.read_text("ascii", "replace").splitlines()
    return Watched(ran.returncode, ran.stdout, tuple(contact for line in lines for contact in contacts_of(line)))


def contacts_of(line: str) -> tuple[Contact, ...]:
    """The contacts in a line of strace's log; a message over a connection that stands names none, but for DNS."""
    found = _LINE.match(line)
    if found is None:
        return ()
    call, rest = found.groups()
    if (family := _FAMILY.search(rest)) is None:
        return tuple(Contact(call, "AF_INET", f"asks for {name}", _DNS_PORT) for name in _questions(rest))
    port = _PORT.search(rest)
    strings = [_decoded(text) for text in _HEX.findall(rest[family.end() :])]
    where = strings[0].decode("utf-8", "replace") if strings else ""
    return (Contact(call, family.group(1), where, int(port.group(1)) if port else None),)


def _questions(rest: str) -> tuple[str, ...]:
    """Names asked for in DNS messages."""
    names = (_question(_decoded(text)) for text in _HEX.findall(rest))
    return tuple(dict.fromkeys(name for name in names if name))


def _question(message: bytes) -> str | None:
    """The name in a DNS question: a header that announces one question, then labels with their lengths."""
    if len(message) <= _DNS_HEADER_BYTES or message[4:6] != b"\0\1" or message[6:10] != bytes(4):
        return None
    labels, at = [], _DNS_HEADER_BYTES
    while at < len(message) and 0 < message[at] < 64:
        labels.append(message[at + 1 : at + 1 + message[at]].decode("ascii", "replace"))
        at += 1 + message[at]
    return ".".join(labels) if labels and at < len(message) and message[at] == 0 else None


def _decoded(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def _is_loopback(where: str) -> bool:
    try:
        address = ipaddress.ip_address(where)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def listed(contacts: Sequence[Contact]) -> list[str]:
    """Each contact once with how often it came, those that leave the machine first and marked."""
    counts = Counter(contacts)
    ordered = sorted(counts, key=lambda contact: (not contact.leaves, str(contact)))
    return [f"{'LEAVES ' if c.leaves else ''}{c}" + (f" ({counts[c]}×)" if counts[c] > 1 else "") for c in ordered]


def main(arguments: Sequence[str]) -> int:
    """Watch one command and list what it talked to; the exit status is 1 where something left the machine."""
    if problem := why_not():
        print(f"nothing can be watched: {problem}", file=sys.stderr)
        return 2
    watched = watch(arguments)
    print(watched.output, end="", file=sys.stderr)
    for line in listed(watched.contacts) or ["it talked to nobody"]:
        print(line)
    return 1 if watched.leaving else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Nothing leaves the machine: the commands under strace ask for no name and connect to nobody beyond it."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

import pytest

from tools.connection_table import Home
from tools.connections import Contact, Watched, contacts_of, listed, watch, why_not

pytestmark = pytest.mark.skipif(why_not() is not None, reason=f"connections cannot be watched: {why_not()}")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, pose_model: Path) -> Home:
    """A place with a clip in it."""
    made = Home(tmp_path_factory.mktemp("home"))
    made.prepare()
    return made


SAW_TOO_LITTLE = 4
"""A run of a film leaves pictures out; under strace, on a busy computer, so many that nobody was seen to run. It went
to its end all the same."""


def assert_stays(watched: Watched, *, live: bool = False) -> None:
    assert watched.status in ({0, SAW_TOO_LITTLE} if live else {0}), watched.output
    assert not watched.leaving, "\n".join(listed(watched.contacts))


@pytest.mark.slow
def test_the_demo_talks_to_nobody_outside_and_its_page_and_export_to_nobody_at_all(home: Home) -> None:
    assert_stays(home.watch("demo", "--headless", "--duration", "4"))
    for arguments in (("report", "1"), ("export", "1", "--format", "json")):
        watched = home.watch(*arguments)
        assert_stays(watched)
        assert watched.contacts == (), arguments


@pytest.mark.slow
def test_a_run_from_a_file_talks_to_nobody_outside(home: Home) -> None:
    run = home.watch("run", "--source", str(home.clip), "--headless", "--speed", "10", "--no-store")
    assert_stays(run, live=True)


@pytest.mark.slow
def test_analysing_a_video_talks_to_nobody_outside(home: Home) -> None:
    assert_stays(home.watch("analyze", str(home.clip), "--speed", "10", "--no-store"))


@pytest.mark.slow
def test_a_batch_listens_and_talks_on_the_loopback_alone(home: Home) -> None:
    pytest.importorskip("distributed", reason="coach batch needs the extra [batch]")
    dataset = home.folder / "dataset"
    watched = home.watch("batch", str(home.clip.parent), "--out", str(dataset), "--workers", "1")
    assert_stays(watched)
    listening = [contact for contact in watched.contacts if contact.call == "bind" and contact.port is not None]
    assert listening, "the scheduler listens, or this test sees nothing"
    assert {contact.where for contact in listening} == {"127.0.0.1"}


def test_what_leaves_is_seen() -> None:
    """The tests above can fail: a question for a name, a message to a network and an open port are all noticed."""
    program = (
        "import socket\n"
        "udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "udp.sendto(b'x', ('127.0.0.1', 53))\n"
        "udp.connect(('192.0.2.1', 9))\n"  # TEST-NET-1: nobody is there, and connecting a UDP socket sends nothing
        "tcp = socket.socket(); tcp.bind(('0.0.0.0', 0))\n"
        "home = socket.socket(); home.bind(('127.0.0.1', 0))\n"
    )
    watched = watch([sys.executable, "-c", program])
    assert [(contact.call, contact.where, contact.leaves) for contact in watched.contacts] == [
        ("sendto", "127.0.0.1", True),
        ("connect", "192.0.2.1", True),
        ("bind", "0.0.0.0", True),
        ("bind", "127.0.0.1", False),
    ]


def hexed(content: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in content)


@pytest.mark.parametrize(
    ("address", "leaves"),
    [("::1", False), ("::ffff:127.0.0.1", False), ("::", True), ("fe80::1", True), ("::ffff:192.0.2.1", True)],
)
def test_addresses_of_the_sixth_version_are_understood(address: str, leaves: bool) -> None:
    assert socket.inet_pton(socket.AF_INET6, address)
    line = (
        f'7 connect(3, {{sa_family=AF_INET6, sin6_port=htons(443), inet_pton(AF_INET6, "{hexed(address.encode())}")}}'
    )
    assert contacts_of(line) == (Contact("connect", "AF_INET6", address, 443),)
    assert contacts_of(line)[0].leaves is leaves


def test_the_name_in_a_question_is_told() -> None:
    message = b"\1\2\1\0\0\1\0\0\0\0\0\0\4data\7example\3org\0\0\1\0\1"
    (contact,) = contacts_of(f'7 sendto(3, "{hexed(message)}", 38, MSG_NOSIGNAL, NULL, 0) = 38')
    assert str(contact) == "sendto INET asks for data.example.org port 53"
    assert contact.leaves


def test_a_resolver_behind_a_socket_of_the_machine_counts_as_outside() -> None:
    assert Contact("connect", "AF_UNIX", "/run/systemd/resolve/io.systemd.Resolve").leaves
    assert not Contact("connect", "AF_UNIX", "/run/user/1000/pulse/native").leaves

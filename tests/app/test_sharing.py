"""A shared run, opened on a second data folder: the same page, and nothing of the runner's home."""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
import subprocess
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from coach.app.data_folder import load_profile, save_profile
from coach.app.kept_sessions import forget, written_report
from coach.app.parts import SECONDS_PER_DAY
from coach.app.sharing import AlsoShared, imported, shared
from coach.cli import run
from coach.core.coaching.profile import RunnerProfile
from coach.core.heart import HeartOrigin, HeartRate
from coach.core.session.records import Setting, SourceFacts
from coach.core.session.session import Session, SessionBuilder
from coach.edges.files.poses_file import POSES_FILE, PoseRecorder
from coach.edges.store import Store
from coach.errors import ConfigError, FormatError, SourceError
from coach.ports import SourceInfo
from coach.settings import Settings
from tests import kept
from tests.core.coaching.test_profile import OWN
from tests.fuzz.corpus import zipped
from tests.review.test_fit import read_back
from tests.synth import synthetic_run

SOURCE = SourceFacts("stream", "http://anna:secret@192.168.1.7:8080/video", 640, 480)
CAMERA = "stream http://anna:secret@192.168.1.7:8080/video 640x480"


def a_run() -> Session:
    settings = (
        Setting("units", "metric"),
        Setting("camera.source", SOURCE.name),
        Setting("treadmill.address", "AA:BB"),
    )
    builder = SessionBuilder(SOURCE, settings, "2026-03-01T07:00:00+01:00")
    for update in kept.run(60.0, cue_times=(31.0,), peak_deg=lambda t_s: 92.3456 + t_s / 7):
        builder.note_heart(update.t_s, HeartRate(140 + update.t_s / 3, HeartOrigin.MONITOR))
        builder.add(update)
    builder.event(9.0, "treadmill_lost", "Device with address AA:BB:CC:DD:EE:FF was not found")
    return builder.finish()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The data folder of the one who ran: one run with poses and stills beside it."""
    root = tmp_path / "home"
    session = Store(root).keep(a_run())
    folder = Store(root).folder(session.session_id or 0)
    folder.mkdir(parents=True, exist_ok=True)
    poses = PoseRecorder(folder / POSES_FILE, SourceInfo("stream", SOURCE.name, 640, 480, 30.0, live=True))
    for pose in synthetic_run(duration_s=1.0).poses:
        poses.append(pose.t_s, pose, None)
    poses.close()
    stills = {"which": "best", "file": "best.jpg", "t_s": 20.0, "side": "left", "peak_deg": 98.0, "target_deg": 97.0}
    (folder / "stills.json").write_text(json.dumps([{**stills, "min_hip_heel_ll": 0.65}]))
    (folder / "best.jpg").write_bytes(b"\xff\xd8 a runner \xff\xd9")
    return root


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a machine without one: a second of Chromium less for every zip."""
    monkeypatch.setattr("coach.edges.files.page_pdf._candidates", lambda: iter(()))


def names(content: bytes) -> set[str]:
    return set(zipfile.ZipFile(io.BytesIO(content)).namelist())


@pytest.mark.usefixtures("no_browser")
def test_a_second_machine_shows_the_same_page(home: Path, tmp_path: Path) -> None:
    path, away = tmp_path / "run-1.zip", tmp_path / "away"
    path.write_bytes(shared("last", home, Settings(), AlsoShared(stills=True))[0])
    Store(away).keep(replace(a_run(), started_at="2025-01-01T07:00:00+01:00"))

    number, page = imported(path, away, Settings())

    assert number == 2, "beside the runs that are there"
    there = page.read_text("utf-8")
    inside = zipfile.ZipFile(path).read("page/session.html").decode()
    assert _words(inside) == _words(there)
    # It tells the same run as the page at home, which besides knows the runner's other runs and programme.
    at_home = written_report("last", home, Settings()).read_text("utf-8")
    drawn = re.compile(r'<script type="application/json"[^>]*>(.*?)</script>', re.DOTALL)
    assert drawn.findall(at_home) == drawn.findall(there) != []
    assert Store(away).load(2).strides == Store(home).load(1).strides
    hearts = [[(round(h.t_s, 3), h.bpm) for h in Store(d).load(n).heart] for d, n in ((away, 2), (home, 1))]
    assert hearts[0] == hearts[1] != []


def _words(page: str) -> list[str]:
    """Everything that the page says and draws, but for its way to other pages."""
    return re.sub(r"<nav.*?</nav>", "", page, flags=re.DOTALL).split()


@pytest.mark.slow
@pytest.mark.skipif(not (shutil.which("chromium") and shutil.which("pdftotext")), reason="needs Chromium, pdftotext")
def test_the_page_goes_along_printed(home: Path, tmp_path: Path) -> None:
    archive = zipfile.ZipFile(io.BytesIO(shared("last", home, Settings())[0]))
    (tmp_path / "run.pdf").write_bytes(archive.read("run.pdf"))
    said = subprocess.run(["pdftotext", tmp_path / "run.pdf", "-"], capture_output=True, check=True, text=True).stdout
    heading = re.search(r"<h1>(.*?)</h1>", archive.read("page/session.html").decode(), re.DOTALL)
    assert heading is not None
    assert " ".join(re.sub("<[^>]*>", " ", heading[1]).split()) in " ".join(said.split())
    assert "secret" not in said
    assert str(tmp_path.parent).encode() not in archive.read("run.pdf"), "where it was printed"


@pytest.mark.usefixtures("no_browser")
def test_what_goes_along(home: Path) -> None:
    content, name = shared("last", home, Settings())
    assert name == "run-1.zip"
    inside = names(content)
    assert {"share.json", "session.json", "baselines.json", "run.fit", "page/session.html", "page/review.css"} <= inside
    assert not inside & {POSES_FILE, "best.jpg", "stills.json", "run.pdf"}, "and without a browser no PDF"
    everything = b"".join(zipfile.ZipFile(io.BytesIO(content)).read(name) for name in inside)
    for home_word in (b"192.168.1.7", b"secret", b"AA:BB", b"a runner"):
        assert home_word not in everything
    (session,) = [f for kind, f in read_back(zipfile.ZipFile(io.BytesIO(content)).read("run.fit")) if kind == "session"]
    assert session["max_heart_rate"] == 160

    both = zipfile.ZipFile(io.BytesIO(shared("last", home, Settings(), AlsoShared(poses=True, stills=True))[0]))
    assert {POSES_FILE, "best.jpg", "stills.json"} <= set(both.namelist())
    told = [gzip.decompress(both.read(POSES_FILE)), *(both.read(name) for name in both.namelist())]
    for home_word in (b"192.168.1.7", b"secret", b"AA:BB"):
        assert home_word not in b"".join(told)
    assert b"was not found" in both.read("session.json"), "what was told, but for the address"
    assert told[0].count(b"xy_px") == 30


@pytest.mark.usefixtures("no_browser")
def test_the_runners_baselines_go_along_and_stay_theirs(home: Path, tmp_path: Path) -> None:
    theirs = replace(OWN, camera=CAMERA, near_side="left", day=time.time() / SECONDS_PER_DAY)
    save_profile(home, RunnerProfile((theirs,)))
    path, away = tmp_path / "run.zip", tmp_path / "away"
    path.write_bytes(shared("last", home, Settings(), AlsoShared(stills=True))[0])

    _, page = imported(path, away, Settings())

    brought = json.loads(zipfile.ZipFile(path).read("baselines.json"))
    assert [row["left_deg"] for row in brought] == [theirs.left_deg]
    assert load_profile(away) == RunnerProfile(), "somebody else's baseline is nobody's here"
    assert _words(zipfile.ZipFile(path).read("page/session.html").decode()) == _words(page.read_text("utf-8"))
    assert "Own baseline" in page.read_text("utf-8") or "own baseline" in page.read_text("utf-8")
    assert forget("last", away, Settings()) == 1
    assert not list(away.glob("sessions/*"))


def test_what_was_not_kept_cannot_be_shared(home: Path) -> None:
    (Store(home).folder(1) / POSES_FILE).unlink()
    with pytest.raises(ConfigError, match="the poses of this session were not kept"):
        shared("last", home, Settings(), AlsoShared(poses=True))


@pytest.mark.usefixtures("no_browser")
def test_other_files_are_told_and_leave_nothing_behind(home: Path, tmp_path: Path) -> None:
    away = tmp_path / "away"
    good = shared("last", home, Settings())[0]
    cases = {
        "text.zip": b"not a zip",
        "cut.zip": good[: len(good) // 2],
        "empty.zip": zipped({}),
        "other.zip": zipped({"share.json": b'{"schema": "coach.share/9"}'}),
        "odd.zip": zipped(
            {"share.json": b'{"schema": "coach.share/1"}', "session.json": b"[1]", "baselines.json": b"[]"}
        ),
        "list.zip": zipped({"share.json": b"[]"}),
    }
    for name, content in cases.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(FormatError, match=name):
            imported(path, away, Settings())
    with pytest.raises(SourceError, match="check the path"):
        imported(tmp_path / "missing.zip", away, Settings())
    assert not (away / "sessions.db").exists() or Store(away).sessions() == ()


@pytest.mark.usefixtures("no_browser")
def test_names_inside_lead_nowhere(home: Path, tmp_path: Path) -> None:
    path, away = tmp_path / "sly.zip", tmp_path / "deep" / "away"
    path.write_bytes(shared("last", home, Settings())[0])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../../sly.txt", "out")
        archive.writestr("/tmp/sly-coach.txt", "out")
    imported(path, away, Settings())
    assert not list(tmp_path.rglob("sly*.txt"))
    assert not Path("/tmp/sly-coach.txt").exists()


@pytest.mark.usefixtures("no_browser")
def test_the_commands(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, away = tmp_path / "for-anna.zip", tmp_path / "away"
    assert run(["share", "last", "--out", str(out), "--data-dir", str(home)]) == 0
    assert run(["import", str(out), "--data-dir", str(away)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == str(out)
    assert told[1] == "kept as session 1; it counts in no programme and no baseline of yours"
    assert told[2].startswith("file://")

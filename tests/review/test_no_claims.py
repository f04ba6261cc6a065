"""What was not seen is not claimed: terminal, page and JSON of inputs in which nobody runs from the side."""

from __future__ import annotations

import html
import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from coach.app.kept_sessions import written_report
from coach.app.loop import NoticeBoard, Silence, loop
from coach.app.offline import Recording
from coach.app.parts import Outputs, open_coach, words_of
from coach.app.session_writer import SessionWriter
from coach.app.speed_sources import BeltInput, open_speed_sources
from coach.cli import run
from coach.cli.terminal import Narrator
from coach.core.gait.scene import Finding
from coach.core.pipeline import Update
from coach.core.pose import Pose
from coach.core.session.session import Session
from coach.core.units import FloatArray
from coach.edges.files.poses_file import PoseRecorder, read_poses
from coach.ports import Frame, SourceInfo
from coach.review.sentences import summary_lines
from coach.settings import Settings
from tests.core import movers

Mover = Callable[[float], FloatArray | None]

FPS, SECONDS = 30.0, 8.0
SHOWN = SourceInfo("video", "somebody.mp4", 640, 480, FPS, live=False)
INPUTS: dict[str, tuple[Mover, float]] = {
    Finding.NOBODY: (lambda _t: None, FPS),
    Finding.STILL_PICTURE: (lambda _t: movers.runner(0.3), FPS),
    Finding.STANDING: (lambda t: movers.with_trunk(movers.standing()) + 3 * math.sin(1.3 * t), FPS),
    Finding.WALKING: (lambda t: movers.with_trunk(movers.walking(t)), FPS),
    Finding.SQUATTING: (movers.squatting, FPS),
    Finding.JUMPING: (movers.jumping, FPS),
    Finding.FRONT_VIEW: (movers.end_on, FPS),
    Finding.REAR_VIEW: (lambda t: movers.end_on(t, toward=False), FPS),
    Finding.UPSIDE_DOWN: (movers.upside_down, FPS),
    Finding.ON_ITS_SIDE: (movers.on_its_side, FPS),
    Finding.NO_HUMAN_BODY: (movers.with_short_legs, FPS),
    Finding.FEW_PICTURES: (movers.runner, 7.0),
    Finding.SLOW_MOTION: (lambda t: movers.runner(t / 4), FPS),
    Finding.FEET_OUT_OF_PICTURE: (lambda t: movers.jumping(t) if t % 0.27 < 0.14 else None, FPS),
}
CLAIMS = {
    "running that was seen": r"(?<![\d.:])[1-9]\d* s of running|[1-9]\d*:\d\d min of running",
    "a cadence": r"[1-9]\d* steps/min",
    "a heel lift": r"lift [1-9]\d*(\.\d+)?°",
    "a way": r"(?<![\d.])(?!0\.00)\d+\.\d\d km(?!/)",
    "that silence is praise": r"well done",
}


def recorded(path: Path, name: str) -> Path:
    mover, fps = INPUTS[name]
    recorder = PoseRecorder(path, SHOWN)
    for i in range(round(SECONDS * fps)):
        points = mover(i / fps)
        recorder.append(i / fps, None if points is None else movers.as_pose(i / fps, points), None)
    recorder.close()
    return path


def claimed(text: str) -> list[str]:
    return [what for what, pattern in CLAIMS.items() if re.search(pattern, text, re.IGNORECASE)]


def numbers_of(session: dict[str, object]) -> dict[str, object]:
    """What a session's JSON says was measured of a run; nothing for nought and null."""
    summary = session["summary"]
    assert isinstance(summary, dict)
    strides = session["strides"]
    assert isinstance(strides, list)
    told = {key: summary[key] for key in ("running_s", "cadence_spm", "in_band_pct", "strides_valid")}
    speed = summary["speed"]
    assert isinstance(speed, dict)
    told["distance_m"] = speed["distance_m"]
    told |= {f"peak {leg}": value for leg, value in summary["peak_knee_flexion_deg"].items()}
    told["valid strides"] = sum(stride["valid"] for stride in strides)
    return {key: value for key, value in told.items() if value}


def live(poses: Path, data_dir: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Session, str]:
    """The same poses before a camera: such a run is kept. Its session, and what the terminal said meanwhile."""
    settings = Settings()
    settings = replace(
        settings,
        record=replace(settings.record, stills=False),
        coach=replace(settings.coach, session=replace(settings.coach.session, warm_up_s=0)),
    )
    words, info = words_of(settings), replace(SHOWN, kind="camera", live=True)
    narrator, recording = Narrator(words), Recording(read_poses(poses)[1])
    coach, board = open_coach(settings, info, words=words), NoticeBoard(words, "metric", print=narrator.notice)
    speed = open_speed_sources(BeltInput(10 / 3.6), settings.coach)

    class Terminal:
        def show(self, _frame: Frame, update: Update) -> None:
            narrator.update(update)

    with SessionWriter(Outputs(data_dir=data_dir), info, settings, board.tell) as writer:
        board.keep = writer.keep
        loop(recording, recording, speed, coach, writer, Silence(), board, Terminal())
        session = writer.finish(coach.finish())
    said = capsys.readouterr().err
    return session, "\n".join([said, *summary_lines(session, "metric", words)])


@pytest.mark.parametrize("name", INPUTS)
def test_of_a_file_nothing_is_claimed_and_nothing_kept(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    poses = recorded(tmp_path / "poses.jsonl", name)
    store, out = tmp_path / "store", tmp_path / "session.json"
    status = run(["replay", str(poses), "--speed", "10", "--data-dir", str(store), "--json", str(out)])
    said = capsys.readouterr()
    assert status == 4
    assert claimed(said.out + said.err) == []
    assert (said.out + said.err).count("coach: ") == 1
    told = json.loads(out.read_text())
    assert numbers_of(told) == {}
    seen = list(told["view"]["seen_instead"])
    assert name in seen or (name == Finding.NOBODY and seen == ["away"])
    assert not list(store.rglob("*.jsonl.gz")), "nothing is kept of it"


@pytest.mark.parametrize("name", [name for name in INPUTS if name != Finding.NOBODY])
def test_of_a_live_run_neither_terminal_nor_page_claims_it(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    session, terminal = live(recorded(tmp_path / "poses.jsonl", name), tmp_path / "store", capsys)
    assert claimed(terminal) == []
    page = written_report(str(session.session_id), tmp_path / "store", Settings()).read_text("utf-8")
    body = re.sub(r"<(script|style).*?</\1>", " ", page, flags=re.DOTALL)
    assert claimed(html.unescape(re.sub(r"<[^>]+>", " ", body))) == []
    assert name in [kind for kind, _ in session.seen_instead]
    assert not session.summary.strides_valid


def test_of_a_run_all_of_it_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So that the words that are looked for above are those that are used."""
    recorder = PoseRecorder(tmp_path / "run.jsonl", SHOWN)
    for t_s, pose in movers.film(np.arange(0, 14, 1 / FPS), noise_ll=0.005):
        recorder.append(t_s, Pose(t_s, movers.with_trunk(pose.xy_px), pose.confidence) if pose else None, None)
    recorder.close()
    out = tmp_path / "session.json"
    assert run(["replay", str(recorder._path), "--speed", "10", "--no-store", "--json", str(out)]) == 0
    assert {"running that was seen", "a cadence", "a heel lift"} <= set(claimed(capsys.readouterr().out))
    assert {"running_s", "distance_m", "cadence_spm", "peak near", "valid strides"} <= set(
        numbers_of(json.loads(out.read_text()))
    )

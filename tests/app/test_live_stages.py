"""The live stages: frames flow, nothing queues up, nothing is lost when something breaks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from coach.app.analysis_stage import Listeners, LiveParts
from coach.app.live_stages import LiveStages
from coach.app.loop import NoticeBoard
from coach.app.parts import Outputs
from coach.app.session_writer import SessionWriter
from coach.app.speed_sources import SpeedSources
from coach.core.coach_settings import BaselineSettings, CoachSettings, CueSettings, ProgrammeSettings, SessionSettings
from coach.core.coaching.cues import Cue
from coach.core.notices import Notice, NoticeKind
from coach.core.pipeline import Coach, Update
from coach.core.pose import Pose
from coach.core.session.session import Session
from coach.core.words import Words
from coach.edges.speed.typed_speed import TypedSpeed
from coach.errors import SourceError
from coach.languages import load_words
from coach.ports import Frame, PoseEstimator, SourceEvent, SourceInfo, Speaker, SpeedSource
from coach.review.sentences import session_seen
from coach.settings import Settings
from tests.synth import SynthRun, synthetic_run

INFO = SourceInfo("camera", "a scripted camera", 64, 48, 30.0, live=True)
IMAGE = np.random.default_rng(1).integers(60, 180, (48, 64, 3)).astype(np.uint8)
"""Bright and full of edges: nothing to say of the light."""
FAST = CoachSettings(
    session=SessionSettings(warm_up_s=0),
    baseline=BaselineSettings(duration_s=6, reuse=False),
    programme=ProgrammeSettings(enabled=False),
    cues=CueSettings(refractory_s=10),
)


class ScriptedCamera:
    """A camera that plays a script of frames, events and failures. No device runs here, so this one is a fake."""

    def __init__(self, script: list[Frame | SourceEvent | Exception], pace: threading.Semaphore | None = None) -> None:
        self.info = INFO
        self._script = script
        self._pace = pace
        self.closed = threading.Event()

    def frames(self) -> Iterator[Frame | SourceEvent]:
        for item in self._script:
            if self._pace is not None:
                self._pace.acquire()
            if self.closed.is_set():
                return
            if isinstance(item, Exception):
                raise item
            yield item

    def close(self) -> None:
        self.closed.set()
        if self._pace is not None:
            self._pace.release()


class PosesInFrames:
    """An estimator that knows the pose of every frame by its index, and can be made slow."""

    readings = 1

    def __init__(self, poses: Sequence[Pose | None], meanwhile: Callable[[Frame], object] = lambda _: None) -> None:
        """`meanwhile`: what happens while a frame is looked at."""
        self._poses = poses
        self._meanwhile = meanwhile
        self.seen: list[int] = []

    def estimate(self, frame: Frame) -> Pose | None:
        self.seen.append(frame.index)
        self._meanwhile(frame)
        return self._poses[frame.index]

    def reset(self) -> None: ...

    def close(self) -> None: ...


class ListeningSpeaker:
    """Remembers what it was asked to say."""

    def __init__(self) -> None:
        self.said: list[tuple[Cue, float]] = []

    def say(self, cue: Cue, now_s: float) -> bool:
        self.said.append((cue, now_s))
        return True

    def say_line(self, text: str) -> bool:
        return True

    def tick(self, cadence_spm: float) -> None: ...

    def mute(self, muted: bool) -> None: ...

    def hush(self) -> None: ...

    def status(self) -> str:
        return "listening"

    def trouble(self) -> Notice | None:
        return None

    def close(self) -> None: ...


def frames_at(times_s: list[float]) -> list[Frame | SourceEvent | Exception]:
    # Every picture is a new one: what is repeated is not measured.
    return [Frame(index, t_s, np.roll(IMAGE, 5 * index, axis=1)) for index, t_s in enumerate(times_s)]


def run_to_end(stages: LiveStages) -> list[Update]:
    """Look at every update that comes, as a screen would, until none can come any more."""
    seen: list[Update] = []
    stages.start()
    while stages.running:
        picture = stages.next_picture(0.05)
        if picture is not None and picture.update is not None:
            seen.append(picture.update)
    stages.join()
    return seen


def parts_of(
    camera: ScriptedCamera,
    estimator: PoseEstimator,
    speaker: Speaker | None = None,
    coach: Coach | None = None,
    speeds: Sequence[SpeedSource] | None = None,
    words: Words | None = None,
) -> LiveParts:
    """A session on a scripted camera, nothing of it kept in files."""
    typed = TypedSpeed(3.0)
    board = NoticeBoard(words or Words(), "metric")
    return LiveParts(
        camera,
        estimator,
        SpeedSources(speeds or [typed], typed=typed),
        coach or Coach(FAST),
        SessionWriter(Outputs(), INFO, Settings(), board.tell),
        speaker or ListeningSpeaker(),
        board,
    )


def finished(parts: LiveParts, stages: LiveStages) -> Session:
    return parts.writer.finish(parts.coach.finish(), stages.dropped, stages.meter.latencies())


@pytest.fixture(scope="module")
def tiring() -> SynthRun:
    """Sixteen seconds well, then the heels sink."""
    return synthetic_run(
        speed_mps=3.0, duration_s=36, fps=30, heel_lift_deg=[(0, 0), (14, 0), (16, -16), (40, -16)], seed=2
    )


def test_every_frame_is_analysed_when_there_is_time_and_the_runner_is_cued(tiring: SynthRun) -> None:
    pace = threading.Semaphore(0)
    estimator = PosesInFrames(list(tiring.poses))
    speaker = ListeningSpeaker()
    parts = parts_of(ScriptedCamera(frames_at([pose.t_s for pose in tiring.poses]), pace), estimator, speaker)
    stages = LiveStages(parts, Listeners(update=lambda _update: pace.release()), shows=True)
    pace.release()
    run_to_end(stages)
    session = finished(parts, stages)
    assert estimator.seen == list(range(len(tiring.poses)))
    assert stages.dropped == 0
    low = [cue for cue in session.cues if cue.kind == "heel_lift_low"]
    assert low
    assert low[0].t_s > 14
    assert low[0].channels == ("speech", "screen")
    assert [str(cue.kind) for cue, _ in speaker.said] == ["baseline_ready", *(str(cue.kind) for cue in session.cues)]


def test_a_slow_pose_stage_misses_frames_and_never_lags_behind() -> None:
    def six_frames_pass(frame: Frame) -> None:
        until_s = time.monotonic() + 60
        while stages.delivered < min(frame.index + 6, 60):
            assert time.monotonic() < until_s
            time.sleep(0.001)

    estimator = PosesInFrames([None] * 60, six_frames_pass)
    stages = LiveStages(parts_of(ScriptedCamera(frames_at([i / 30 for i in range(60)])), estimator))
    run_to_end(stages)
    assert estimator.seen[-1] == 59
    assert len(estimator.seen) + stages.dropped == stages.delivered == 60
    assert stages.dropped > 40


@pytest.mark.parametrize(
    ("unseen", "told", "page"),
    [
        (0, "too few pictures: more light", "there are too few pictures"),
        (4, "Computer too slow, close programs", "this computer could not keep up"),
    ],
)
def test_whoever_leaves_pictures_out_is_named_where_they_are_too_few(unseen: int, told: str, page: str) -> None:
    """Six pictures a second are looked at: of six that the camera gives, or of thirty."""
    poses, every = synthetic_run(speed_mps=3.0, duration_s=12, fps=30, seed=2).poses[::5], 1 + unseen
    frames = [Frame(every * i, pose.t_s, np.roll(IMAGE, 5 * i, axis=1)) for i, pose in enumerate(poses)]
    pace, estimator = threading.Semaphore(0), PosesInFrames([pose for pose in poses for _ in range(every)])
    parts = parts_of(ScriptedCamera([*frames], pace), estimator, words=load_words("en"))
    stages = LiveStages(parts, Listeners(update=lambda _update: pace.release()))
    pace.release()
    run_to_end(stages)
    session = finished(parts, stages)
    assert [event.detail for event in session.events if event.kind == "seen"] == [told]
    assert page in session_seen(session, "few_pictures", load_words("en"))


@pytest.mark.parametrize(
    ("key", "fps", "every", "slow"),
    [
        ("seen.no_rhythm", 30, 1, False),
        ("seen.no_rhythm", 30, 2, False),
        ("seen.no_rhythm", 30, 4, True),
        ("left_out.too_few_frames", 60, 2, False),
        ("left_out.too_few_frames", 60, 4, True),
        ("left_out.too_fast", 60, 2, True),
    ],
)
def test_what_is_not_measured_is_the_machines_doing_only_where_it_sees_too_little(
    key: str, fps: int, every: int, slow: bool
) -> None:
    parts = parts_of(ScriptedCamera([]), PosesInFrames([]))
    stage = LiveStages(parts)._analysis
    for index in range(0, 60, every):
        stage._rate.see(Frame(index, index / fps, IMAGE))
    stage.tell(Notice(NoticeKind.SEEN, key))
    assert [text for _, text in parts.board.shown()] == [Words().line("screen.remedy.slow_computer" if slow else key)]


class Hanging(PosesInFrames):
    """An estimator that stops at one frame, or the next that it gets to see, until it is let go."""

    def __init__(self, frames: int, at: int) -> None:
        super().__init__([None] * frames)
        self._at = at
        self.hangs_at = frames
        self.go_on = threading.Event()

    def estimate(self, frame: Frame) -> Pose | None:
        if frame.index >= self._at and not self.go_on.is_set():
            self.hangs_at = frame.index
            self.go_on.wait(120)
        return super().estimate(frame)


def test_the_screen_goes_on_while_the_pose_stage_hangs() -> None:
    pace, estimator = threading.Semaphore(0), Hanging(400, at=3)
    camera = ScriptedCamera(frames_at([i / 30 for i in range(400)]), pace)
    stages = LiveStages(parts_of(camera, estimator))
    shown: list[tuple[int, bool]] = []
    stages.start()
    ends_s = time.monotonic() + 60
    while len(shown) < 8 and time.monotonic() < ends_s:
        pace.release()
        if (picture := stages.next_picture(0.02)) is not None and picture.frame.index > estimator.hangs_at:
            shown.append((picture.frame.index, picture.update is not None))
    estimator.go_on.set()
    stages.stop()
    stages.join()
    assert [analysed for _, analysed in shown] == [False] * 8, "the newest picture alone"
    indices = [index for index, _ in shown]
    assert indices == sorted(set(indices)), "each a newer one"


def test_a_camera_that_is_lost_and_comes_back_is_an_event_of_the_session(tiring: SynthRun) -> None:
    poses = list(tiring.poses[:90])
    script = frames_at([pose.t_s for pose in poses])
    script[45:45] = [SourceEvent.LOST, SourceEvent.RETURNED]
    parts = parts_of(ScriptedCamera(script), PosesInFrames(poses))
    stages = LiveStages(parts)
    run_to_end(stages)
    assert not stages.lost
    session = finished(parts, stages)
    kinds = [event.kind for event in session.events if event.kind.startswith("source_")]
    assert kinds == ["source_lost", "source_returned"]


def test_a_loss_is_to_be_seen_once_it_is_on_its_way_into_the_session(tiring: SynthRun) -> None:
    """Who sees it may end the run for it, and what is asked for after the last frame is kept by nobody."""
    poses = list(tiring.poses[:10])
    script = [*frames_at([pose.t_s for pose in poses]), SourceEvent.LOST]
    parts = parts_of(ScriptedCamera(script), PosesInFrames(poses))
    stages = LiveStages(parts)
    keep, seen = parts.board.keep, []

    def keeping(notice: Notice, text: str) -> None:
        seen.append((notice.kind, stages.lost))
        keep(notice, text)

    parts.board.keep = keeping
    run_to_end(stages)
    assert (NoticeKind.SOURCE_LOST, False) in seen
    assert stages.lost


AWAY_S = 120.0
"""As the camera's clock has it: longer than any machine stands still, for nothing lies behind its next picture."""


class UnpluggedCamera(ScriptedCamera):
    """A camera that is away for a while in mid-run, as its own clock has it; meanwhile somebody does something."""

    def __init__(self, poses: Sequence[Pose], away_s: float, meanwhile: Callable[[], None]) -> None:
        super().__init__(frames_at([pose.t_s for pose in poses]))
        self._away_s = away_s
        self._meanwhile = meanwhile

    def frames(self) -> Iterator[Frame | SourceEvent]:
        half = len(self._script) // 2
        for item in self._script[:half]:
            assert isinstance(item, Frame)
            yield item
        time.sleep(0.2)  # the patience of its reader
        yield SourceEvent.LOST
        self._meanwhile()
        yield SourceEvent.RETURNED
        for item in self._script[half:]:
            assert isinstance(item, Frame)
            yield replace(item, t_s=item.t_s + self._away_s)


def test_a_loss_is_as_long_as_no_picture_came_and_what_was_done_meanwhile_has_its_own_time(tiring: SynthRun) -> None:
    poses = list(tiring.poses[:90])

    def meanwhile() -> None:
        stages.request(lambda t_s: parts.coach.pause(t_s, True))
        parts.board.tell(Notice(NoticeKind.PAUSED))
        time.sleep(0.4)
        parts.board.tell(Notice(NoticeKind.RESUMED))
        stages.request(lambda t_s: parts.coach.pause(t_s, False))
        time.sleep(0.1)

    parts = parts_of(UnpluggedCamera(poses, AWAY_S, meanwhile), PosesInFrames(poses))
    stages = LiveStages(parts)
    run_to_end(stages)
    session = finished(parts, stages)
    at = {event.kind: event.t_s for event in session.events}
    last_s, next_s = poses[44].t_s, poses[45].t_s + AWAY_S
    assert at["source_lost"] == pytest.approx(last_s)
    # To a millisecond: what is kept is in whole microseconds.
    assert last_s + 0.199 <= at["paused"] <= at["resumed"] - 0.399
    assert at["resumed"] <= at["source_returned"] <= next_s
    assert at["source_returned"] > last_s + 0.599


def test_a_camera_that_is_gone_for_good_ends_the_run_with_its_reason_and_keeps_what_was_seen() -> None:
    script: list[Frame | SourceEvent | Exception] = [
        *frames_at([0.0, 0.03]),
        SourceError("the camera is gone; plug it in"),
    ]
    stages = LiveStages(parts_of(ScriptedCamera(script), PosesInFrames([None, None])))
    with pytest.raises(SourceError, match="plug it in"):
        run_to_end(stages)
    assert stages.delivered == 2


def test_a_failure_of_the_pose_network_is_told_and_ends_the_capture() -> None:
    camera = ScriptedCamera(frames_at([i / 30 for i in range(2000)]), threading.Semaphore(2000))
    stages = LiveStages(parts_of(camera, PosesInFrames([])))
    with pytest.raises(IndexError):
        run_to_end(stages)
    assert camera.closed.is_set()


def test_the_duration_is_counted_on_the_frames_own_clock() -> None:
    estimator = PosesInFrames([None] * 100)
    camera = ScriptedCamera(frames_at([5 + i / 10 for i in range(100)]))
    stages = LiveStages(parts_of(camera, estimator), duration_s=3.0)
    run_to_end(stages)
    assert stages.delivered == 30


def test_requests_are_carried_out_in_the_analysis_thread_before_the_next_frame() -> None:
    stages = LiveStages(parts_of(ScriptedCamera(frames_at([0.5, 0.6])), PosesInFrames([None] * 2)))
    called: list[tuple[float, str]] = []
    stages.request(lambda t_s: called.append((t_s, threading.current_thread().name)))
    run_to_end(stages)
    assert len(called) == 1
    assert called[0][1] == "analysis"

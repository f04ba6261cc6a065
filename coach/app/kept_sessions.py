"""What was kept, brought back: bands for a speed, pages, files of other programs', forgetting."""

from __future__ import annotations

import json
import math
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from coach.app.data_folder import (
    HEART_FILE,
    SNAPSHOTS,
    TREADMILL_FILE,
    load_profile,
    programme_now,
    refuse_during_a_run,
    store_of,
)
from coach.app.parts import SECONDS_PER_DAY, Outputs, camera_name, first_look, lens_of, words_of
from coach.app.session_writer import POSES_FILE
from coach.core.coaching.baseline import Baseline
from coach.core.coaching.profile import RunnerProfile
from coach.core.coaching.programme import plan_session
from coach.core.coaching.target import HeelLiftTarget, heel_lift_target
from coach.core.gait import GaitUpdate
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.notices import NOT_KEPT, Notice
from coach.core.pose import LEG_ROWS, SIDES, Pose
from coach.core.session.session import Session
from coach.core.session.summary import SessionLine
from coach.edges.files.last_setup import forget_last_setup
from coach.edges.files.poses_file import read_poses
from coach.edges.store import PAGES, Runners, Store, index_name
from coach.errors import ConfigError, StoreError
from coach.plain_records import record_of
from coach.review.history_page import comparison_sentence, page_name
from coach.review.pages import write_comparison, write_index, write_session_page
from coach.review.session_json import session_json_text, strides_csv_text
from coach.review.tcx import tcx_text
from coach.settings import CameraSettings, Settings

if TYPE_CHECKING:
    from coach.review.opensim import GaitSample

_RUNS_BACK: Final = 5
"""So many runs are looked at for one that this one can be compared with."""


def written_report(which: str, data_dir: Path, settings: Settings) -> Path:
    """Path of a session's page, written anew together with the index of all sessions."""
    store = store_of(data_dir, settings)
    page = _written_page(store, store.load(which), settings)
    written_index(data_dir, settings)
    return page


def _written_page(store: Store, session: Session, settings: Settings) -> Path:
    folder = store.folder(session.session_id) if session.session_id is not None else None
    own = folder is None or not came_from_elsewhere(folder)
    return write_session_page(
        store.data_dir / PAGES,
        session if own else replace(session, runner=""),
        words_of(settings),
        baselines=baselines_for(session, load_profile(store.data_dir, store.runner.name), settings, folder),
        folder=folder,
        earlier=_earlier(store, session) if own else (),
        programme=programme_now(settings, store.data_dir) if own else None,
        index=index_name(store.runner),
    )


def rewritten_pages(data_dir: Path, settings: Settings) -> None:
    """Those pages of a runner that are there, written anew, as after another name; comparisons go until asked for."""
    store = store_of(data_dir, settings)
    pages = data_dir / PAGES
    if not pages.exists():
        return
    own = {line.session_id for line in store.sessions()}
    for session_id in sorted(own):
        if (pages / page_name(session_id)).exists():
            _written_page(store, store.load(session_id), settings)
    for page in pages.glob("compare-*-*.html"):
        if own & {int(number) for number in page.stem.split("-")[1:] if number.isdecimal()}:
            page.unlink()
    written_index(data_dir, settings)


def written_index(data_dir: Path, settings: Settings) -> Path:
    """Path of the index of all sessions, written anew."""
    programme, store = settings.coach.programme, store_of(data_dir, settings)
    progress = load_profile(data_dir, store.runner.name).progress if programme.enabled else None
    return write_index(
        data_dir / PAGES,
        store.sessions(),
        words_of(settings),
        progress,
        settings.units,
        len(programme.feedback_pct),
        name=index_name(store.runner),
        runner=store.runner.name,
    )


def _earlier(store: Store, session: Session) -> Iterator[Session]:
    """The runs before this one, the newest first, each loaded only when it is asked for.

    A demo is held against demos alone: another runner ran.
    """
    here, demo = _place(session), session.source.kind == "demo"
    lines = [line for line in store.sessions() if line.strides_valid_near and (line.source_kind == "demo") == demo]
    for line in sorted((line for line in lines if _place(line) < here), key=_place, reverse=True)[:_RUNS_BACK]:
        if not came_from_elsewhere(store.folder(line.session_id)):
            yield store.load(line.session_id)


def _place(run: Session | SessionLine) -> tuple[float, float]:
    """Where a run stands among all: by the time at which it began, clips by that of their filming; then by number."""
    started_s = 0.0 if run.started_at is None else datetime.fromisoformat(run.started_at).timestamp()
    return started_s, math.inf if run.session_id is None else run.session_id


SHARED_FILE: Final = "shared.json"
"""Beside a session that came from elsewhere: the baselines of *its* runner."""


def came_from_elsewhere(folder: Path) -> bool:
    """Whether a session was imported: somebody else's runs, programme and baselines are none of this runner's."""
    return (folder / SHARED_FILE).is_file()


def baselines_for(
    session: Session, profile: RunnerProfile, settings: Settings, folder: Path | None
) -> tuple[Baseline, ...]:
    """The runner's baselines that this session may be held against: same camera set-up and side, not stale.

    A session that came from elsewhere brought those that held there. Raises StoreError where they are damaged.
    """
    if folder is not None and came_from_elsewhere(folder):
        try:
            rows = json.loads((folder / SHARED_FILE).read_text("utf-8"))
            return tuple(record_of(Baseline, row) for row in rows)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(f"cannot read {folder / SHARED_FILE} ({error}); import the run again") from None
    near = session.view.near_side
    if near is None:
        return ()
    today = time.time() / SECONDS_PER_DAY
    return profile.usable(near, camera_name(session.source), today, settings.coach.baseline.stale_after_days)


def compared(one: str, two: str, data_dir: Path, settings: Settings) -> tuple[str, Path]:
    """What differs between two sessions, in a sentence, and the path of their page."""
    store = store_of(data_dir, settings)
    first, second, words = store.load(one), store.load(two), words_of(settings)
    page = write_comparison(data_dir / PAGES, first, second, words, index=index_name(store.runner))
    return comparison_sentence(first, second, words), page


def forget(which: str, data_dir: Path, settings: Settings) -> int:
    """Delete a session of the runner, or everything of everybody with `all`, for good; how many sessions went."""
    gone = _forget_everybody(data_dir) if which == "all" else store_of(data_dir, settings).forget(which)
    if which == "all":
        shutil.rmtree(data_dir / SNAPSHOTS, ignore_errors=True)
        forget_last_setup(data_dir)
        for remembered in (TREADMILL_FILE, HEART_FILE):
            (data_dir / remembered).unlink(missing_ok=True)
    elif (data_dir / PAGES).exists():
        written_index(data_dir, settings)
    return gone


def noted(which: str, text: str | None, data_dir: Path, settings: Settings) -> tuple[int, str]:
    """Keep `text` as the note of a session, on its page too if there is one; its number and the note as it is now.

    None changes nothing, an empty text takes the note away.
    """
    store = store_of(data_dir, settings)
    session = store.load(which)
    number = session.session_id or 0
    if text is None:
        return number, session.note
    kept = text.strip()
    store.write_note(number, kept)
    if (data_dir / PAGES / page_name(number)).exists():
        _written_page(store, store.load(number), settings)
    return number, kept


def _forget_everybody(data_dir: Path) -> int:
    runners = Runners(data_dir)
    stores = [Store(data_dir, runner.name) for runner in reversed(runners.all())]
    for store in stores:
        refuse_during_a_run(store)
    gone = 0
    for store in stores:
        gone += store.forget("all")
        runners.remove(store.runner)
    return gone


def band_for(speed_mps: float, settings: Settings, data_dir: Path) -> HeelLiftTarget:
    """The heel-lift band at a speed: against the baselines of the camera set-up used last, with the programme's step.

    Raises ConfigError for a speed at which nobody runs.
    """
    if not speed_mps > 0:
        raise ConfigError("there is no heel-lift target for a belt that stands still; give a running speed")
    profile = load_profile(data_dir, settings.coach.runner.name)
    today, coach = time.time() / SECONDS_PER_DAY, settings.coach
    plan = plan_session(profile.progress, coach.programme, coach.target.level, today)
    return heel_lift_target(
        speed_mps,
        coach,
        profile.usable_as_last_seen(today, coach.baseline.stale_after_days),
        held_deg=profile.progress.held_deg,
        step_deg=plan.step_deg if plan else 0.0,
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """A session and the folder of what was kept beside it."""

    session: Session
    folder: Path

    @property
    def poses(self) -> Path:
        """Its pose recording. Raises ConfigError where none was kept."""
        path = self.folder / POSES_FILE
        if not path.is_file():
            raise ConfigError("the poses of this session were not kept; set record.poses = true before the next run")
        return path


def exported(which: str, form: str, data_dir: Path, runner: str = "") -> tuple[str | bytes, str]:
    """A kept session in a format of `EXPORTS`, bytes where it is no text; and the name of a file for it.

    Raises ConfigError for an unknown format or what it lacks, StoreError for an unknown session.
    """
    if form not in EXPORTS:
        raise ConfigError(f"--format {form} is not known; there are {', '.join(EXPORTS)}")
    store = Store(data_dir, runner)
    session = store.load(which)
    content = EXPORTS[form](Kept(session, store.folder(session.session_id or 0)))
    return content, f"run-{session.session_id}.{form.partition('-')[0]}"


def _fit(kept: Kept) -> bytes:
    try:
        from coach.review.fit import fit_bytes  # noqa: PLC0415 - an extra, and half a second to load
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "fit_tool":
            raise
        raise ConfigError("FIT files need one more package: pip install 'treadmill-coach[fit]'") from None
    return fit_bytes(kept.session)


def _frames(kept: Kept) -> str:
    """The per-frame table, derived again from the recorded poses."""
    from coach.app.offline import replay  # noqa: PLC0415 - opens videos as well, and OpenCV is slow to load

    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "frames.csv"
        settings, outputs = Settings(camera=_camera(kept)), Outputs(frames=table)
        replay(kept.poses, settings, outputs=outputs, tell=_whole, both_ways=_both_ways(kept))
        return table.read_text("utf-8")


def _whole(notice: Notice, text: str) -> None:
    """Half a table is none. Raises StoreError."""
    if notice.key == NOT_KEPT:
        raise StoreError(f"{text}; free some space")


def _mot(kept: Kept, sign: str = "POSITIVE") -> str:
    from coach.review.opensim import GaitSample, KneeSign, mot_text  # noqa: PLC0415 - scipy.signal is slow to load

    samples = [GaitSample(t_s, pose, gait) for t_s, pose, gait in tracked(kept)]
    return mot_text(samples, KneeSign[sign], _title(kept))


def _trc(kept: Kept) -> str:
    from coach.review.opensim import trc_text  # noqa: PLC0415 - scipy.signal is slow to load

    return trc_text(_from_side(kept), kept.session.source.height, _height_cm(kept), f"{_title(kept)}.trc")


def _c3d(kept: Kept) -> bytes:
    from coach.review.c3d_file import c3d_bytes  # noqa: PLC0415 - as above

    return c3d_bytes(_from_side(kept), kept.session.strides, kept.session.source.height, _height_cm(kept))


def _from_side(kept: Kept) -> list[GaitSample]:
    """The recorded frames, legs as a camera exactly at the side would have seen them."""
    from coach.review.opensim import GaitSample  # noqa: PLC0415 - as above

    return [GaitSample(t_s, _from_the_side(pose, gait), gait) for t_s, pose, gait in tracked(kept)]


def _height_cm(kept: Kept) -> float | None:
    """The runner's height, where the session knows it."""
    height_cm = kept.session.setting("runner.height_cm")
    return float(height_cm) if isinstance(height_cm, int | float) else None


def tracked(kept: Kept) -> Iterator[tuple[float, Pose | None, GaitUpdate]]:
    """The recorded poses measured again, as the session measured them: with the camera's place, or without."""
    header, frames = read_poses(kept.poses)
    info, camera, corrects = header.info(kept.poses), _camera(kept), kept.session.view.camera.known
    lens = lens_of(info, camera) if corrects else None
    hindsight = None
    if _both_ways(kept):
        seen = ((t_s, pose) for t_s, pose, _ in read_poses(kept.poses)[1])
        hindsight = first_look(seen, info, camera, corrects=corrects)
    tracker = GaitTracker(lens=lens, picture_height_px=header.height, hindsight=hindsight)
    for t_s, pose, _ in frames:
        yield t_s, pose, tracker.step(t_s, pose)


def _both_ways(kept: Kept) -> bool:
    """Whether it was measured with what the file showed later."""
    return kept.session.setting("analyze.both_ways") is True


def _camera(kept: Kept) -> CameraSettings:
    """What the session's settings say of its camera."""
    known_deg = kept.session.setting("camera.field_of_view_deg")
    return CameraSettings(field_of_view_deg=known_deg) if isinstance(known_deg, float) else CameraSettings()


def _from_the_side(pose: Pose | None, gait: GaitUpdate) -> Pose | None:
    """The pose with its legs as a camera exactly at the side would have seen them."""
    if pose is None or gait.sagittal_px is None:
        return pose
    xy_px = pose.xy_px.copy()
    for side, leg in zip(SIDES, gait.sagittal_px, strict=True):
        xy_px[list(LEG_ROWS[side])] = [(point.real, point.imag) for point in leg]
    return replace(pose, xy_px=xy_px)


def _title(kept: Kept) -> str:
    return f"coach-session-{kept.session.session_id}"


EXPORTS: Final[Mapping[str, Callable[[Kept], str | bytes]]] = {
    "json": lambda kept: session_json_text(kept.session),
    "csv": lambda kept: strides_csv_text(kept.session),
    "frames": _frames,
    "fit": _fit,
    "tcx": lambda kept: tcx_text(kept.session),
    "mot": _mot,
    "mot-gait2392": lambda kept: _mot(kept, "NEGATIVE"),
    "trc": _trc,
    "c3d": _c3d,
}

"""A kept session as a file of other programs: what was kept, and what is measured again from its poses."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from coach.app.parts import Outputs, first_look, lens_of, picture_of
from coach.core.gait import GaitUpdate
from coach.core.gait.gait_tracker import GaitTracker
from coach.core.notices import NOT_KEPT, Notice
from coach.core.pose import LEG_ROWS, SIDES, Pose
from coach.core.session.session import Session
from coach.edges.files.poses_file import POSES_FILE, read_poses
from coach.edges.store import Store
from coach.errors import ConfigError, StoreError
from coach.private import write_whole
from coach.review import bids
from coach.review.c3d_file import c3d_bytes
from coach.review.opensim import GaitSample, KneeSign, mot_text, trc_text
from coach.review.session_json import session_json_text, strides_csv_text
from coach.review.tcx import tcx_text
from coach.settings import CameraSettings, Settings


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
        raise ConfigError(f"--format {form} is not known; there are {', '.join(EXPORTS)}, bids")
    store = Store(data_dir, runner)
    session = store.load(which)
    content = EXPORTS[form](Kept(session, store.folder(session.session_id or 0)))
    return content, f"run-{session.session_id}.{form.partition('-')[0]}"


def exported_study(which: str, folder: Path, data_dir: Path, runner: str = "") -> Path:
    """Add a kept session to a folder after BIDS; the session's folder there.

    What the folder holds of other runners and sessions stays. Raises StoreError for an unknown session or where nothing
    can be written, ConfigError without poses, FormatError where nobody was seen.
    """
    store = Store(data_dir, runner)
    session = store.load(which)
    kept = Kept(session, store.folder(session.session_id or 0))
    subject = store.runner.runner_id
    try:
        files = bids.session_files(session, _from_side(kept), subject, _height_cm(kept))
        _write_all(folder, files)
        known = [int(path.name.removeprefix("sub-")) for path in folder.glob("sub-*") if path.name[4:].isdigit()]
        _write_all(folder, bids.study_files(known))
    except OSError as error:
        raise StoreError(
            f"cannot write to {folder}: {error.strerror or error}; choose another place with --out"
        ) from None
    return folder / bids.folder_of(subject, session.session_id or 0)


def _write_all(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text.encode())


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
    return mot_text(_from_side(kept), KneeSign[sign], _title(kept))


def _trc(kept: Kept) -> str:
    return trc_text(_from_side(kept), kept.session.source.height, _height_cm(kept), f"{_title(kept)}.trc")


def _c3d(kept: Kept) -> bytes:
    return c3d_bytes(_from_side(kept), kept.session.strides, kept.session.source.height, _height_cm(kept))


def _from_side(kept: Kept) -> list[GaitSample]:
    """The recorded frames, legs as a camera exactly at the side would have seen them."""
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
        seen = read_poses(kept.poses)[1]
        hindsight = first_look(seen, info, camera, incline_pct=header.incline_pct, corrects=corrects)
    tracker = GaitTracker(lens=lens, picture=picture_of(info), hindsight=hindsight)
    tracker.belt_climbs(header.incline_pct)
    for t_s, pose, belt in frames:
        if belt is not None:
            tracker.belt_climbs(belt.incline_pct)
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

"""Who runs: the runner named or picked, with what is theirs; and what can be done with a runner as a whole."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from coach.app.data_folder import SNAPSHOTS, load_profile, refuse_during_a_run, snapshots_folder
from coach.core.coach_settings import RunnerSettings
from coach.edges.store import PAGES, Runner, Runners, Store, alike, called, index_name, remove_damaged_copies
from coach.errors import ConfigError
from coach.private import private_folder
from coach.review.session_json import session_json_text, strides_csv_text
from coach.settings import Settings

EXPORT_SCHEMA: Final = "coach.runner/1"


@dataclass(frozen=True, slots=True)
class Named:
    """Who was named for a run."""

    runner: Runner
    is_new: bool


def named_for_a_run(name: str, data_dir: Path) -> Named:
    """The runner of this name, made where there is none yet.

    Raises StoreError where a name is nearly another's, which may be a slip of the finger, and ConfigError for a name
    that cannot be one.
    """
    runners = Runners(data_dir)
    everybody = runners.all()
    known = called(name, everybody)
    if known is None and alike(name, everybody) is None:
        return Named(runners.add(name), is_new=True)
    return Named(known or runners.named(name), is_new=False)


def settings_for(settings: Settings, runner: Runner, typed_height_cm: float | None = None) -> Settings:
    """The settings with this runner in them, whose name and height they then say.

    A height that was typed goes first, then that of the configuration, as every setting; but it belongs to whom the
    configuration names, and to nobody else. Then comes the one kept with the runner.
    """
    heights_cm = (typed_height_cm, configured_height_cm(settings, runner), runner.height_cm)
    height_cm = next((height_cm for height_cm in heights_cm if height_cm is not None), None)
    return replace(settings, coach=replace(settings.coach, runner=RunnerSettings(runner.name, height_cm)))


def configured_height_cm(settings: Settings, runner: Runner) -> float | None:
    """The body height that the configuration gives this runner; None without one, and for whom it does not name."""
    said = settings.coach.runner
    return said.height_cm if called(said.name, [runner]) is not None else None


def merge(one: str, into: str, data_dir: Path, settings: Settings) -> Runner:
    """All that is one runner's becomes another's, who is the same person; the first name goes.

    The programme goes on where the one that has come farther stands. Raises StoreError while one of both runs.
    """
    runners = Runners(data_dir)
    gone, stays = runners.named(one), runners.named(into)
    if gone.runner_id == stays.runner_id:
        raise ConfigError(f"{gone.called} and {into} are the same runner; name two")
    old, new = Store(data_dir, gone.name), Store(data_dir, stays.name)
    for store in (old, new):
        refuse_during_a_run(store)
    like_mps = settings.coach.baseline.like_speed_mps
    profile = load_profile(data_dir, stays.name).merged(load_profile(data_dir, gone.name), like_mps)
    new.save_profile(profile.as_json())
    if stays.height_cm is None and gone.height_cm is not None:
        runners.set_height(stays, gone.height_cm)
    runners.move_sessions(gone, stays)
    _move_snapshots(snapshots_folder(data_dir, gone), snapshots_folder(data_dir, stays))
    runners.remove(gone)
    (data_dir / PAGES / index_name(gone)).unlink(missing_ok=True)
    _rewrite_pages(data_dir, settings_for(settings, stays))
    return stays


def _move_snapshots(old: Path, new: Path) -> None:
    for path in old.glob("*.png"):
        path.replace(private_folder(new) / path.name)


def rename(old: str, new: str, data_dir: Path, settings: Settings) -> Runner:
    """Give a runner another name, on the pages too. Raises ConfigError for one that cannot be, or is taken."""
    runners = Runners(data_dir)
    runner = runners.named(old)
    refuse_during_a_run(Store(data_dir, runner.name))
    renamed = runners.rename(runner, new)
    _rewrite_pages(data_dir, settings_for(settings, renamed))
    return renamed


def forget_runner(name: str, data_dir: Path, settings: Settings) -> int:
    """Delete a runner with every session, for good; how many sessions went. The first one stays, as a stranger.

    Copies of damaged stores go, too.
    """
    runners = Runners(data_dir)
    runner = runners.named(name)
    gone = Store(data_dir, runner.name).forget("all")
    for path in snapshots_folder(data_dir, runner).glob("*.png"):
        path.unlink(missing_ok=True)
    runners.remove(runner)
    remove_damaged_copies(data_dir)
    if (data_dir / PAGES).exists():
        from coach.app.kept_sessions import written_runners  # noqa: PLC0415 - as below

        written_runners(data_dir, settings)
    return gone


def _rewrite_pages(data_dir: Path, settings: Settings) -> None:
    from coach.app.kept_sessions import rewritten_pages  # noqa: PLC0415 - pages need libraries that no run waits for

    rewritten_pages(data_dir, settings)


def exported_runner(name: str, data_dir: Path) -> tuple[bytes, Runner]:
    """Everything that is kept of a runner, as one zip archive, and whose it is.

    `runner.json` holds name, height, profile and notes; each session is there as JSON and CSV, with its recorded poses
    and pictures; snapshots lie in a folder of their own.
    """
    runner = Runners(data_dir).named(name)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for path, content in _contents(Store(data_dir, runner.name), runner):
            file.writestr(path, content)
        for picture in sorted(snapshots_folder(data_dir, runner).glob("*.png")):
            file.writestr(f"{SNAPSHOTS}/{picture.name}", picture.read_bytes())
    return archive.getvalue(), runner


def _contents(store: Store, runner: Runner) -> Iterator[tuple[str, str | bytes]]:
    notes = {}
    for line in store.sessions():
        session = store.load(line.session_id)
        notes[line.session_id] = session.note
        place = f"session-{line.session_id}"
        yield f"{place}/session.json", session_json_text(session)
        yield f"{place}/strides.csv", strides_csv_text(session)
        for path in sorted(store.folder(line.session_id).glob("*")):
            if path.is_file() and path.suffix in {".gz", ".jpg", ".json"}:
                yield f"{place}/{path.name}", path.read_bytes()
    about = {
        "schema": EXPORT_SCHEMA,
        "name": runner.name,
        "height_cm": runner.height_cm,
        "profile": store.load_profile() or None,
        "notes": {str(session_id): note for session_id, note in notes.items() if note},
    }
    yield "runner.json", json.dumps(about, indent=1, ensure_ascii=False) + "\n"

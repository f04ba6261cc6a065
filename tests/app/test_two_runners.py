"""Six runs of two people on one laptop: each reads their own story, and nothing of one shows with the other."""

from __future__ import annotations

import io
import json
import re
import shutil
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

import coach
from coach.app.data_folder import load_profile, save_profile, snapshots_folder, store_of
from coach.app.parts import Outputs
from coach.app.runners import named_for_a_run, settings_for
from coach.cli import options, run
from coach.core.coach_settings import CoachSettings, RunnerSettings
from coach.core.coaching.coaching import Coaching
from coach.core.coaching.profile import RunnerProfile
from coach.core.pipeline import Update
from coach.core.session.records import SourceFacts, settings_facts
from coach.core.session.session import SessionBuilder
from coach.edges.store import Runners, Store
from coach.errors import ConfigError
from coach.settings import Settings
from tests.kept import pose_at
from tests.virtual_camera import TYPICAL, Camera
from tests.virtual_runner import Body, Run, Runner, _listen, gait_at, steady, strides_of, typed

MINUTES = 12
SPEED_MPS = 3.0
TODAY = time.time() / 86_400.0
ANNA = Runner(offset_deg=-9.0, response=1.0, learns=0.9, forgets_s=900.0)
"""Low heels, listens, learns."""
BEN = Runner(offset_deg=9.0, near="left")
"""High heels already, and a sore calf: observed, not coached."""
PEOPLE = {"Anna": ANNA, "Ben": BEN}
Said = Callable[..., str]


def a_run_of(name: str, root: Path, days_ago: int, seed: int) -> int:
    """One run, from the belt to the store, as a live one is kept; the number of its session."""
    named = named_for_a_run(name, root)
    settings = settings_for(Settings(), named.runner)
    profile = load_profile(root, named.runner.name)
    coaching = Coaching(settings.coach, profile, TODAY - days_ago, f"the camera of {name}")
    started_at = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat(timespec="seconds")
    source = SourceFacts("camera", f"the camera of {name}", 1280, 720, 30.0)
    builder = SessionBuilder(source, settings_facts(settings), started_at)
    live = store_of(root, settings).begin(builder)
    rng = np.random.default_rng(seed)
    body, camera, heard = Body(PEOPLE[name], rng, seed), Camera(TYPICAL, rng, seed), Run()
    for true, speed_mps in strides_of(body, steady(SPEED_MPS), 60.0 * MINUTES, rng):
        gait = gait_at(true.end_s, (camera.see(true, true.end_s - true.start_s),), near=PEOPLE[name].near)
        belt = typed(SPEED_MPS)
        advice = coaching.step(gait, belt)
        _listen(heard, body, advice, speed_mps)
        builder.add(Update(true.end_s, pose_at(true.end_s), gait, belt, advice, coaching.coached(gait.strides)))
        for cue in advice.cues:
            builder.delivered(cue, "speech")
        live.write()
    session = live.finish(builder.finish())
    save_profile(root, coaching.profile_after(), named.runner.name)
    assert session.session_id is not None
    return session.session_id


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder after six runs: Anna's are 1, 3 and 5, Ben's 2, 4 and 6."""
    root = tmp_path_factory.mktemp("practice")
    named_for_a_run("Ben", root)
    sore = load_profile(root, "Ben")
    save_profile(root, RunnerProfile(progress=sore.progress.answered(trouble=True)), "Ben")
    order = [("Anna", 11), ("Ben", 10), ("Anna", 7), ("Ben", 6), ("Anna", 3), ("Ben", 2)]
    numbers = [a_run_of(name, root, days_ago, seed) for seed, (name, days_ago) in enumerate(order, start=1)]
    assert numbers == [1, 2, 3, 4, 5, 6]
    return root


@pytest.fixture
def said(practice: Path, capsys: pytest.CaptureFixture[str]) -> Said:
    """What a command prints, after it ended as it should."""

    def say(*arguments: str, status: int = 0) -> str:
        capsys.readouterr()
        assert run([*arguments, "--data-dir", str(practice)]) == status, capsys.readouterr().err
        told = capsys.readouterr()
        return told.err if status else told.out

    return say


def other_than(name: str) -> str:
    return "Ben" if name == "Anna" else "Anna"


@pytest.mark.parametrize(("name", "numbers"), [("Anna", ["5", "3", "1"]), ("Ben", ["6", "4", "2"])])
def test_history_is_ones_own_newest_first(said: Said, name: str, numbers: list[str]) -> None:
    title, _, *rows = said("history", "--runner", name).splitlines()

    assert title == name
    assert [row.split()[0] for row in rows if row[:3].strip().isdigit()] == numbers


def test_the_name_may_be_typed_in_any_case(said: Said) -> None:
    assert said("history", "--runner", "anna") == said("history", "--runner", "Anna")


def test_who_is_not_named_is_neither_of_both(said: Said) -> None:
    assert said("history").splitlines() == [
        "No session is kept yet; `coach demo` or `coach run` makes the first.",
        "Runs are kept of: Anna, Ben. Name whose to show with --runner.",
    ]
    assert "there is no session yet" in said("report", "last", status=1)


def test_last_is_the_last_of_ones_own(said: Said) -> None:
    assert json.loads(said("export", "last", "--runner", "Anna"))["session_id"] == 5
    assert json.loads(said("export", "last", "--runner", "Ben"))["session_id"] == 6


def test_the_programme_of_one_goes_on_and_the_other_s_never_began(said: Said) -> None:
    anna, ben = said("programme", "--runner", "Anna"), said("programme", "--runner", "Ben")

    assert "3 of 8 sessions done" in anna
    assert "session 4 of 8" in anna
    assert anna.startswith("A run now is session 4 of 8"), "what is next comes first"
    assert ben.startswith("Next run: only observed")
    assert "coach programme well" in ben
    assert "begins with your next" not in ben


def test_the_baseline_and_the_band_are_ones_own(said: Said, practice: Path) -> None:
    bands = {
        name: json.loads(said("target", "--speed", "3m/s", "--json", "-", "--runner", name)) for name in ("Anna", "Ben")
    }
    baselines = {name: load_profile(practice, name).baselines for name in ("Anna", "Ben")}

    assert bands["Ben"]["target_deg"] - bands["Anna"]["target_deg"] > 5
    assert {baseline.camera for baseline in baselines["Anna"]} == {"the camera of Anna"}
    assert {baseline.near_side for baseline in baselines["Ben"]} == {"left"}
    assert load_profile(practice) == RunnerProfile()


def test_first_and_last_run_compare_as_they_were_run(said: Said) -> None:
    """Anna learned, and it shows; Ben was only watched, and nothing did."""
    assert "higher" in said("compare", "1", "5", "--runner", "Anna")
    assert "higher" not in said("compare", "2", "6", "--runner", "Ben")


def test_two_people_are_not_compared(said: Said) -> None:
    error = said("compare", "1", "2", "--runner", "Anna", status=1)

    assert "session 2 is another runner's" in error


@pytest.mark.parametrize("command", ["report", "export", "note", "forget"])
def test_a_session_of_somebody_else_is_refused_by_every_command(said: Said, command: str) -> None:
    assert "another runner's; add --runner 'Ben'" in said(command, "2", "--runner", "Anna", status=1)


@pytest.mark.parametrize(("name", "numbers"), [("Anna", (1, 3, 5)), ("Ben", (2, 4, 6))])
def test_no_page_and_no_export_knows_of_the_other(
    said: Said, practice: Path, tmp_path: Path, name: str, numbers: tuple[int, ...]
) -> None:
    for number in numbers:
        said("note", str(number), f"the physio saw {name}", "--runner", name)
        said("report", str(number), "--runner", name)
        for form in ("json", "csv"):
            (tmp_path / f"{number}.{form}").write_text(said("export", str(number), "--format", form, "--runner", name))
    said("compare", str(numbers[0]), str(numbers[-1]), "--runner", name)
    said("runners", "export", name, "--out", str(tmp_path / "all.zip"))
    zipfile.ZipFile(tmp_path / "all.zip").extractall(tmp_path / "all")

    index = f"index-{Runners(practice).named(name).runner_id}.html"
    pages = [index, *(f"session-{n}.html" for n in numbers), f"compare-{numbers[0]}-{numbers[-1]}.html"]
    files = [*(practice / "pages" / page for page in pages), *(f for f in tmp_path.rglob("*") if f.is_file())]
    written = {file.name: file.read_bytes().decode("utf-8", "replace") for file in files}
    assert [file for file, text in written.items() if other_than(name) in text] == []
    assert [page for page in pages if f'<p class="runner">{name}</p>' not in written[page]] == []
    assert f"the physio saw {name}" in written[f"session-{numbers[0]}.html"]
    others = set(range(1, 7)) - set(numbers)
    assert [n for n in others if f"session-{n}.html" in written[index]] == []


def test_everything_kept_of_one_fits_in_one_file(said: Said, practice: Path, tmp_path: Path) -> None:
    for name in ("Anna", "Ben"):
        snapshots = snapshots_folder(practice, Runners(practice).named(name))
        snapshots.mkdir(parents=True, exist_ok=True)
        (snapshots / f"{name}.png").write_bytes(b"a picture")
    said("runners", "export", "Anna", "--out", str(tmp_path / "anna.zip"))

    with zipfile.ZipFile(tmp_path / "anna.zip") as archive:
        about = json.loads(archive.read("runner.json"))
        assert [name for name in archive.namelist() if name.startswith("snapshots/")] == ["snapshots/Anna.png"]
        sessions = [json.loads(archive.read(f"session-{n}/session.json")) for n in (1, 3, 5)]
    assert (about["name"], about["profile"]["progress"]["sessions_done"]) == ("Anna", 3)
    assert {session["runner"] for session in sessions} == {"Anna"}


def test_the_list_says_how_much_is_kept_of_each(said: Said) -> None:
    _, me, anna, ben = said("runners").splitlines()

    assert me.split()[:2] == ["me", "0"]
    assert anna.split()[:2] == ["Anna", "3"]
    assert "3 sessions done" in anna
    assert ben.split()[:2] == ["Ben", "3"]


# What can be done with a runner; on copies, as it cannot be undone.


@pytest.fixture(scope="module")
def renumbered(practice: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The practice's sessions, Anna's first: hers are 1, 2 and 3."""
    root = tmp_path_factory.mktemp("renumbered")
    for name in ("Anna", "Ben"):
        for line in Store(practice, name).sessions():
            named_for_a_run(name, root)
            Store(root, name).keep(Store(practice, name).load(line.session_id))
        save_profile(root, load_profile(practice, name), name)
    return root


@pytest.fixture
def copied(renumbered: Path, tmp_path: Path) -> Path:
    """The renumbered sessions, to be changed."""
    return shutil.copytree(renumbered, tmp_path / "copied")


def numbers_of(root: Path, name: str) -> list[int]:
    return [line.session_id for line in Store(root, name).sessions()]


def test_another_name_stands_on_everything_that_is_there(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = ("--data-dir", str(copied))
    assert run(["report", "1", "--runner", "Anna", *place]) == 0
    assert run(["runners", "rename", "Anna", "Anna K.", *place]) == 0
    capsys.readouterr()

    assert run(["export", "1", "--runner", "anna k.", *place]) == 0
    assert json.loads(capsys.readouterr().out)["runner"] == "Anna K."
    assert run(["history", "--runner", "Anna", *place]) == 1
    assert "did you mean Anna K.?" in capsys.readouterr().err
    assert '<p class="runner">Anna K.</p>' in (copied / "pages" / "session-1.html").read_text("utf-8")


def test_two_names_of_one_person_become_one(copied: Path) -> None:
    before = load_profile(copied, "Anna")
    assert run(["runners", "merge", "Ben", "Anna", "--yes", "--data-dir", str(copied)]) == 0

    assert [runner.name for runner in Runners(copied).all()] == ["", "Anna"]
    assert sorted(numbers_of(copied, "Anna")) == [1, 2, 3, 4, 5, 6]
    after = load_profile(copied, "Anna")
    assert after.progress.sessions_done == before.progress.sessions_done == 3
    assert after.progress.trouble  # said once, it stays said
    assert {baseline.near_side for baseline in after.baselines} == {"left", "right"}


def test_who_is_forgotten_leaves_no_trace_and_the_other_loses_nothing(copied: Path) -> None:
    place = ("--data-dir", str(copied))
    for number, name in ((1, "Anna"), (4, "Ben")):
        assert run(["report", str(number), "--runner", name, *place]) == 0
    kept = Store(copied, "Anna").load(1)
    assert run(["runners", "forget", "Ben", "--yes", *place]) == 0

    ours = [file for file in copied.rglob("*") if file.is_file() and not file.name.startswith("plotly")]
    assert [file.name for file in ours if b"Ben" in file.read_bytes()] == []
    assert numbers_of(copied, "Anna") == [1, 2, 3]
    assert Store(copied, "Anna").load(1).strides == kept.strides
    assert (copied / "pages" / "session-1.html").exists()
    assert load_profile(copied, "Anna").progress.sessions_done == 3


def test_all_means_everybody_and_says_so_first(
    copied: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert run(["forget", "all", "--data-dir", str(copied)]) == 0

    assert "Anna, Ben" in capsys.readouterr().err
    assert [runner.name for runner in Runners(copied).all()] == [""]
    assert [file for file in copied.rglob("*") if file.is_file() and b"the camera of" in file.read_bytes()] == []


def test_the_store_is_opened_through_one_door() -> None:
    """Whoever opens it by themselves could forget whose it is."""
    room = Path(coach.__file__).parent
    openers = {path.name for path in room.rglob("*.py") if re.search(r"(?<![.\w`])Store\(", path.read_text("utf-8"))}

    assert openers <= {
        "store.py",
        "data_folder.py",
        "runners.py",
        "kept_sessions.py",
        "exports.py",
        "review_commands.py",
    }


def test_a_slip_of_the_finger_makes_no_second_person(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Runners(tmp_path).add("Anna")

    assert run(["run", "--runner", "Ana", "--data-dir", str(tmp_path)]) == 1
    assert "did you mean Anna?" in capsys.readouterr().err
    assert len(Runners(tmp_path).all()) == 2


@pytest.mark.parametrize("name", ["", "  ", "me", "ALL", "last", "x" * 41, "Anna\n", "anna"])
def test_what_is_no_name_or_taken_is_refused(tmp_path: Path, name: str) -> None:
    Runners(tmp_path).add("Anna")

    with pytest.raises(ConfigError):
        Runners(tmp_path).add(name)


@pytest.mark.parametrize(
    ("typed_cm", "kept_cm", "configured", "runs_with"),
    [
        (170.0, 165.0, RunnerSettings("Anna", 160.0), 170.0),
        (None, 165.0, RunnerSettings("Anna", 160.0), 160.0),
        (None, 165.0, RunnerSettings("Anna", None), 165.0),
        (None, 165.0, RunnerSettings("", 180.0), 165.0),
        (None, None, RunnerSettings("", 180.0), None),
    ],
    ids=["as typed", "as configured for her", "as kept", "as kept and not somebody else's", "not somebody else's"],
)
def test_whose_height_counts(
    tmp_path: Path, typed_cm: float | None, kept_cm: float | None, configured: RunnerSettings, runs_with: float | None
) -> None:
    anna = Runners(tmp_path).add("Anna", kept_cm)
    settings = Settings(coach=CoachSettings(runner=configured))

    assert settings_for(settings, anna, typed_cm).coach.runner == RunnerSettings("Anna", runs_with)


@pytest.mark.parametrize(("units", "height"), [("metric", "180 cm"), ("imperial", "5 ft 11 in")])
def test_heights_are_in_the_runners_units(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], units: str, height: str
) -> None:
    own = tmp_path / "own.toml"
    own.write_text(f'units = "{units}"\n')
    where = ["--data-dir", str(tmp_path), "--config", str(own)]
    for command in (["runners", "height", "me", "180"], ["runners"]):
        assert run([*command, *where]) == 0
        assert height in capsys.readouterr().out


@pytest.fixture
def at_height(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[str, str], tuple[float | None, str]]:
    """With which body height somebody runs under a configuration file, and what is said about it."""

    def begin(name: str, file: str) -> tuple[float | None, str]:
        own = tmp_path / "own.toml"
        own.write_text(file)
        settings = options.who_runs(options.settings_of(own), Outputs(data_dir=tmp_path), name, None)
        return settings.coach.runner.height_cm, capsys.readouterr().err

    return begin


def test_a_height_that_a_file_gives_goes_over_the_kept_one_of_whom_it_names_and_that_is_told(
    tmp_path: Path, at_height: Callable[[str, str], tuple[float | None, str]]
) -> None:
    runners, file = Runners(tmp_path), "[runner]\nheight_cm = 185\n"
    runners.set_height(runners.add("Bob"), 190.0)
    runners.set_height(runners.named("me"), 160.0)

    assert at_height("", file) == (
        185.0,
        "me: body height 185 cm, as configured, and not 160 cm, as kept; to keep it: coach runners height me 185\n",
    )
    assert at_height("Bob", file) == (190.0, "")
    assert at_height("", "") == (160.0, "")
    assert at_height("me", "[runner]\nheight_cm = 160\n") == (160.0, "")


def test_a_height_that_is_kept_in_vain_is_told_as_it_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[runner]\nheight_cm = 185\n")
    command = ["runners", "height", "me", "--data-dir", str(tmp_path), "--config", str(own)]
    for height_cm, in_vain in (("170", True), ("185", False)):
        assert run([*command, height_cm]) == 0
        assert ("as configured" in capsys.readouterr().out) is in_vain

"""What is remembered of the runner from one session to the next."""

from __future__ import annotations

from pathlib import Path

from coach.core.coaching.profile import RunnerProfile
from coach.edges.store import Store


def load_profile(data_dir: Path | None) -> RunnerProfile:
    """The runner's baselines and progress; an empty profile where nothing was kept.

    Raises FormatError for a damaged one and StoreError for a store that cannot be read.
    """
    if data_dir is None or not data_dir.exists():
        return RunnerProfile()
    kept = Store(data_dir).load_profile()
    return RunnerProfile.from_json(kept) if kept else RunnerProfile()


def save_profile(data_dir: Path | None, profile: RunnerProfile) -> None:
    """Keep the profile. Raises StoreError where that cannot be done."""
    if data_dir is not None:
        Store(data_dir).save_profile(profile.as_json())

"""The cluster that a batch starts on this machine: nothing of it can be looked at, and nothing is left of it."""

from __future__ import annotations

import os
import tempfile
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from coach.app.batch.cluster import Where, connected

pytest.importorskip("distributed", reason="coach batch needs the extra [batch]")


def test_no_dashboard_and_no_pages_and_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    before = os.umask(0)
    try:
        with connected(Where(workers=1)) as client:
            services = client.scheduler_info()["services"]
            for page in ("health", "metrics", "status", "info/main/workers.html", "json/counts.json"):
                with pytest.raises(urllib.error.HTTPError, match="404"):
                    urllib.request.urlopen(f"http://127.0.0.1:{services['dashboard']}/{page}", timeout=5)
            assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o700]
    finally:
        os.umask(before)
    assert list(tmp_path.iterdir()) == []

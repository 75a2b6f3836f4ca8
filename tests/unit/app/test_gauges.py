"""What Health measures on the disk while the program goes on writing there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from loopdesk.app.pages import _disk


def test_a_file_that_goes_while_the_store_is_measured_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "store.db").write_bytes(b"12345")
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups" / "old.db").write_bytes(b"old")
    look = Path.stat

    def then_goes(path: Path, *, follow_symlinks: bool = True) -> os.stat_result:
        found = look(path, follow_symlinks=follow_symlinks)
        if path.name == "old.db":
            path.unlink()
        return found

    monkeypatch.setattr(Path, "stat", then_goes)
    assert _disk(tmp_path)[0] in (5, 8)
    assert _disk(tmp_path)[0] == 5

"""A photo out of a file that the system does not give in time."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

import pytest

from loopdesk.app import photo_sources
from loopdesk.app.photo_sources import keep_file
from loopdesk.domain.errors import RuleBroken
from loopdesk.system.host.folders import read_in_time


@pytest.mark.parametrize("path", ["gone.jpg", "a\0b.jpg", "n" * 5_000])
async def test_a_path_that_leads_to_no_file_is_said_to_be_unreadable(tmp_path: Path, path: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        await keep_file(str(tmp_path / path), tmp_path / "photos")
    assert refused.value.detail == "photo_unreadable"


async def test_a_share_that_never_answers_does_not_keep_the_bench_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = threading.Event()

    def hang(_source: Path) -> bytes:
        answers.wait()
        return b""

    monkeypatch.setattr(photo_sources, "file_content", hang)
    monkeypatch.setattr(photo_sources, "read_in_time", partial(read_in_time, limit_seconds=0.02))
    with pytest.raises(RuleBroken) as refused:
        await keep_file("//nas/photo.jpg", tmp_path / "photos")
    assert refused.value.detail == "photo_unreadable"
    answers.set()

"""The station's secret: one file, private, made once, renewed on purpose, and in no log."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from loopdesk.system.keys import STATION_FILE as FILE_NAME
from loopdesk.system.keys import StationSecret


def ignored(_secret: str) -> None:
    """Learn nothing."""


def test_it_is_made_at_its_first_use_and_stays_the_same(tmp_path: Path) -> None:
    learned: list[str] = []
    first = StationSecret(tmp_path, learned.append).value()
    assert len(first) == 64
    assert StationSecret(tmp_path, ignored).value() == first
    assert learned == [first], "logs must be able to keep it out"


@pytest.mark.skipif(os.name != "posix", reason="Windows' profile folders are private already")
def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    StationSecret(tmp_path, ignored).value()
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


def test_no_two_stations_have_the_same(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "other").mkdir()
    assert (
        StationSecret(tmp_path / "one", ignored).value() != StationSecret(tmp_path / "other", ignored).value()
    )


def test_renewing_makes_another_one_that_lasts(tmp_path: Path) -> None:
    secret = StationSecret(tmp_path, ignored)
    before = secret.value()
    secret.renew()
    assert secret.value() != before
    assert StationSecret(tmp_path, ignored).value() == secret.value()


@pytest.mark.expects_log("station_secret_damaged")
@pytest.mark.parametrize("text", ["", "short", "z" * 64, "\x00" * 64])
def test_a_damaged_file_is_replaced_by_a_sound_secret(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    value = StationSecret(tmp_path, ignored).value()
    assert len(value) == 64
    assert value != text
    assert StationSecret(tmp_path, ignored).value() == value


@pytest.mark.expects_log("station_secret_unusable")
def test_without_a_usable_file_there_is_no_secret_and_no_code_acts(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    assert StationSecret(tmp_path, ignored).value() == ""

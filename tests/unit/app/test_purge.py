"""Old data is removed everywhere: the store's bytes, its copies, the photos. What is in use stays."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from loopdesk.app.program import Housekeeping
from loopdesk.app.runtime import Options, Runtime, open_profile, open_runtime
from loopdesk.domain.operators import Operator
from loopdesk.domain.returns.grading import Disposition, Draft, Grade, Inspection
from tests.builders import AT, a_fetched, a_return
from tests.fakes.key_store import KeyStore

SHOPPER = "Zebulon Quixote"
DAYS = 30


async def _no_pictures() -> None:
    """Nothing is kept beside the profile."""


@asynccontextmanager
async def a_profile(folder: Path) -> AsyncIterator[tuple[Runtime, Housekeeping]]:
    """Open a profile."""
    options = Options(profile=str(folder), values={"purge_days": str(DAYS)})
    profile = open_profile(options, {})
    runtime = await open_runtime(profile, options, {}, key_store=KeyStore)
    try:
        yield runtime, Housekeeping(runtime, _no_pictures)
    finally:
        await runtime.close()


def _aged(path: Path, days: float) -> Path:
    """Make a file that was written that many days ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(SHOPPER.encode())
    at = (datetime.now(UTC) - timedelta(days=days)).timestamp()
    os.utime(path, (at, at))
    return path


def _holding_the_shopper(folder: Path) -> list[Path]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if SHOPPER.encode() in path.read_bytes()]


@pytest.mark.fault(121)
async def test_after_its_days_a_shopper_is_in_no_byte_of_the_profile(tmp_path: Path) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=DAYS + 1)
    async with a_profile(tmp_path / "profile") as (runtime, housekeeping):
        old = a_return(customer_name=SHOPPER, updated_at=long_ago)
        await runtime.store.returns.save([a_fetched(old)], long_ago)
        _aged(runtime.profile.photo_folder / f"{'a' * 32}.jpg", DAYS + 1)
        _aged(runtime.profile.store_folder / "backups" / "loopdesk-2026-01-01-v1.db", DAYS + 1)
        _aged(runtime.profile.evidence("70000001"), DAYS + 1)
        await housekeeping.purge()
        assert _holding_the_shopper(tmp_path), "nothing goes by a clock that Loop has not put right"
        runtime.clock.learn(datetime.now(UTC))
        await housekeeping.purge()
    assert _holding_the_shopper(tmp_path) == []


@pytest.mark.fault(121)
async def test_what_is_young_or_in_use_stays(tmp_path: Path) -> None:
    async with a_profile(tmp_path / "profile") as (runtime, housekeeping):
        photos = runtime.profile.photo_folder
        used, young, old = (photos / f"{letter * 32}.jpg" for letter in "abc")
        _aged(used, 400)
        _aged(young, DAYS - 1)
        _aged(old, DAYS + 1)
        copy = _aged(runtime.profile.store_folder / "backups" / "loopdesk-2026-11-01-v1.db", 1)
        found = Inspection(
            "80000001", Grade.B, Disposition.DONATE, Operator(name="Ana"), AT, photos=(used.name,)
        )
        draft = Draft("70000001").with_inspection(found)
        await runtime.store.drafts.save(draft)
        runtime.clock.learn(datetime.now(UTC))
        await housekeeping.purge()
        assert [path.exists() for path in (used, young, old, copy)] == [True, True, False, True]

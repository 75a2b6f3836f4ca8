"""An older copy of the store comes back, by a person or by a disk that lied: nothing is done twice.

The copy cannot know of the attempts that were made after it, so requests without an attempt are expected.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from loopdesk.domain.outbox.actions import Kind
from tests.torture.processes.shop import TrialShop
from tests.torture.processes.zygote import Zygote


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    """Fork programs for every test of this file."""
    with Zygote() as zygote:
        yield zygote


def _worked_off(zygote: Zygote, shop: TrialShop) -> None:
    assert shop.start(zygote, "sync", "--once").wait() == 0


@pytest.mark.fault(68)
def test_a_restored_back_up_does_nothing_twice(zygote: Zygote, tmp_path: Path) -> None:
    """The file beside the database remembers more than it: Loop is asked before anything is sent."""
    with TrialShop(tmp_path, 31, 5) as shop:
        shop.fill()
        database = shop.profile / "store" / "loopdesk.db"
        shutil.copy(database, tmp_path / "copy.db")
        _worked_off(zygote, shop)
        done = len(shop.shop.requests("POST"))
        shutil.copy(tmp_path / "copy.db", database)
        assert shop.start(zygote, "sync", "--once").wait() in (0, 1)
        assert set(shop.judge().complaints()) <= {"untrue"}
        values = [seen for seen in shop.shop.requests("POST")[done:] if "/grade" not in seen.path]
        assert [seen for seen in values if "/assess" not in seen.path] == []


@pytest.mark.fault(62)
def test_a_disk_that_forgets_everything_lets_no_finalizer_happen_twice(
    zygote: Zygote, tmp_path: Path
) -> None:
    """Not one file remembers what was sent. What Loop shows is read before anything irreversible."""
    with TrialShop(tmp_path, 33, 5) as shop:
        shop.fill()
        shutil.copytree(shop.profile / "store", tmp_path / "copy")
        _worked_off(zygote, shop)
        shutil.rmtree(shop.profile / "store")
        shutil.copytree(tmp_path / "copy", shop.profile / "store")
        assert shop.start(zygote, "sync", "--once").wait() in (0, 1)
        final = {kind.value for kind in (Kind.PROCESS, Kind.REMOVE, Kind.CANCEL, Kind.CLOSE, Kind.FLAG)}
        asked = [seen.path for seen in shop.shop.requests("POST") if seen.path.rpartition("/")[2] in final]
        assert asked
        assert len(asked) == len(set(asked))
        complaints = shop.judge().complaints()
        assert set(complaints) <= {"doubled", "reordered", "untrue"}, complaints
        assert [each for each in complaints.get("doubled", []) if not each.startswith("note")] == []

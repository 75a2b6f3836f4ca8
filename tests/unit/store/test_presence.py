"""What is open at other benches, as a store keeps it: whom it concerns, and how often it is written."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from loopdesk.services.ports.following import SharedEvent
from loopdesk.store.database import Database
from loopdesk.store.store import Store, open_store
from tests.builders import AT, rebuild

ONE, TWO = "70000001", "70000002"


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """A store of a bench that knows itself at its hub."""
    store = await open_store(tmp_path / "profile", rebuild)
    await store.shares.turn(on=True)
    await store.shared_presence.learn_self("mine")
    yield store
    await store.close()


def told(seq: int, bench_id: str, return_id: str = "") -> SharedEvent:
    """What the hub tells of a bench; "" for nothing that is open there."""
    value = {
        "bench_id": bench_id,
        "bench": f"dock {bench_id}",
        "return_id": return_id,
        "order": "#1",
        "person": "Anna",
        "since": AT.isoformat(),
    }
    return SharedEvent("presence", seq, f"{bench_id}:acme", value if return_id else None)


async def test_a_bench_that_goes_from_one_return_to_another_concerns_both(store: Store) -> None:
    presence = store.shared_presence
    assert await presence.take(told(1, "theirs", ONE)) == {ONE}
    assert await presence.take(told(2, "theirs", TWO)) == {ONE, TWO}
    assert await presence.take(told(2, "theirs", ONE)) == frozenset(), "it was taken before"
    assert await presence.take(told(3, "theirs")) == {TWO}


async def test_what_is_open_at_this_bench_concerns_nobody_here(store: Store) -> None:
    presence = store.shared_presence
    assert await presence.take(told(1, "mine", ONE)) == frozenset()
    assert await presence.take(told(2, "mine")) == frozenset()
    assert await store.shares.position() == 2


async def test_which_bench_this_is_is_written_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(*_: Any, **__: Any) -> None:
        raise AssertionError("nothing has changed")

    monkeypatch.setattr(Database, "write", refused)
    await store.shared_presence.learn_self("mine")
    monkeypatch.undo()
    await store.shared_presence.learn_self("other")
    assert await store.shared_presence.take(told(1, "mine", ONE)) == {ONE}

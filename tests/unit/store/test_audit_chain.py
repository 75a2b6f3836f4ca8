"""A row that was changed or removed behind the program's back shows in the chain."""

from __future__ import annotations

from typing import Any

import apsw
import pytest

import loopdesk.store.audit as audit_module
from loopdesk.domain.operators import Operator
from loopdesk.store.store import Store
from tests.builders import AT

TRIGGERS = "DROP TRIGGER audit_never_changes; DROP TRIGGER audit_is_never_cut;"


async def tamper(store: Store, sql: str) -> None:
    """Change the log as somebody with the file in hand could."""

    def change(connection: apsw.Connection) -> None:
        connection.execute(TRIGGERS + sql)

    await store.database.write(change)


@pytest.mark.parametrize(
    ("sql", "broken"),
    [
        ("UPDATE audit SET operator = 'Eve' WHERE seq = 3", 3),
        ("UPDATE audit SET at = at || ' ' WHERE seq = 1", 1),
        ("UPDATE audit SET detail = '{}' WHERE seq = 5", 5),
        ("UPDATE audit SET sha = x'00' WHERE seq = 2", 2),
        ("DELETE FROM audit WHERE seq = 1", 1),
        ("DELETE FROM audit WHERE seq = 4", 4),
        ("DELETE FROM audit WHERE seq = 6", 6),
        ("DELETE FROM audit", 1),
        ("UPDATE audit SET seq = 9 WHERE seq = 6", 6),
    ],
)
async def test_the_first_row_that_was_touched_is_named(
    store: Store, sql: str, broken: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_module, "VERIFIED_AT_ONCE", 2)
    for n in range(6):
        await store.audit.write("seen", AT, operator=Operator(name="Ana"), detail={"n": n})
    assert await store.audit.verify() is None
    await tamper(store, sql)
    assert await store.audit.verify() == broken


async def test_an_empty_log_is_whole(store: Store) -> None:
    assert await store.audit.verify() is None


@pytest.mark.parametrize("detail", [{"x": "\ud800"}, {"x": "\0\x1d\u202e"}, {"x": [None, 1.5, {"y": True}]}])
async def test_hostile_text_everywhere_does_not_break_the_chain(store: Store, detail: dict[str, Any]) -> None:
    hostile = "\ud800\0\u202e'"
    who = Operator(name=hostile)
    await store.audit.write(
        hostile, AT, operator=who, station=hostile, return_id=hostile, entry_id=hostile, detail=detail
    )
    assert await store.audit.verify() is None
    (row,) = await store.audit.rows()
    assert row.detail == detail
    assert row.operator.name == "\ufffd\0\u202e'"
    assert await store.audit.of_return(hostile) == (row,)

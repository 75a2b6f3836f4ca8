"""What IT types about the audit logs of the benches, and reads."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from loopdesk.domain.audit_chain import BEGINNING, ChainRow
from loopdesk.hub.audit.record import AuditRecord
from loopdesk.hub.commands.working import working
from loopdesk.hub.settings import read_settings
from tests.hub.test_commands import It, _init, it
from tests.unit.domain.test_audit_chain import chain

__all__ = ("it",)

pytestmark = pytest.mark.expects_log(r"audit_(run|refused)")

ROWS = chain(list("abcde"))


async def _bring(file: Path) -> None:
    """Let two benches bring rows: one of them another past, and one row that was changed."""
    async with working(read_settings(file)) as works:
        record = AuditRecord(works.database)
        for name in ("Dock 1", "Dock 2"):
            await works.benches.add(name)
        async with works.database.transaction() as connection:
            cursor = await connection.execute("SELECT id FROM bench ORDER BY name")
            first, second = [row["id"] for row in await cursor.fetchall()]
        await record.take(first, "0" * 32, BEGINNING, ROWS[:3], anew=False)
        await record.take(first, "0" * 32, ROWS[1].link, chain(list("xy"), ROWS[1].link), anew=False)
        changed = ChainRow(4, ROWS[3].line.replace("d", "D"), ROWS[3].sha)
        await record.take(second, "1" * 32, BEGINNING, [*ROWS[:3], changed, ROWS[4]], anew=False)


async def _run_sql(file: Path, sql: bytes) -> None:
    async with working(read_settings(file)) as works, works.database.transaction() as connection:
        await connection.execute(sql)


def test_it_lists_verifies_and_exports_what_benches_brought(
    it: It, tmp_path: Path, empty_hub_url: str
) -> None:
    _init(it, empty_hub_url)
    file, export = tmp_path / "etc" / "hub.toml", tmp_path / "audit.jsonl"
    assert it.types("audit", "list") == 0
    assert "No bench has brought any rows yet." in it.said
    assert it.types("audit", "verify") == 0
    asyncio.run(_bring(file))
    assert it.types("audit", "list") == 0
    assert "Goes on differently after row 2" in it.said
    assert "row 4 or the one before it was changed at the bench" in it.said
    assert it.types("audit", "verify") == 1  # a row of Dock 2 was refused
    assert it.types("audit", "verify", "--bench", "Dock 1") == 0
    assert "Dock 1: 1–3, 3 rows, unchanged" in it.said
    assert "Dock 1: 3–4, 2 rows, unchanged" in it.said
    assert it.types("audit", "export", str(export)) == 0
    assert it.types("audit", "export", str(export)) == 1
    assert oct(export.stat().st_mode & 0o777) == "0o600"
    assert it.types("audit", "verify", str(export)) == 0
    export.write_text(export.read_text("ascii").replace('\\"a\\"', '\\"b\\"', 1), "ascii")
    assert it.types("audit", "verify", str(export)) == 1
    assert "CHANGED at row 1" in it.said
    export.write_text(export.read_text("ascii")[:-20], "ascii")
    assert it.types("audit", "verify", str(export)) == 5
    asyncio.run(_run_sql(file, b"DELETE FROM audit_row WHERE seq = 2"))
    assert it.types("audit", "verify", "--bench", "Dock 1") == 1
    assert "Dock 1: CHANGED at row 2" in it.said

"""The audit rows of a real bench's store come to a real hub: all, once, in order, and verified."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from loopdesk.domain.audit_chain import ChainFault
from loopdesk.domain.errors import ApiError
from loopdesk.hub.audit.decisions import RunCause
from loopdesk.hub.audit.export import NoExport, exported, verified, verified_export
from loopdesk.hub.audit.keeping import AuditKeeping
from loopdesk.hub.audit.reading import reading
from loopdesk.hub.compose import Hub
from loopdesk.services.sharing.audit import LOOK_SECONDS, RETRY_MOST_SECONDS, ROWS_A_BATCH
from loopdesk.system.host.clock import SystemClock
from tests.builders import AT
from tests.hub.audit_rig import BenchLog, Line, bench_log, faults, links, runs
from tests.hub.running import joined, settings_for

pytestmark = pytest.mark.expects_log(r"audit_(run|refused|row_refused|place_unknown)")
"""Each run that begins, and each row that is refused, is in the logs of both."""


@pytest.fixture
async def hub(hub_url: str, tmp_path: Path) -> AsyncIterator[Hub]:
    async with Hub(settings_for(hub_url, tmp_path)) as running:
        yield running


@pytest.fixture
async def bench(hub: Hub, tmp_path: Path) -> AsyncIterator[BenchLog]:
    async with bench_log(tmp_path / "profile", Line(hub.url, await joined(hub))) as one:
        yield one


async def own(bench: BenchLog) -> list[tuple[int, bytes]]:
    return [(row.seq, row.sha) for row in await bench.rows()]


async def test_all_rows_come_in_order_and_the_same_ones_twice_are_held_once(
    hub: Hub, bench: BenchLog
) -> None:
    await bench.write(5)
    assert await bench.bring_all()
    await bench.write(3)
    bench.line.cut = "after"
    with pytest.raises(ApiError):
        await bench.upload.bring_some()
    bench.line.cut = ""
    assert await bench.bring_all()
    [run] = await runs(hub)
    assert (run.bench, run.cause, run.start.seq) == ("Dock 1", RunCause.FIRST, 0)
    assert await links(hub, run) == await own(bench)
    assert await faults(hub) == ()


async def test_a_bench_that_was_offline_for_days_catches_up_in_bounded_batches_across_a_restart(
    hub: Hub, bench: BenchLog
) -> None:
    await bench.write(2 * ROWS_A_BATCH + 10)
    bench.line.cut = "before"
    assert not await bench.bring_all()
    bench.line.cut = ""
    assert await bench.upload.bring_some()
    await bench.restart()
    assert await bench.bring_all()
    assert bench.line.asked == 3
    [run] = await runs(hub)
    assert await links(hub, run) == await own(bench)


async def test_it_runs_by_itself_while_there_is_a_hub_and_backs_off_while_it_is_away(
    hub: Hub, bench: BenchLog
) -> None:
    bench.line.cut = "before"
    bench.tasks.spawn(bench.upload.run(), name="upload")
    await bench.write(ROWS_A_BATCH + 1)
    await bench.clock.turn(10 * RETRY_MOST_SECONDS)
    assert bench.line.asked == 0
    bench.line.cut = ""

    async def is_there() -> bool:
        found = await runs(hub)
        return bool(found) and found[0].end.seq == ROWS_A_BATCH + 1

    while not await is_there():
        await bench.clock.turn(LOOK_SECONDS)


@pytest.mark.fault(217)
@pytest.mark.parametrize(
    ("sql", "why", "row", "lost"),
    [
        ("UPDATE audit SET operator = 'Eve' WHERE seq = 5", ChainFault.CHANGED, 5, {5}),
        ("UPDATE audit SET sha = x'00' WHERE seq = 5", ChainFault.CHANGED, 5, {5}),
        ("DELETE FROM audit WHERE seq = 5", ChainFault.MISSING, 6, {6}),
        ("UPDATE audit SET seq = 99 WHERE seq = 5", ChainFault.MISSING, 6, {6, 99}),
        ("DELETE FROM audit WHERE seq <= 3", ChainFault.MISSING, 4, {4}),
    ],
)
async def test_a_row_that_was_touched_is_refused_and_said_and_the_others_come_after_it(
    hub: Hub, bench: BenchLog, sql: str, why: ChainFault, row: int, lost: set[int]
) -> None:
    await bench.write(3)
    if "<=" not in sql:
        assert await bench.bring_all()
    await bench.write(5)
    await bench.tamper(sql)
    assert await bench.bring_all()
    first, *_ = await faults(hub)
    assert (first.seq, first.why, first.bench) == (row, why, "Dock 1")
    told = await bench.store.audit_uploads.refusals()
    assert [each.seq for each in told] == [each.seq for each in await faults(hub)]
    assert {each.seq for each in told} >= {row}
    held = {seq for run in await runs(hub) for seq, _ in await links(hub, run)}
    assert {each.seq for each in await bench.rows()} - held <= lost | {each.seq for each in told}
    async with reading(hub.database) as all_held:
        assert [each.broken for each in await verified(all_held)] == [None] * len(await runs(hub))
    await bench.write()
    assert await bench.bring_all()
    assert (await runs(hub))[-1].cause is RunCause.REFUSED


@pytest.mark.fault(217)
async def test_rows_that_were_brought_and_then_rewritten_with_all_after_them_show_as_a_fork(
    hub: Hub, bench: BenchLog, tmp_path: Path
) -> None:
    await bench.write(3)
    await bench.copy_to(tmp_path / "copy")
    await bench.write(3)
    assert await bench.bring_all()
    honest = await own(bench)
    await bench.put_back(tmp_path / "copy")
    await bench.write(4)  # the same numbers, other rows, a chain that is whole in itself
    [end] = [run.end for run in await runs(hub)]
    await bench.tamper(
        f"UPDATE audit_upload SET seq = {end.seq}, sha = (SELECT sha FROM audit WHERE seq = {end.seq})"
    )
    assert await bench.store.audit.verify() is None
    assert await bench.bring_all()
    old, new = await runs(hub)
    assert (new.cause, new.start.seq) == (RunCause.FORKED, 3)
    assert await links(hub, old) == honest
    assert await links(hub, new) == (await own(bench))[3:]


@pytest.mark.fault(218)
async def test_a_profile_that_was_put_back_to_an_older_copy_goes_on_beside_what_it_had_told(
    hub: Hub, bench: BenchLog, tmp_path: Path
) -> None:
    await bench.write(4)
    assert await bench.bring_all()
    await bench.copy_to(tmp_path / "copy")
    await bench.write(4)
    assert await bench.bring_all()
    before = await own(bench)
    await bench.put_back(tmp_path / "copy")
    assert await bench.bring_all()  # nothing new: nothing to notice
    await bench.write(2)
    assert await bench.bring_all()
    old, new = await runs(hub)
    assert (new.cause, new.start.seq) == (RunCause.FORKED, 4)
    assert (await links(hub, old), await links(hub, new)) == (before, (await own(bench))[4:])
    await bench.write(3)
    await bench.restart()
    assert await bench.bring_all()
    assert await links(hub, (await runs(hub))[1]) == (await own(bench))[4:]


@pytest.mark.fault(218)
async def test_a_wiped_profile_begins_another_run_and_the_one_before_stays(hub: Hub, bench: BenchLog) -> None:
    await bench.write(4)
    assert await bench.bring_all()
    before = await own(bench)
    await bench.wipe()
    await bench.write(2)
    assert await bench.bring_all()
    old, new = await runs(hub)
    assert (old.cause, new.cause, new.start.seq) == (RunCause.FIRST, RunCause.REPLACED, 0)
    assert old.store != new.store
    assert (await links(hub, old), await links(hub, new)) == (before, await own(bench))


async def test_a_hub_that_was_put_back_to_an_older_copy_gets_what_it_lacks(hub: Hub, bench: BenchLog) -> None:
    await bench.write(4)
    assert await bench.bring_all()
    async with hub.database.transaction() as connection:
        await connection.execute("CREATE TABLE old_run AS SELECT * FROM audit_run")
    await bench.write(4)
    assert await bench.bring_all()
    async with hub.database.transaction() as connection:
        await connection.execute("DELETE FROM audit_row WHERE seq > 4")
        await connection.execute(
            "UPDATE audit_run SET last_seq = old.last_seq, last_sha = old.last_sha FROM old_run old"
        )
    await bench.write()
    assert await bench.bring_all()
    [run] = await runs(hub)
    assert await links(hub, run) == await own(bench)


async def test_a_hub_that_has_lost_everything_gets_the_whole_log_again(hub: Hub, bench: BenchLog) -> None:
    await bench.write(4)
    assert await bench.bring_all()
    async with hub.database.transaction() as connection:
        await connection.execute("DELETE FROM audit_row")
        await connection.execute("DELETE FROM audit_run")
    await bench.restart()
    assert await bench.bring_all()  # without a new row: after a start it asks
    [run] = await runs(hub)
    assert await links(hub, run) == await own(bench)


async def test_rows_that_the_bench_purged_before_it_told_them_are_a_gap_that_is_said(
    hub: Hub, bench: BenchLog
) -> None:
    await bench.write(3)
    assert await bench.bring_all()
    await bench.write(3)
    await bench.store.purge(AT + timedelta(days=1))
    assert await bench.rows() == []
    await bench.write(2)
    assert await bench.bring_all()
    old, new = await runs(hub)
    assert (old.end.seq, new.cause, new.start.seq, new.end.seq) == (3, RunCause.GAP, 6, 8)


async def test_two_benches_do_not_mix_and_one_cannot_write_for_the_other(
    hub: Hub, bench: BenchLog, tmp_path: Path
) -> None:
    await bench.write(2)
    assert await bench.bring_all()
    async with bench_log(tmp_path / "second", Line(hub.url, await joined(hub, "Dock 2"))) as other:
        await bench.copy_to(tmp_path / "copy")
        await other.put_back(tmp_path / "copy")  # a cloned disk: the same store's id
        await other.write(2)
        assert await other.bring_all()
        first, second = await runs(hub)
        assert (first.bench, second.bench, first.store) == ("Dock 1", "Dock 2", second.store)
        assert (await links(hub, first), await links(hub, second)) == (await own(bench), await own(other))


async def test_old_rows_are_deleted_and_what_is_left_and_an_export_still_prove_themselves(
    hub: Hub, bench: BenchLog
) -> None:
    await bench.write(4)
    assert await bench.bring_all()
    async with reading(hub.database) as held:
        whole = [line async for line in exported(held)]
    async with hub.database.transaction() as connection:
        await connection.execute(
            "UPDATE audit_row SET arrived_at = arrived_at - interval '91 days' WHERE seq < 4"
        )
    keeping = AuditKeeping(hub.database, 90, SystemClock())
    assert (await keeping.purge(), await keeping.purge()) == (3, 0)
    [run] = await runs(hub)
    assert (run.purged.seq, [seq for seq, _ in await links(hub, run)]) == (3, [4])
    assert run.purged.sha == (await own(bench))[2][1]
    await bench.write()
    assert await bench.bring_all()
    async with reading(hub.database) as held:
        assert [(each.first, each.last, each.broken) for each in await verified(held)] == [(4, 5, None)]
    assert [(each.first, each.last, each.broken) for each in verified_export(whole)] == [(1, 4, None)]


async def test_what_somebody_changes_at_the_hub_is_found_there_and_in_an_export(
    hub: Hub, bench: BenchLog
) -> None:
    await bench.write(4)
    assert await bench.bring_all()
    async with hub.database.transaction() as connection:
        await connection.execute(
            "UPDATE audit_row SET line = replace(line, 'dock 1', 'dock 2') WHERE seq = 3"
        )
    async with reading(hub.database) as held:
        assert [each.broken for each in await verified(held)] == [3]
        lines = [line async for line in exported(held)]
    assert [each.broken for each in verified_export(lines)] == [3]
    assert [each.broken for each in verified_export([*lines[:-2], lines[-1]])] == [3]
    for cut in range(1, len(lines)):
        with pytest.raises(NoExport):
            verified_export(lines[:cut])
    with pytest.raises(NoExport):
        verified_export(["[1"])


@pytest.mark.parametrize(
    "body",
    [
        "[]",
        "{}",
        '{"store": "x", "after": [0, ""], "anew": false, "rows": []}',
        '{"store": "%s", "after": [-1, ""], "anew": false, "rows": []}',
        '{"store": "%s", "after": [0, "zz"], "anew": false, "rows": []}',
        '{"store": "%s", "after": [0, ""], "anew": 0, "rows": []}',
        '{"store": "%s", "after": [0, ""], "anew": false, "rows": [["{}", ""]]}',
        '{"store": "%s", "after": [0, ""], "anew": false, "rows": [["[1]", "", ""]]}',
        "[" * 5000,
    ],
)
async def test_what_is_no_rows_is_refused_and_changes_nothing(hub: Hub, bench: BenchLog, body: str) -> None:
    async with httpx.AsyncClient(base_url=hub.url, trust_env=False) as client:
        answer = await client.post(
            "/hub/v1/audit",
            content=body.replace("%s", "0" * 32),
            headers={"X-Authorization": bench.line.token},
        )
    assert answer.status_code == 422
    assert await runs(hub) == ()

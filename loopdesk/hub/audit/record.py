"""Keeps the audit logs of benches: each row once, in order, in the chain that it was written in."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from loopdesk.domain.audit_chain import BEGINNING, ChainFault, ChainLink, ChainRow, whole_part
from loopdesk.hub.audit.decisions import Plan, Run, RunCause, holder_of, plan
from loopdesk.hub.database.pool import Database
from loopdesk.hub.database.sql import Connection, rows

log = logging.getLogger("loopdesk.hub.audit")

ENDS_MOST: Final = 20
"""So many places are offered to a bench that names an unknown one: the ends of its newest runs."""


@dataclass(frozen=True, slots=True)
class TakenRows:
    """What became of rows.

    Attributes:
        place: Up to where all is held; None if the place that they follow is not known, and nothing was done.
        ends: The ends of what is held of the store, newest run first, if the place is not known.
        refused: The number of the first row that does not follow, and why; None if all do.
    """

    place: ChainLink | None
    ends: tuple[ChainLink, ...] = ()
    refused: tuple[int, ChainFault] | None = None


class AuditRecord:
    """The audit logs of all benches."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(
        self, bench_id: UUID, store: str, place: ChainLink, sent: Sequence[ChainRow], *, anew: bool
    ) -> TakenRows:
        """Keep rows of a bench's log. The same rows twice are kept once.

        Args:
            store: The id of the bench's database file.
            place: Which the first row follows.
            sent: The rows, in order.
            anew: The bench holds none of the places that it was offered: a place that is not known begins
                another run.

        Raises:
            DatabaseUnusable, psycopg.Error: As ``Database.transaction``.
        """
        count, fault = whole_part(place, sent)
        async with self._database.transaction() as connection:
            await rows(connection, "audit.lock", bench_id=bench_id)
            runs = await _runs(connection, bench_id)
            own = [run for run in runs if run.store == store]
            held = await _held(connection, bench_id, store, place.seq, place.seq + count)
            if holder_of(place, own, held) is None and not anew and (own or place != BEGINNING):
                return TakenRows(None, tuple(run.end for run in reversed(own[-ENDS_MOST:])))
            refusals = await rows(
                connection, "audit.was_refused", bench_id=bench_id, store=store, seq=place.seq, sha=place.sha
            )
            planned = plan(
                place, sent[:count], runs=runs, store=store, held=held, is_after_refusal=bool(refusals)
            )
            await _keep(connection, bench_id, store, planned, sent[planned.skipped : count])
            end = sent[count - 1].link if count else place
            if fault is None:
                return TakenRows(end)
            await _refuse(connection, bench_id, store, end, sent[count], fault)
            return TakenRows(end, refused=(sent[count].seq, fault))


async def _runs(connection: Connection, bench_id: UUID) -> list[Run]:
    found = await rows(connection, "audit.runs", bench_id=bench_id)
    return [
        Run(
            each["id"],
            each["store"],
            ChainLink(each["from_seq"], each["from_sha"]),
            ChainLink(each["last_seq"], each["last_sha"]),
        )
        for each in found
    ]


async def _held(
    connection: Connection, bench_id: UUID, store: str, first: int, last: int
) -> dict[ChainLink, int]:
    """Return the runs of the rows that are held in a range of numbers."""
    found = await rows(connection, "audit.held", bench_id=bench_id, store=store, first=first, last=last)
    return {ChainLink(each["seq"], each["sha"]): each["run_id"] for each in found}


async def _keep(
    connection: Connection, bench_id: UUID, store: str, planned: Plan, new: Sequence[ChainRow]
) -> None:
    if not new:
        return
    run_id = planned.run
    if run_id is None:
        [begun] = await rows(
            connection,
            "audit.begin",
            bench_id=bench_id,
            store=store,
            cause=planned.cause,
            parent=planned.parent,
            seq=planned.place.seq,
            sha=planned.place.sha,
        )
        run_id = begun["id"]
        level = logging.INFO if planned.cause is RunCause.FIRST else logging.WARNING
        log.log(level, "audit_run bench=%s cause=%s after=%s", bench_id, planned.cause, planned.place.seq)
    await rows(
        connection,
        "audit.add",
        run_id=run_id,
        seqs=[row.seq for row in new],
        shas=[row.sha for row in new],
        lines=[row.line for row in new],
        last_seq=new[-1].seq,
        last_sha=new[-1].sha,
    )


async def _refuse(
    connection: Connection, bench_id: UUID, store: str, end: ChainLink, row: ChainRow, fault: ChainFault
) -> None:
    log.error("audit_refused bench=%s row=%s why=%s", bench_id, row.seq, fault)
    await rows(
        connection,
        "audit.refuse",
        bench_id=bench_id,
        store=store,
        after_seq=end.seq,
        seq=row.seq,
        sha=row.sha,
        why=fault,
        line=row.line,
    )

"""An exported audit log: JSON lines that anyone can verify without the hub.

Each run begins with ``{"run": {"bench", "store", "cause", "began_at", "after": [seq, sha]}}``, goes on with
one ``[line, sha]`` for each row, and ends with ``{"end": [seq, sha]}``. A line is the row as it is hashed:
the SHA-256 over the hash of the row before it and the line's ASCII is the row's hash, in hex.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

from loopdesk.domain.audit_chain import ChainCheck, ChainLink, ChainRow, row_in
from loopdesk.hub.audit.reading import AuditReading, KeptRun


class NoExport(Exception):
    """A file is no exported audit log, or is cut off."""


@dataclass(frozen=True, slots=True)
class VerifiedRun:
    """What verifying a run came to.

    Attributes:
        bench: The bench's name.
        first, last: The numbers of its first and last row.
        broken: The number of the first row that is changed or missing; None if the run is whole.
    """

    bench: str
    first: int
    last: int
    broken: int | None


async def exported(reading: AuditReading) -> AsyncIterator[str]:
    """Give the lines of an export, without their ends."""
    for run in await reading.runs():
        head = {
            "bench": run.bench,
            "store": run.store,
            "cause": run.cause,
            "began_at": run.began_at.isoformat(),
            "after": _pair(run.purged),
        }
        yield _json({"run": head})
        async for row in reading.rows_of(run):
            yield _json([row.line, row.sha.hex()])
        yield _json({"end": _pair(run.end)})


async def verified(reading: AuditReading) -> tuple[VerifiedRun, ...]:
    """Verify all runs that the hub holds."""
    return tuple([await _verified(reading, run) for run in await reading.runs()])


async def _verified(reading: AuditReading, run: KeptRun) -> VerifiedRun:
    check = ChainCheck(run.purged)
    async for row in reading.rows_of(run):
        check.take(row)
    return VerifiedRun(run.bench, run.purged.seq + 1, run.end.seq, check.end(run.end))


def verified_export(lines: Iterable[str]) -> tuple[VerifiedRun, ...]:
    """Verify an exported file.

    Raises:
        NoExport: It is none, or is cut off.
    """
    verdicts: list[VerifiedRun] = []
    open_run: tuple[str, ChainLink, ChainCheck] | None = None
    for text in lines:
        found = _parsed(text)
        if isinstance(found, dict) and open_run is None:
            open_run = _begun(found)
        elif isinstance(found, dict) and open_run is not None:
            bench, start, check = open_run
            end = _link(found.get("end"))
            verdicts.append(VerifiedRun(bench, start.seq + 1, end.seq, check.end(end)))
            open_run = None
        elif open_run is not None:
            open_run[2].take(_row(found))
        else:
            raise NoExport
    if open_run is not None:
        raise NoExport
    return tuple(verdicts)


def _begun(found: dict[str, Any]) -> tuple[str, ChainLink, ChainCheck]:
    head = found.get("run")
    if not isinstance(head, dict):
        raise NoExport
    start = _link(head.get("after"))
    return str(head.get("bench", "")), start, ChainCheck(start)


def _row(found: Any) -> ChainRow:
    try:
        line, sha = found
        row = row_in(line, bytes.fromhex(sha))
    except (ValueError, TypeError, AttributeError):
        raise NoExport from None
    if row is None:
        raise NoExport
    return row


def _link(found: Any) -> ChainLink:
    try:
        seq, sha = found
        return ChainLink(int(seq), bytes.fromhex(sha))
    except (ValueError, TypeError):
        raise NoExport from None


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise NoExport from None


def _pair(link: ChainLink) -> list[Any]:
    return [link.seq, link.sha.hex()]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))

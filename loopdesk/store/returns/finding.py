"""Finds the returns that the candidates of a scan lead to, in one or two queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import apsw

from loopdesk.domain.labels.scans import Candidate, CandidateKind
from loopdesk.domain.returns.returns import ReturnState
from loopdesk.services.ports.store import Hit
from loopdesk.store.codecs import to_json
from loopdesk.store.codes import beginnings_of, canonical_code, kinds_answering, may_be_near, parts_of
from loopdesk.store.sql import fetch, queries

_SQL = queries("finding")
_INSIDE = Candidate("", CandidateKind.TRACKING, "inside_number")
_END = Candidate("", CandidateKind.TRACKING, "end_of_number")


def find_hits(connection: apsw.Connection, candidates: Sequence[Candidate]) -> tuple[Hit, ...]:
    """Look up candidates inside the caller's transaction; see ``Returns.find``."""
    named = [one for one in candidates if not one.is_guess]
    for some in ([one for one in named if one.is_exact], [one for one in named if not one.is_exact]):
        if hits := _first(connection, some):
            joint = [one for one in named if one.is_joint]
            return _together(connection, joint) if hits[0].candidate.is_joint else hits
    alone = (one for one in named if not one.is_joint and not one.rivals)
    for code in dict.fromkeys(canonical_code(x.code) for x in alone if may_be_near(x.code, x.kind)):
        if hits := _near(connection, code):
            return hits
    return _together(connection, [one for one in candidates if one.is_guess])


def _first(connection: apsw.Connection, candidates: Sequence[Candidate]) -> tuple[Hit, ...]:
    """The hits of the first candidate that hits."""
    rows = _rows_of(connection, candidates)
    return next((hits for candidate in candidates if (hits := _hits_of(candidate, rows))), ())


def _together(connection: apsw.Connection, candidates: Sequence[Candidate]) -> tuple[Hit, ...]:
    """Every return that any of the candidates leads to."""
    rows = _rows_of(connection, candidates)
    hits: dict[str, Hit] = {}
    for hit in chain.from_iterable(_hits_of(candidate, rows) for candidate in candidates):
        hits.setdefault(hit.return_id, hit)
    return tuple(hits.values())


_Rows = Mapping[str, Sequence[tuple[Any, ...]]]


def _rows_of(connection: apsw.Connection, candidates: Sequence[Candidate]) -> _Rows:
    """What is stored under the candidates' codes and their rivals, by code, in one query."""
    codes = sorted({canonical_code(code) for one in candidates for code in (one.code, *one.rivals)})
    found: dict[str, list[tuple[Any, ...]]] = {}
    for row in fetch(connection, _SQL["by_codes"], {"codes": to_json(codes)}) if codes else ():
        found.setdefault(row[0], []).append(row)
    return found


def _hits_of(candidate: Candidate, rows: _Rows) -> tuple[Hit, ...]:
    """The returns that a candidate leads to, newest first; per return, the code of its kind."""
    if any(canonical_code(rival) in rows for rival in candidate.rivals):
        return ()
    kinds = kinds_answering(candidate.kind)
    kept: dict[str, tuple[Any, ...]] = {}
    for row in rows.get(canonical_code(candidate.code), ()):
        if row[1] in kinds and (row[2] not in kept or row[1] == candidate.kind):
            kept[row[2]] = row
    return _hits(list(kept.values()), candidate)


def _near(connection: apsw.Connection, code: str) -> tuple[Hit, ...]:
    parts = fetch(connection, _SQL["by_part"], {"parts": to_json(parts_of(code))})
    longest = _hits([row for row in parts if row[0] == parts[0][0]], _INSIDE)
    if len(longest) == 1:
        return longest + _before(connection, code, longest[0])
    ends = _hits(fetch(connection, _SQL["by_tail"], {"tail": code[::-1]}), _END)
    return ends if len(ends) == 1 else ()


def _before(connection: apsw.Connection, code: str, hit: Hit) -> tuple[Hit, ...]:
    """The return of another number right before the one found: two labels came in one scan."""
    beginnings = beginnings_of(code, len(code) - len(hit.candidate.code))
    rows = fetch(connection, _SQL["by_part"], {"parts": to_json(beginnings)}) if beginnings else []
    others = _hits([row for row in rows if row[0] == rows[0][0]], _INSIDE)
    return tuple(other for other in others if other.return_id != hit.return_id)


def _hits(rows: Sequence[tuple[Any, ...]], by: Candidate) -> tuple[Hit, ...]:
    hits: dict[str, Hit] = {}
    for code, kind, return_id, order_name, state in rows:
        candidate = replace(by, code=code, kind=CandidateKind(kind))
        hits.setdefault(return_id, Hit(return_id, order_name, ReturnState(state), candidate))
    return tuple(hits.values())

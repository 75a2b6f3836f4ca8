"""Finds returns: by the candidates of a scan; and by words, in a full-text index, codes and notes.

The index holds normalized words in trigrams, so that any three consecutive characters are found, whether in a
name, a title or the middle of a tracking number. A row's id begins with the day on which the return changed
(``place_of``): SQLite then yields the newest matches first and stops after a screenful, however many there
are. ``docs/decisions/0010-search-by-trigrams.md`` has the measurements of the alternatives.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import Any, NamedTuple

import apsw

from loopdesk.domain.labels.scans import Candidate, CandidateKind
from loopdesk.domain.returns.returns import ReturnState
from loopdesk.services.ports.store import Hit, Indexed
from loopdesk.store.codecs import optional_text_time, to_json
from loopdesk.store.codes import (
    beginnings_of,
    canonical_code,
    folded,
    kinds_answering,
    may_be_near,
    parts_of,
    question_words,
)
from loopdesk.store.sql import fetch, put, queries

# --- by the codes of a scan -------------------------------------------------------------------------

_CODES_SQL = queries("finding")
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
    for row in fetch(connection, _CODES_SQL["by_codes"], {"codes": to_json(codes)}) if codes else ():
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
    parts = fetch(connection, _CODES_SQL["by_part"], {"parts": to_json(parts_of(code))})
    longest = _hits([row for row in parts if row[0] == parts[0][0]], _INSIDE)
    if len(longest) == 1:
        return longest + _before(connection, code, longest[0])
    ends = _hits(fetch(connection, _CODES_SQL["by_tail"], {"tail": code[::-1]}), _END)
    return ends if len(ends) == 1 else ()


def _before(connection: apsw.Connection, code: str, hit: Hit) -> tuple[Hit, ...]:
    """The return of another number right before the one found: two labels came in one scan."""
    beginnings = beginnings_of(code, len(code) - len(hit.candidate.code))
    rows = fetch(connection, _CODES_SQL["by_part"], {"parts": to_json(beginnings)}) if beginnings else []
    others = _hits([row for row in rows if row[0] == rows[0][0]], _INSIDE)
    return tuple(other for other in others if other.return_id != hit.return_id)


def _hits(rows: Sequence[tuple[Any, ...]], by: Candidate) -> tuple[Hit, ...]:
    hits: dict[str, Hit] = {}
    for code, kind, return_id, order_name, state in rows:
        candidate = replace(by, code=code, kind=CandidateKind(kind))
        hits.setdefault(return_id, Hit(return_id, order_name, ReturnState(state), candidate))
    return tuple(hits.values())


# --- by words ---------------------------------------------------------------------------------------

TRIGRAM = 3
"""Shortest word that the full-text index can find."""

WHOLE_CODE = 8
"""From this length on an exact code is what was meant, not a fragment of another one."""

NEWEST_READ = 4000
"""Number of newest returns in which one or two characters are searched."""

LATEST_READ = 1000
"""Number of returns of the newest days among which the latest are chosen: the index knows only the day."""

MOVED_AT_ONCE = 50
"""Returns of an older file whose words are moved in one transaction while a scan may be waiting."""

NOTED_AT_ONCE = 200
"""Settlements whose notes are indexed in one transaction."""

MERGED_AT_ONCE = 250
"""Pages of the index that one merge transaction writes."""

_NUMBER_BITS = 32
_FIRST_DAY = datetime(2000, 1, 1, tzinfo=UTC)

_SQL = queries("search")


class Words(NamedTuple):
    """Words to be written to the index.

    Attributes:
        number: The return's number.
        was: The current row id of its words; None if it has none yet.
        place: Their new row id.
        text: The normalized words.
    """

    number: int
    was: int | None
    place: int
    text: str


def place_of(number: int, changed_at: datetime | None) -> int:
    """Return the row id of a return in the index; later days sort behind earlier ones."""
    days = 0 if changed_at is None else (changed_at - _FIRST_DAY).days
    return max(days, 1) << _NUMBER_BITS | number


def put_words(connection: apsw.Connection, changed: Iterable[Words]) -> None:
    """Write words inside the caller's transaction, in index order, which is many times faster."""
    rows = sorted(changed, key=lambda words: words.place)
    old = [(words.was,) for words in rows if words.was is not None]
    connection.executemany(_SQL["delete_words"], old)
    put(connection, _SQL["add_words"], [(x.place, x.text) for x in rows])
    put(connection, _SQL["set_place"], [(x.place, x.number) for x in rows if x.place != x.was])


def found_rows(connection: apsw.Connection, text: str, most: int) -> list[tuple[Any, ...]]:
    """Return the rows of the returns with all words: an exact code or order first, then the newest."""
    words = question_words(text)
    if not words:
        return []
    code = canonical_code(text)
    exact = _exact(connection, code, most)
    is_found = bool(exact) and len(code) >= WHOLE_CODE
    partly = _newest_first(connection, _with_exact_word(connection, words, most))
    others = _newest_first(connection, _having(connection, words, most, but_index=is_found))
    numbers = list(dict.fromkeys([*exact, *partly, *others]))[:most]
    return fetch(connection, _SQL["rows"], {"numbers": to_json(numbers)})


def latest_rows(connection: apsw.Connection, most: int) -> list[tuple[Any, ...]]:
    """Return the rows of the returns that changed most recently, newest first."""
    numbers = _newest_first(connection, _numbers(connection, "latest", {"most": LATEST_READ}))[:most]
    return fetch(connection, _SQL["rows"], {"numbers": to_json(numbers)})


def _exact(connection: apsw.Connection, code: str, most: int) -> list[int]:
    codes = {code, code.lstrip("#")} - {""}
    return _numbers(connection, "exact", {"codes": to_json(sorted(codes)), "most": most})


def _with_exact_word(connection: apsw.Connection, words: Sequence[str], most: int) -> list[int]:
    """The numbers of returns that one word names exactly, such as an order, and that contain the others."""
    if len(words) < 2:
        return []
    codes = to_json([canonical_code(word) for word in words])
    rows = fetch(connection, _SQL["exact_words"], {"codes": codes, "most": most})
    return [number for number, text in rows if _has_all(folded(text), words)]


def _having(connection: apsw.Connection, words: Sequence[str], most: int, *, but_index: bool) -> list[int]:
    """The numbers of returns with these words; words too short for the index count only if all are."""
    long = [word for word in words if len(word) >= TRIGRAM]
    if not long:
        newest = fetch(connection, _SQL["newest"], {"most": NEWEST_READ})
        return [number for number, text in newest if all(word in text for word in words)][:most]
    values = {"match": " ".join('"' + word.replace('"', '""') + '"' for word in long), "most": most}
    drafts = fetch(connection, _SQL["drafts"])
    return [
        *(number for number, body in drafts if _has_all(notes_in(body), long)),
        *_numbers(connection, "noted", values),
        *([] if but_index else _numbers(connection, "matching", values)),
    ]


def _has_all(text: str, words: Sequence[str]) -> bool:
    return all(word in text for word in words)


def _newest_first(connection: apsw.Connection, numbers: Sequence[int]) -> list[int]:
    """Order by the time of the last change; the index knows only its day."""
    ages = fetch(connection, _SQL["ages"], {"numbers": to_json(numbers)})
    return [number for number, _ in sorted(ages, key=lambda row: (row[1] or "", row[0]), reverse=True)]


def _numbers(connection: apsw.Connection, name: str, values: dict[str, Any]) -> list[int]:
    return [row[0] for row in fetch(connection, _SQL[name], values)]


def notes_in(draft: str) -> str:
    """Return the normalized words that an operator wrote into a stored draft."""
    values = json.loads(draft)
    texts = [
        *values["notes"],
        *(found["note"] for found in values["inspections"]),
        *(word for x in values["extras"] for word in _words_of(x)),
        values["flag_reason"],
    ]
    return folded("\n".join(text for text in texts if text))


def _words_of(extra: Any) -> tuple[str, ...]:
    """Return the words of an item on no line, in every form that drafts were stored in."""
    if isinstance(extra, list):
        return (str(extra[0]),)
    return tuple(extra.get(name, "") for name in ("title", "text", "words"))


def progress(connection: apsw.Connection) -> tuple[Indexed, bool]:
    """Return how far an older file is indexed, and whether notes are waiting."""
    done, total, has_notes = fetch(connection, _SQL["progress"])[0]
    return Indexed(done, total), bool(has_notes)


def index_piece(connection: apsw.Connection) -> None:
    """Index the next batch inside the caller's transaction; resumable after a restart."""
    _move_words(connection)
    _add_notes(connection)


def _move_words(connection: apsw.Connection) -> None:
    rows = fetch(connection, _SQL["unmoved"], {"most": MOVED_AT_ONCE})
    changed = [
        Words(number, number, place_of(number, optional_text_time(updated_at)), folded(text))
        for number, text, updated_at in rows
        if text is not None
    ]
    put_words(connection, changed)
    connection.execute(_SQL["set_moved"], {"number": rows[-1][0] if rows else None})


def _add_notes(connection: apsw.Connection) -> None:
    rows = fetch(connection, _SQL["unnoted"], {"most": NOTED_AT_ONCE})
    for number, order_name, draft in rows:
        if notes := notes_in(draft):
            text = f"{folded(order_name)}\n{notes}"
            connection.execute(_SQL["add_noted"], {"number": number, "text": text})
    if rows:
        connection.execute(_SQL["set_noted"], {"number": rows[-1][0]})


def begin_merge(connection: apsw.Connection, day: str) -> bool:
    """Start to free the index of purged rows, at most once a day. False if there is nothing to do."""
    if not connection.execute(_SQL["must_merge"], {"day": day}).get:
        return False
    connection.execute(_SQL["set_merged"], {"day": day})
    for name in ("merge_words", "merge_noted"):
        connection.execute(_SQL[name], {"pages": -MERGED_AT_ONCE})
    return True


def merge_piece(connection: apsw.Connection) -> int:
    """Continue a merge. Returns how many rows it wrote; 0 when done."""
    return sum(_merge(connection, name) for name in ("merge_words", "merge_noted"))


def _merge(connection: apsw.Connection, name: str) -> int:
    before = connection.total_changes()
    connection.execute(_SQL[name], {"pages": MERGED_AT_ONCE})
    return connection.total_changes() - before - 1  # SQLite counts the command itself

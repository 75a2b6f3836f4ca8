"""Loop's answers, stored with every code and word that leads to them, and which of two answers is
believed.

Loop answers in two forms. Details carry the shopper's name, pictures and variant titles; the list does not,
but it is what the synchronization reads. The store keeps the newest answer, which alone decides every fact,
and next to it the newest details, which fill in what the list never says.

Codes are only ever added: a label that Loop has replaced may still be the one on the box.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import apsw

from loopdesk.domain.errors import LoopdeskError
from loopdesk.domain.labels.scans import Candidate, CandidateKind
from loopdesk.domain.returns.answers import enriched, may_replace
from loopdesk.domain.returns.returns import Return, ReturnState
from loopdesk.services.ports.loop import Fetched
from loopdesk.services.ports.store import Hit, Indexed, Stored
from loopdesk.store.codecs import (
    optional_text_time,
    optional_time_text,
    pack,
    text_time,
    time_text,
    to_json,
    unpack,
)
from loopdesk.store.codes import (
    canonical_code,
    codes_of,
    folded,
    storable,
    tail_of,
    words_of,
)
from loopdesk.store.database import Database
from loopdesk.store.returns.parcels import CodeRow, note_parcels
from loopdesk.store.returns.search import (
    Words,
    find_hits,
    found_rows,
    index_piece,
    latest_rows,
    place_of,
    progress,
    put_words,
)
from loopdesk.store.sql import fetch, put, queries

Rebuild = Callable[[str, bool], Return]
"""Makes a return from a stored body; the flag says whether the body is a details answer."""

log = logging.getLogger("loopdesk.store")

CODED_AT_ONCE = 50
"""Returns of an older file whose codes are relisted in one transaction."""

_SQL = queries("returns")


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store holds of one return before an answer is saved."""

    number: int
    place: int | None
    body: bytes
    is_details: bool
    details_at: datetime | None
    has_details: bool
    updated_at: datetime | None
    words: str


@dataclass(frozen=True, slots=True)
class SavableAnswer:
    """An answer with all that is made of it before it is saved, for which no store is needed.

    Attributes:
        values: Its row, by the names of the columns.
        words: What it is searched by, folded.
        codes: What it is found by: rows of codes.
    """

    ret: Return
    is_details: bool
    values: Mapping[str, Any]
    words: str
    codes: Sequence[CodeRow]


def ready(one: Fetched, fetched_at: datetime) -> SavableAnswer:
    """Make an answer ready to be saved, with the time at which it was fetched; on any thread."""
    values, words = _values(one, fetched_at), folded(words_of(one.ret))
    return SavableAnswer(one.ret, one.is_details, values, words, _code_rows((one.ret,)))


def save_all(connection: apsw.Connection, fetched: Sequence[Fetched], fetched_at: datetime) -> None:
    """Save answers inside the caller's transaction."""
    save_ready(connection, [ready(one, fetched_at) for one in fetched], fetched_at)


def save_ready(
    connection: apsw.Connection, answers: Sequence[SavableAnswer], now: datetime
) -> frozenset[str]:
    """Save answers inside the caller's transaction.

    Returns:
        The ids of the returns of which a given answer is the newest now.
    """
    before = _known(connection, [one.ret.return_id for one in answers])
    added, others = _split(answers, before)
    known = {**before, **_add(connection, added)}
    newest = {one.ret.return_id: one.ret for one in added}
    for one in others:
        return_id = one.ret.return_id
        was = known[return_id]
        if may_replace(was.updated_at, one.ret.updated_at):
            newest[return_id] = one.ret
        known[return_id] = _save_over(connection, one, was)
    note_parcels(connection, list(newest.values()), now)
    put_words(connection, _changed_words(before, known, now))
    # Sorted, so that rows on the same page of the file are written together.
    put(connection, _SQL["add_code"], sorted(row for one in answers for row in one.codes))
    lines = ((line.line_item_id, one.ret.return_id) for one in answers for line in one.ret.lines)
    put(connection, _SQL["add_line"], sorted(lines))
    return frozenset(newest)


def _changed_words(
    before: Mapping[str, _Known], now: Mapping[str, _Known], fetched_at: datetime
) -> Iterator[Words]:
    for return_id, known in now.items():
        was = before.get(return_id)
        if was is None or was.words != known.words:
            place = place_of(known.number, known.updated_at or fetched_at)
            yield Words(known.number, None if was is None else was.place or was.number, place, known.words)


def _known(connection: apsw.Connection, return_ids: Sequence[str]) -> dict[str, _Known]:
    rows = fetch(connection, _SQL["known"], {"ids": to_json(return_ids)})
    return {
        return_id: _Known(
            number,
            place,
            body,
            bool(is_details),
            optional_text_time(details_at),
            bool(has_details),
            optional_text_time(updated_at),
            folded(words or ""),
        )
        for return_id, number, place, body, is_details, has_details, details_at, updated_at, words in rows
    }


def _split(
    answers: Sequence[SavableAnswer], known: Container[str]
) -> tuple[list[SavableAnswer], list[SavableAnswer]]:
    """Split answers into the first of each return that is not known, and all others, in their order."""
    added, others, seen = list[SavableAnswer](), list[SavableAnswer](), set[str]()
    for one in answers:
        return_id = one.ret.return_id
        (others if return_id in known or return_id in seen else added).append(one)
        seen.add(return_id)
    return added, others


def _add(connection: apsw.Connection, added: Sequence[SavableAnswer]) -> dict[str, _Known]:
    """Save answers about returns of which nothing is known. Returns what is known then, by id."""
    last = int(connection.execute(_SQL["last_number"]).get)
    rows = [(n, *(one.values[name] for name in _ADDED)) for n, one in enumerate(added, last + 1)]
    put(connection, _SQL["add"], rows)
    return {one.ret.return_id: _first(n, one) for n, one in enumerate(added, last + 1)}


_ADDED = (
    "return_id",
    "body",
    "is_details",
    "details_at",
    "is_details",
    "state",
    "order_name",
    "provider_order_id",
    "updated_at",
    "fetched_at",
    "shop",
)
"""The values of a new row after its number; details are known if the answer is one."""


def _first(number: int, one: SavableAnswer) -> _Known:
    at, is_details = one.ret.updated_at, one.is_details
    details_at = at if is_details else None
    return _Known(number, None, one.values["body"], is_details, details_at, is_details, at, one.words)


def _save_over(connection: apsw.Connection, one: SavableAnswer, known: _Known) -> _Known:
    """Save an answer about a known return; an older one changes nothing but may add details."""
    values, words = one.values, one.words
    at, is_newest = one.ret.updated_at, may_replace(known.updated_at, one.ret.updated_at)
    body, is_details, updated_at = known.body, known.is_details, known.updated_at
    details_at, has_details = known.details_at, known.has_details
    if is_newest:
        is_same = (known.body, known.is_details, known.updated_at) == (values["body"], one.is_details, at)
        name = "touch" if is_same else "replace_by_details" if one.is_details else "replace_by_list"
        connection.execute(_SQL[name], values)
        body, is_details, updated_at = values["body"], one.is_details, at
    elif one.is_details and not known.is_details and (not has_details or may_replace(details_at, at)):
        connection.execute(_SQL["add_old_details"], values)
    if one.is_details and (not has_details or may_replace(details_at, at)):
        details_at, has_details = at, True
    # The list has fewer words than details; what was found by a shopper's name must stay findable.
    keeps = () if is_newest and one.is_details else known.words.split("\n")
    merged = "\n".join(dict.fromkeys([*words.split("\n"), *keeps]))
    return _Known(known.number, known.place, body, is_details, details_at, has_details, updated_at, merged)


def _values(one: Fetched, fetched_at: datetime) -> dict[str, Any]:
    ret = one.ret
    updated_at = optional_time_text(ret.updated_at)
    return {
        "return_id": ret.return_id,
        "body": pack(one.body),
        "is_details": int(one.is_details),
        "details_at": updated_at if one.is_details else None,
        "state": ret.state.value,
        "order_name": storable(ret.order_name),
        "provider_order_id": storable(ret.provider_order_id),
        "updated_at": updated_at,
        "fetched_at": time_text(fetched_at),
        "shop": one.shop,
    }


def _code_rows(returns: Iterable[Return]) -> list[CodeRow]:
    return [
        (code, kind.value, ret.return_id, tail_of(code, kind))
        for ret in returns
        for code, kind in codes_of(ret)
    ]


def _code_piece(connection: apsw.Connection, rebuild: Rebuild) -> None:
    """Relist the codes of some returns of an older file by today's rules."""
    rows = fetch(connection, _SQL["uncoded"], {"most": CODED_AT_ONCE})
    known = []
    for number, body, is_details in rows:
        try:
            known.append(rebuild(unpack(body), bool(is_details)))
        except (LoopdeskError, ValueError):
            log.exception("uncoded number=%s", number)
    put(connection, _SQL["add_code"], sorted(_code_rows(known)))
    connection.execute(_SQL["set_coded"], {"number": rows[-1][0] if rows else None})


class Returns:
    """What this station knows about Loop's returns.

    Args:
        database: The store.
        rebuild: Makes a return from a body that was saved.
    """

    def __init__(self, database: Database, rebuild: Rebuild) -> None:
        self._database = database
        self._rebuild = rebuild

    async def save(self, fetched: Sequence[Fetched], fetched_at: datetime) -> None:
        """Save answers and index every code in them; an older answer never replaces a newer one."""
        if fetched:
            await self._database.write(lambda db: save_all(db, fetched, fetched_at))

    async def get(self, return_id: str) -> Stored | None:
        """Return what is known about a return.

        ``has_details`` is True if the newest answer came from details, or if details of the same age are
        known; older details only lend their names and pictures.
        """
        return await self._database.read(lambda db: stored_of(db, return_id, self._rebuild))

    async def find(self, candidates: Sequence[Candidate]) -> tuple[Hit, ...]:
        """Look up candidates in order; return all hits of the first that hits, newest return first.

        The scan itself, if a parcel has exactly that number, comes before anything parsed out of it.

        If none hits exactly, parcel numbers of at least twelve digits are tried again: as a longer number
        that contains a known one, then as the end of a known one. Such a hit must be unique, and its rule
        says how it was found; only if two numbers of different returns follow each other in a scan are both
        hits. The same holds for candidates marked as coming in one scan; they are looked up exactly only.
        Guesses come last: every return that matches one of them exactly is a hit.
        """
        return await self._database.read(lambda db: find_hits(db, candidates))

    async def search(self, text: str, most: int = 50) -> tuple[Stored, ...]:
        """Find returns that contain every word: an exact code first, then the newest.

        Words of at least three characters also match inside other words, and in notes written here. Shorter
        ones count only if there are no longer ones, and then only in the newest returns.
        """
        rows = await self._database.read(lambda db: found_rows(db, text, most))
        return tuple(_stored(row, self._rebuild) for row in rows)

    async def latest(self, most: int = 50) -> tuple[Stored, ...]:
        """Return the returns that changed most recently at Loop, newest first."""
        rows = await self._database.read(lambda db: latest_rows(db, most))
        return tuple(_stored(row, self._rebuild) for row in rows)

    async def add_codes(self, codes: Sequence[tuple[str, str, str]]) -> None:
        """Index additional codes: (code, candidate kind, return id); the return may become known later."""
        rows = [
            (canonical, kind, storable(return_id), tail_of(canonical, CandidateKind(kind)))
            for code, kind, return_id in codes
            if (canonical := canonical_code(code))
        ]
        if rows:
            await self._database.write(lambda db: _add_codes(db, rows))

    async def return_of_line(self, line_item_id: str) -> str | None:
        """Return the id of the return that has this line."""
        values = (storable(line_item_id),)
        found: str | None = await self._database.read(
            lambda db: db.execute(_SQL["return_of_line"], values).get
        )
        return found

    async def count(self) -> int:
        """Return how many returns are known."""
        return int(await self._database.read(lambda db: db.execute(_SQL["count"]).get))

    async def indexed(self) -> Indexed:
        """Return how many words of an older file are indexed."""
        return (await self._database.read(progress))[0]

    async def index_some(self) -> bool:
        """Index the next batch of what the search does not know yet. False if nothing is pending."""
        indexed, has_notes = await self._database.read(progress)
        must_code = await self._database.read(lambda db: bool(db.execute(_SQL["must_code"]).get))
        if indexed.is_complete and not has_notes and not must_code:
            return False
        await self._database.write(self._index_piece)
        return True

    def _index_piece(self, connection: apsw.Connection) -> None:
        index_piece(connection)
        _code_piece(connection, self._rebuild)

    async def mark(self, name: str, value: str) -> None:
        """Set a watermark of the synchronization."""
        await self.mark_all({name: value})

    async def mark_all(self, marks: Mapping[str, str]) -> None:
        """Set several in one transaction, by name."""

        def set_all(connection: apsw.Connection) -> None:
            for name, value in marks.items():
                set_mark(connection, name, value)

        await self._database.write(set_all)

    async def marked(self, name: str) -> str:
        """Return a watermark, "" if there is none."""
        return await self._database.read(lambda db: db.execute(_SQL["marked"], (name,)).get) or ""


def stored_of(connection: apsw.Connection, return_id: str, rebuild: Rebuild) -> Stored | None:
    """Read a return inside the caller's transaction; see ``Returns.get``."""
    rows = fetch(connection, _SQL["get"], (storable(return_id),))
    return _stored(rows[0], rebuild) if rows else None


def _stored(row: tuple[Any, ...], rebuild: Rebuild) -> Stored:
    body, is_details, details, details_at, updated_at, fetched_at, shop = row
    ret = rebuild(unpack(body), bool(is_details))
    is_current = bool(is_details)
    if details is not None:
        ret = enriched(ret, rebuild(unpack(details), True))
        is_current = is_current or details_at == updated_at
    return Stored(ret, text_time(fetched_at), has_details=is_current, shop=shop)


def siblings_of(connection: apsw.Connection, ret: Return) -> tuple[Hit, ...]:
    """Read the other returns of an order inside the caller's transaction, newest first."""
    candidate = Candidate(ret.order_name, CandidateKind.ORDER_NAME, "same_order")
    values = {
        "return_id": ret.return_id,
        "order_name": storable(ret.order_name),
        "provider_order_id": storable(ret.provider_order_id),
    }
    rows = fetch(connection, _SQL["siblings"], values)
    return tuple(Hit(return_id, name, ReturnState(state), candidate) for return_id, name, state in rows)


def _add_codes(connection: apsw.Connection, rows: Sequence[tuple[str, str, str, str | None]]) -> None:
    put(connection, _SQL["add_code"], rows)


def set_mark(connection: apsw.Connection, name: str, value: str) -> None:
    """Set a named text inside the caller's transaction."""
    connection.execute(_SQL["mark"], {"name": name, "value": value})

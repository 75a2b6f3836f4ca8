"""Loop's answers in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from loopdesk.domain.labels.scans import Candidate, CandidateKind
from loopdesk.domain.returns.answers import enriched, may_replace
from loopdesk.domain.returns.returns import Return
from loopdesk.services.ports.loop import Fetched
from loopdesk.services.ports.store import Hit, Indexed, Stored
from loopdesk.store.codes import (
    NEAR_KINDS,
    beginnings_of,
    canonical_code,
    codes_of,
    folded,
    kinds_answering,
    may_be_near,
    parts_of,
    question_words,
    words_of,
)

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass
class _Kept:
    """One return: the newest answer and the newest details."""

    newest: Fetched
    fetched_at: datetime
    details: Return | None
    shop: str = ""
    told: str = ""


class MemoryReturns:
    """Fake of the returns' store; ``noted`` is told of each answer that became the newest."""

    def __init__(self) -> None:
        self.kept: dict[str, _Kept] = {}
        self.codes: set[tuple[str, CandidateKind, str]] = set()
        self.marks: dict[str, str] = {}
        self.noted: list[Callable[[Return, datetime], None]] = []
        self.index = Indexed(0, 0)

    async def save(self, fetched: Sequence[Fetched], fetched_at: datetime) -> None:
        """Keep answers; an older answer never replaces a newer one."""
        for one in fetched:
            self.keep(one, fetched_at)

    def keep(self, one: Fetched, fetched_at: datetime) -> None:
        """Keep one answer synchronously; for the other fakes."""
        return_id = one.ret.return_id
        self.codes |= {(code, kind, return_id) for code, kind in codes_of(one.ret)}
        known = self.kept.get(return_id)
        if known is None:
            details = one.ret if one.is_details else None
            self.kept[return_id] = _Kept(one, fetched_at, details, one.shop)
            self._note(one.ret, fetched_at)
            return
        if one.is_details and (
            known.details is None or may_replace(known.details.updated_at, one.ret.updated_at)
        ):
            known.details, known.told = one.ret, ""
        if may_replace(known.newest.ret.updated_at, one.ret.updated_at):
            known.newest, known.fetched_at, known.told = one, fetched_at, ""
            known.shop = one.shop or known.shop
            self._note(one.ret, fetched_at)

    def _note(self, ret: Return, at: datetime) -> None:
        for noted in self.noted:
            noted(ret, at)

    async def get(self, return_id: str) -> Stored | None:
        """Return what is known of a return."""
        known = self.kept.get(return_id)
        return None if known is None else self._stored(known)

    async def find(self, candidates: Sequence[Candidate]) -> tuple[Hit, ...]:
        """Look candidates up: exactly, then parcel numbers by their end or as a part, then guesses."""
        named = [x for x in candidates if not x.is_guess]
        for candidate in sorted(named, key=lambda candidate: not candidate.is_exact):
            if hits := self._exact(candidate):
                return self._all(x for x in named if x.is_joint) if candidate.is_joint else hits
        for candidate in named:
            wanted = canonical_code(candidate.code)
            if (
                not candidate.is_joint
                and not candidate.rivals
                and may_be_near(wanted, candidate.kind)
                and (hits := self._near(wanted))
            ):
                return hits
        return self._all(x for x in candidates if x.is_guess)

    def _all(self, candidates: Iterable[Candidate]) -> tuple[Hit, ...]:
        hits = [hit for x in candidates for hit in self._exact(x)]
        return tuple({hit.return_id: hit for hit in hits[::-1]}.values())

    async def siblings(self, ret: Return) -> tuple[Hit, ...]:
        """Other known returns of the same order."""
        same = (
            x.newest.ret.return_id
            for x in self.kept.values()
            if x.newest.ret.return_id != ret.return_id and _same_order(x.newest.ret, ret)
        )
        candidate = Candidate(ret.order_name, CandidateKind.ORDER_NAME, "same_order")
        return self._hits([(return_id, candidate) for return_id in same])

    async def search(self, text: str, most: int = 50) -> tuple[Stored, ...]:
        """Find returns that have every word, those with that very code first, then the newest."""
        words, code = question_words(text), canonical_code(text)
        exact = {return_id for known, _, return_id in self.codes if known in (code, code.lstrip("#"))}
        found = [
            x
            for x in self.kept.values()
            if words and (self._has_all(x, words) or x.newest.ret.return_id in exact)
        ]
        found.sort(
            key=lambda x: (x.newest.ret.return_id in exact, x.newest.ret.updated_at or _NEVER), reverse=True
        )
        return tuple(self._stored(x) for x in found[:most])

    async def latest(self, most: int = 50) -> tuple[Stored, ...]:
        """Return the returns that changed last at Loop, newest first."""
        newest = sorted(self.kept.values(), key=lambda x: x.newest.ret.updated_at or _NEVER, reverse=True)
        return tuple(self._stored(x) for x in newest[:most])

    async def add_codes(self, codes: Sequence[tuple[str, str, str]]) -> None:
        """Index further codes."""
        self.codes |= {
            (canonical_code(code), CandidateKind(kind), return_id)
            for code, kind, return_id in codes
            if canonical_code(code)
        }

    async def return_of_line(self, line_item_id: str) -> str | None:
        """Return the id of the return that has this line."""
        owners = (x.newest.ret for x in self.kept.values() if x.newest.ret.line(line_item_id))
        return next((ret.return_id for ret in owners), None)

    async def count(self) -> int:
        """How many returns are known."""
        return len(self.kept)

    async def indexed(self) -> Indexed:
        """How far an older file's words are: there is no file."""
        return self.index

    async def index_some(self) -> bool:
        """Index a piece; the next one is the last."""
        was, self.index = self.index, Indexed(self.index.total, self.index.total)
        return not was.is_complete

    async def mark(self, name: str, value: str) -> None:
        """Keep a watermark."""
        self.marks[name] = value

    async def mark_all(self, marks: Mapping[str, str]) -> None:
        """Keep several."""
        self.marks |= marks

    async def marked(self, name: str) -> str:
        """Return a watermark, "" when there is none."""
        return self.marks.get(name, "")

    def _exact(self, candidate: Candidate) -> tuple[Hit, ...]:
        wanted, kinds = canonical_code(candidate.code), kinds_answering(candidate.kind)
        if any(code in candidate.rivals for code, _, _ in self.codes):
            return ()
        found = [x for x in self.codes if x[0] == wanted and x[1] in kinds]
        found.sort(key=lambda x: (x[1] is not candidate.kind, x[1].value))
        return self._hits([(x[2], replace(candidate, code=x[0], kind=x[1])) for x in found])

    def _near(self, wanted: str) -> tuple[Hit, ...]:
        inside = self._longest(parts_of(wanted))
        if len(inside) == 1:
            before = self._longest(beginnings_of(wanted, len(wanted) - len(inside[0].candidate.code)))
            return inside + tuple(hit for hit in before if hit.return_id != inside[0].return_id)
        ends = [x for x in self._numbers() if x[0].endswith(wanted)]
        hits = self._hits([(x[2], Candidate(x[0], x[1], "end_of_number")) for x in ends])
        return hits if len(hits) == 1 else ()

    def _longest(self, parts: Sequence[str]) -> tuple[Hit, ...]:
        numbers = self._numbers()
        longest = next((part for part in parts if any(code == part for code, _, _ in numbers)), None)
        found = [x for x in numbers if x[0] == longest]
        return self._hits([(x[2], Candidate(x[0], x[1], "inside_number")) for x in found])

    def _numbers(self) -> list[tuple[str, CandidateKind, str]]:
        return [code for code in self.codes if code[1] in NEAR_KINDS and may_be_near(code[0], code[1])]

    def _hits(self, found: Sequence[tuple[str, Candidate]]) -> tuple[Hit, ...]:
        known = {return_id: candidate for return_id, candidate in reversed(found) if return_id in self.kept}
        hits = []
        for return_id, candidate in known.items():
            ret = self.kept[return_id].newest.ret
            hits.append((ret.updated_at or _NEVER, Hit(return_id, ret.order_name, ret.state, candidate)))
        return tuple(hit for _, hit in sorted(hits, key=lambda x: (x[0], x[1].return_id), reverse=True))

    def _stored(self, known: _Kept) -> Stored:
        ret = known.newest.ret
        if not known.newest.is_details and known.details is not None:
            ret = enriched(ret, known.details)
        current = known.details is not None and known.details.updated_at == ret.updated_at
        return Stored(ret, known.fetched_at, has_details=known.newest.is_details or current, shop=known.shop)

    def _has_all(self, known: _Kept, words: Sequence[str]) -> bool:
        text = folded(words_of(self._stored(known).ret))
        return all(word in text for word in words)


def _same_order(one: Return, other: Return) -> bool:
    if one.provider_order_id and one.provider_order_id == other.provider_order_id:
        return True
    return bool(one.order_name) and one.order_name == other.order_name

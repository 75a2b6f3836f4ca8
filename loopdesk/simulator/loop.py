"""The imitated Loop: its truth, its clock, and what happens there by itself."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from loopdesk.simulator.answers import Call
from loopdesk.simulator.faults import FaultBoard
from loopdesk.simulator.happenings import happen
from loopdesk.simulator.journal import Seen
from loopdesk.simulator.settings import Settings
from loopdesk.simulator.shop.crowd import ManyReturns
from loopdesk.simulator.shop.return_index import Shelf
from loopdesk.simulator.shop.truth import Category, Destination, Job, Key, Note, Return, Shipment

PRACTICE_KEY = Key("practice", "practice-key")
"""The key of practice mode; it opens nothing but the imitation."""

_KEEP_PAST = timedelta(minutes=10)

GRADES = ("grade_a", "grade_b", "grade_c", "grade_d", "incorrect_item", "missing", "junk")
"""The condition categories that a string may name before 2026-10."""

BUILT_IN_SUBJECT = "Item condition grade"


def _built_in() -> dict[tuple[str, str], Category]:
    titles = (grade.replace("_", " ").capitalize() for grade in GRADES[4:])
    names = (*(f"Grade {letter}" for letter in "ABCD"), *titles)
    return {
        (BUILT_IN_SUBJECT, title): Category(BUILT_IN_SUBJECT, title, grade)
        for title, grade in zip(names, GRADES, strict=True)
    }


class Loop:
    """One shop at the imitated Loop.

    Nothing runs in the background: what is due by the clock happens before every request and inspection.
    All methods may be called from any thread.

    Args:
        seed: Makes the little that is random the same again.
        clock: Gives the present moment, aware.
        returns: What the shop starts with.
        keys: The API keys; the practice key when not given.
        settings: The switches; well-behaved when not given.

    Attributes:
        settings: The switches, to be turned at any time.
        faults: The faults that are switched on.
        log: Every request in order of arrival.
        crashes: What broke inside the imitation itself; a test should find it empty.
        categories: Condition categories by subject and title; grading may create more.
        destinations: The shop's places.
        shipments: Consolidated Happy Returns shipments.
        lock: Held while the truth is read or changed.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        seed: int = 1,
        returns: Iterable[Return] = (),
        keys: Iterable[Key] = (PRACTICE_KEY,),
        settings: Settings | None = None,
    ) -> None:
        self.lock = threading.RLock()
        self.settings = settings if settings is not None else Settings()
        self.faults = FaultBoard()
        self.log: list[Seen] = []
        self.crashes: list[Exception] = []
        self.keys = list(keys)
        self.shelf = Shelf()
        self.categories = _built_in()
        self.destinations: list[Destination] = []
        self.shipments: list[Shipment] = []
        self.chance = random.Random(seed)  # noqa: S311 - an imitation, not secrets
        self._clock = clock
        self._ahead = timedelta()
        self._moving: set[str] = set()
        self._last_number = 0
        self._last_serial = 0
        self._last_note_id = 500_000
        self._requests: dict[str, deque[datetime]] = {}
        for ret in returns:
            self.add(ret)

    # What tests and practice do with it

    def now(self) -> datetime:
        """The present moment of the imitation."""
        return self._clock() + self._ahead

    def server_time(self) -> datetime:
        """What the `Date` header says."""
        return (self.now() + timedelta(seconds=self.settings.date_offset_seconds)).astimezone(UTC)

    def advance(self, seconds: float) -> None:
        """Let time pass here only; what falls due happens."""
        with self.lock:
            self._ahead += timedelta(seconds=seconds)
            self.catch_up()

    def add(self, ret: Return) -> None:
        """Bring a return into the shop."""
        with self.lock:
            self.shelf.add(ret)
            self.watch(ret)
            self._last_note_id = max([self._last_note_id, *(note.note_id for note in ret.notes)])

    def stock(self, crowd: ManyReturns) -> None:
        """Bring a great many returns into the shop."""
        with self.lock:
            self.shelf.stock(crowd)

    def get(self, return_id: str) -> Return:
        """The return as it is now; changing it changes the truth.

        Raises:
            KeyError: There is no such return.
        """
        with self.lock:
            self.catch_up()
            found = self.shelf.get(return_id)
            if found is None:
                raise KeyError(return_id)
            return found

    def requests(self, method: str = "", path: str = "", since: int = 0) -> list[Seen]:
        """The logged requests after number `since` with that method and with `path` in their path."""
        with self.lock:
            return [
                seen
                for seen in self.log
                if seen.n > since and method in ("", seen.method) and path in seen.path
            ]

    def forget_requests(self) -> None:
        """Empty the log; numbers go on."""
        with self.lock:
            self.log.clear()

    # What the rules need

    def catch_up(self) -> None:
        """Let everything happen that is due by the clock."""
        with self.lock:
            now = self.now()
            for return_id in sorted(self._moving):
                ret = self.shelf.get(return_id)
                if ret is not None:
                    happen(self, ret, now)
                if ret is None or not (ret.jobs or any(label.plan for label in ret.labels)):
                    self._moving.discard(return_id)

    def watch(self, ret: Return) -> None:
        """Look after a return to which something will happen by itself."""
        if ret.jobs or any(label.plan for label in ret.labels):
            self._moving.add(ret.return_id)

    def queue(self, ret: Return, kind: str, call: Call, line_item_ids: tuple[str, ...] = ()) -> None:
        """Accept processing: `kind` is `process` or `remove`."""
        usual = self.settings.processing_ending if kind == "process" else self.settings.removal_ending
        seconds = (
            self.settings.processing_seconds if call.processing_seconds is None else call.processing_seconds
        )
        due = self.now() + timedelta(seconds=seconds)
        ret.jobs.append(Job(due, kind, call.ending or usual, line_item_ids))
        self.watch(ret)
        self.catch_up()

    def remember(self, ret: Return, at: datetime) -> None:
        """Keep what the return looked like until `at`, for stale reads; call it before every change."""
        ret.past = [(until, old) for until, old in ret.past if until > at - _KEEP_PAST]
        ret.past.append((at, ret.copy()))

    def as_of(self, ret: Return, stale_seconds: float) -> Return:
        """The return as it was that many seconds ago."""
        if stale_seconds <= 0:
            return ret
        then = self.now() - timedelta(seconds=stale_seconds)
        return next((old for until, old in ret.past if until > then), ret)

    def write_note(self, ret: Return, content: str, by: str = "api") -> Note:
        """Add a note to the timeline."""
        now = self.now()
        self.remember(ret, now)
        self._last_note_id += 1
        note = Note(self._last_note_id, content, now, by)
        ret.notes.append(note)
        return note

    def next_serial(self) -> int:
        """A number that was not given out before."""
        self._last_serial += 1
        return self._last_serial

    def key_for(self, value: str | None) -> Key | None:
        """The key with that value, or nothing."""
        return next((key for key in self.keys if value is not None and key.value == value), None)

    def record(self, method: str, path: str, query: str, body: Any, key: str | None) -> Seen:
        """Log a request that arrived."""
        with self.lock:
            self._last_number += 1
            seen = Seen(self._last_number, method, path, query, body, self.now(), key)
            self.log.append(seen)
            return seen

    def spend(self, key: Key) -> tuple[int, float]:
        """Count one request of a key.

        Returns:
            What is left in this minute (negative: over the limit) and the seconds until there is more.
        """
        limit = self.settings.rate_limit
        if limit is None:
            return 1, 0.0
        with self.lock:
            now = self.now()
            recent = self._requests.setdefault(key.name, deque())
            while recent and recent[0] <= now - timedelta(minutes=1):
                recent.popleft()
            if len(recent) >= limit:
                return -1, (recent[0] + timedelta(minutes=1) - now).total_seconds()
            recent.append(now)
            return limit - len(recent), 0.0

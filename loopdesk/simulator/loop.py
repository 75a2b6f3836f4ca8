"""The simulated Loop: its truth, its clock, what happens there without a request, and the request log."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from loopdesk.simulator.answers import RoutedCall
from loopdesk.simulator.crowd import ManyReturns, ReturnIndex
from loopdesk.simulator.faults import FaultBoard
from loopdesk.simulator.happenings import happen
from loopdesk.simulator.settings import Settings
from loopdesk.simulator.truth import (
    Category,
    Destination,
    Job,
    Note,
    Return,
    Shipment,
    ShopKey,
    Subscription,
)


@dataclass(slots=True)
class LoggedRequest:
    """One request: what arrived, whether it had an effect, and the response.

    Attributes:
        n: Its number, from 1, in order of arrival.
        method: The HTTP method.
        path: The path, decoded, without the query.
        query: The query string as received.
        body: The decoded JSON, the text if it was not JSON, or None.
        at: When it arrived, by the simulator's clock.
        key: The name of the key, never its value; `unknown` for an unknown key; None without a key.
        effect: Whether it changed the truth or queued processing.
        status: The HTTP status that was sent, None if none was.
        answered: Whether the whole response was handed to the network.
        fault: The kinds of the faults that struck, joined by `+`; None for none.
    """

    n: int
    method: str
    path: str
    query: str
    body: Any
    at: datetime
    key: str | None
    effect: bool = False
    status: int | None = None
    answered: bool = False
    fault: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return every field, ready for JSON."""
        return {**asdict(self), "at": self.at.isoformat()}


PRACTICE_KEY = ShopKey("practice", "practice-key")
"""The key of practice mode; it is accepted by the simulator only."""

_KEEP_PAST = timedelta(minutes=10)
_MOST_CHANGES = 20_000

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
    """One shop at the simulated Loop.

    Nothing runs in the background: whatever is due by the clock is applied before every request and
    inspection. All methods are thread-safe.

    Args:
        seed: Makes the little that is random reproducible.
        clock: Returns the current time, timezone-aware.
        returns: The shop's initial returns.
        keys: The API keys; the practice key by default.
        settings: The switches; well-behaved by default.

    Attributes:
        settings: The switches; may be changed at any time.
        faults: The active faults.
        log: Every request in order of arrival.
        crashes: Exceptions inside the simulator itself; tests assert that it is empty.
        categories: Condition categories by subject and title; grading may create more.
        destinations: The shop's warehouses.
        shipments: Consolidated Happy Returns shipments.
        subscriptions: The webhooks that the shop has set up.
        changes: What is to be told to them: the id of a return and the return before a change, None if it is
            new.
        processed_shipments: What is to be told to them besides.
        lock: Held while the truth is read or changed.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], datetime],
        seed: int = 1,
        returns: Iterable[Return] = (),
        keys: Iterable[ShopKey] = (PRACTICE_KEY,),
        settings: Settings | None = None,
    ) -> None:
        self.lock = threading.RLock()
        self.settings = settings if settings is not None else Settings()
        self.faults = FaultBoard()
        self.log: list[LoggedRequest] = []
        self.crashes: list[Exception] = []
        self.keys = list(keys)
        self.index = ReturnIndex()
        self.categories = _built_in()
        self.destinations: list[Destination] = []
        self.shipments: list[Shipment] = []
        self.subscriptions: list[Subscription] = []
        self.processed_shipments: list[Shipment] = []
        self.changes: deque[tuple[str, Return | None]] = deque(maxlen=_MOST_CHANGES)
        self.chance = random.Random(seed)  # noqa: S311 - a simulator, not secrets
        self._clock = clock
        self._ahead = timedelta()
        self._moving: set[str] = set()
        self._last_number = 0
        self._last_serial = 0
        self._last_note_id = 500_000
        self._requests: dict[str, deque[datetime]] = {}
        for ret in returns:
            self.add(ret)

    # For tests and practice mode

    def now(self) -> datetime:
        """The simulator's current time."""
        return self._clock() + self._ahead

    def server_time(self) -> datetime:
        """The time in the `Date` header."""
        return (self.now() + timedelta(seconds=self.settings.date_offset_seconds)).astimezone(UTC)

    def advance(self, seconds: float) -> None:
        """Advance the simulator's clock only, and apply what falls due."""
        with self.lock:
            self._ahead += timedelta(seconds=seconds)
            self.catch_up()

    def add(self, ret: Return) -> None:
        """Add a return to the shop."""
        with self.lock:
            self.index.add(ret)
            self.watch(ret)
            if self.subscriptions:
                self.changes.append((ret.return_id, None))
            self._last_note_id = max([self._last_note_id, *(note.note_id for note in ret.notes)])

    def stock(self, crowd: ManyReturns) -> None:
        """Add a large number of lazily made returns to the shop."""
        with self.lock:
            self.index.stock(crowd)

    def get(self, return_id: str) -> Return:
        """Return a return as it is now; changing the object changes the truth.

        Raises:
            KeyError: The return does not exist.
        """
        with self.lock:
            self.catch_up()
            found = self.index.get(return_id)
            if found is None:
                raise KeyError(return_id)
            return found

    def requests(self, method: str = "", path: str = "", since: int = 0) -> list[LoggedRequest]:
        """The logged requests after number `since` with that method and with `path` in their path."""
        with self.lock:
            return [
                seen
                for seen in self.log
                if seen.n > since and method in ("", seen.method) and path in seen.path
            ]

    def forget_requests(self) -> None:
        """Clear the log; numbering continues."""
        with self.lock:
            self.log.clear()

    # For the rules

    def catch_up(self) -> None:
        """Apply everything that is due by the clock."""
        with self.lock:
            now = self.now()
            for return_id in sorted(self._moving):
                ret = self.index.get(return_id)
                if ret is not None:
                    happen(self, ret, now)
                if ret is None or not (ret.jobs or any(label.plan for label in ret.labels)):
                    self._moving.discard(return_id)

    def watch(self, ret: Return) -> None:
        """Track a return that has scheduled changes."""
        if ret.jobs or any(label.plan for label in ret.labels):
            self._moving.add(ret.return_id)

    def queue(self, ret: Return, kind: str, call: RoutedCall, line_item_ids: tuple[str, ...] = ()) -> None:
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
        """Keep the return as it was until `at`, for stale reads. Call it before every change."""
        ret.past = [(until, old) for until, old in ret.past if until > at - _KEEP_PAST]
        before = ret.copy()
        ret.past.append((at, before))
        if self.subscriptions:
            self.changes.append((ret.return_id, before))

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

    def subscribe(self, topic: str, trigger: str, url: str, status: str = "active") -> Subscription:
        """Set a webhook up, with a secret of its own."""
        with self.lock:
            secret = f"{self.chance.getrandbits(160):040x}"
            made = Subscription(70_000 + self.next_serial(), topic, trigger, url, status, secret)
            self.subscriptions.append(made)
            return made

    def next_serial(self) -> int:
        """Return a number that was not used before."""
        self._last_serial += 1
        return self._last_serial

    def key_for(self, value: str | None) -> ShopKey | None:
        """The key with that value, or None."""
        return next((key for key in self.keys if value is not None and key.value == value), None)

    def record(self, method: str, path: str, query: str, body: Any, key: str | None) -> LoggedRequest:
        """Log an incoming request."""
        with self.lock:
            self._last_number += 1
            seen = LoggedRequest(self._last_number, method, path, query, body, self.now(), key)
            self.log.append(seen)
            return seen

    def spend(self, key: ShopKey) -> tuple[int, float]:
        """Count one request against a key's rate limit.

        Returns:
            The requests left in this minute (negative: over the limit) and the seconds until the limit
                resets.
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

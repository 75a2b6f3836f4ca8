"""The entries in doubt: since when, and when each is read back next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.retry import after_closing, next_poll
from loopdesk.domain.outbox.stages import Entry, Stage
from loopdesk.services.ports.station import Clock, Limits

TICK_SECONDS = 0.001
"""Added to the elapsed time: a read due at 2 s may run at 1.9999 s, and must not be due again immediately."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """One entry in doubt.

    Attributes:
        key: Stage and tries: a different doubt of the same entry starts over.
        began: Monotonic seconds when it was first seen.
        since: Wall clock of the entry's last move; only limits the window of the list.
        due: Monotonic seconds of the next read.
        is_closed: Loop closed the return but shows no payment yet.
    """

    entry_id: str
    return_id: str
    kind: Kind
    key: tuple[Stage, int]
    began: float
    since: datetime
    due: float
    is_closed: bool = False

    @property
    def stage(self) -> Stage:
        """The stage that is in doubt."""
        return self.key[0]


class DoubtSchedule:
    """All doubts of this process, in memory only: after a restart each starts over."""

    def __init__(self, clock: Clock, limits: Callable[[], Limits]) -> None:
        self._clock = clock
        self._limits = limits
        self._kept: dict[str, Doubt] = {}

    def __bool__(self) -> bool:
        """Whether anything is in doubt."""
        return bool(self._kept)

    @property
    def returns(self) -> set[str]:
        """The returns in doubt."""
        return {watch.return_id for watch in self._kept.values()}

    @property
    def seconds_to_next(self) -> float | None:
        """When the next read is due, in seconds from now; None when nothing is in doubt."""
        if not self._kept:
            return None
        return max(0.0, min(watch.due for watch in self._kept.values()) - self._clock.monotonic())

    def of(self, return_id: str) -> list[Doubt]:
        """Return the doubts about a return."""
        return [watch for watch in self._kept.values() if watch.return_id == return_id]

    def take_in(self, return_id: str, doubts: Sequence[Entry]) -> None:
        """Watch exactly these doubts of a return; those already watched continue unchanged."""
        wanted = {entry.entry_id for entry in doubts}
        for watch in self.of(return_id):
            if watch.entry_id not in wanted:
                del self._kept[watch.entry_id]
        now = self._clock.monotonic()
        due = now + next_poll(self._limits().polls, 0.0)
        for entry in doubts:
            known = self._kept.get(entry.entry_id)
            if known is None or known.key != _key(entry):
                since = entry.moved_at or self._clock.now()
                self._kept[entry.entry_id] = Doubt(
                    entry.entry_id, return_id, entry.kind, _key(entry), now, since, due
                )

    def due(self) -> list[str]:
        """Return the returns to read now, the one longest in doubt first."""
        now = self._clock.monotonic()
        due = sorted((x for x in self._kept.values() if x.due <= now), key=lambda x: x.began)
        return list(dict.fromkeys(watch.return_id for watch in due))

    def wake(self) -> None:
        """Make every read due now."""
        now = self._clock.monotonic()
        self._kept = {name: replace(watch, due=now) for name, watch in self._kept.items()}

    def put_off(self, return_id: str) -> None:
        """Schedule the next read of what is still in doubt about a return."""
        now, limits = self._clock.monotonic(), self._limits()
        for watch in self.of(return_id):
            due = watch.began + next_poll(limits.polls, now - watch.began + TICK_SECONDS)
            if watch.is_closed:
                due = after_closing(due, now, watch.began, limits.witness)
            self._kept[watch.entry_id] = replace(watch, due=due)

    def close(self, entry_id: str, *, at_once: bool) -> bool:
        """Record that Loop closed the return but shows no payment yet.

        Args:
            at_once: Make it due now, if that was not known before.

        Returns:
            Whether it is due now.
        """
        watch = self._kept.get(entry_id)
        if watch is None or watch.is_closed:
            return False
        due = self._clock.monotonic() if at_once else watch.due
        self._kept[entry_id] = replace(watch, is_closed=True, due=due)
        return at_once

    def end(self, entry_id: str) -> None:
        """End a settled doubt."""
        self._kept.pop(entry_id, None)

    def oldest_seconds(self, return_id: str) -> float:
        """Return for how long anything about a return has been in doubt; 0.0 if nothing is."""
        began = min((watch.began for watch in self.of(return_id)), default=None)
        return 0.0 if began is None else self._clock.monotonic() - began

    def shortest_limit(self, return_id: str) -> float:
        """Return the shortest limit among the kinds in doubt about a return, in seconds."""
        limits = self._limits()
        return min((limits.seconds(watch.kind) for watch in self.of(return_id)), default=0.0)

    def seconds_in_doubt(self, entry: Entry, at: float) -> float:
        """Return how long an entry had been in doubt at a given time; 0 if it is not watched yet."""
        watch = self._kept.get(entry.entry_id)
        if watch is None or watch.key != _key(entry):
            return 0.0
        return max(0.0, at - watch.began)


def _key(entry: Entry) -> tuple[Stage, int]:
    return entry.stage, entry.tries

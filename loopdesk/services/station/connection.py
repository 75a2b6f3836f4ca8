"""The connection to Loop: whether requests may be sent, its clock, and what the status strip shows."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Coroutine
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from random import random as system_random
from typing import Any, Final

from loopdesk.domain.errors import AnswerLost, ApiError, ClockWrong, KeyRefused, Throttled, Unreachable
from loopdesk.domain.outbox.retry import Breaker, probe_backoff
from loopdesk.domain.sync import SKEW_WARNED_SECONDS
from loopdesk.services.ports.loop import ReadingGateway
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.events import ConnectionChanged, Feed
from loopdesk.services.station.tasks import Tasks, Wakeup

log = logging.getLogger("loopdesk.api")


class ClockWatch:
    """Passes Loop's time to the clock, and tells when the difference becomes large enough to warn of, or no
    longer is.

    Args:
        learn: Passes Loop's time to the clock.
    """

    def __init__(self, clock: Clock, learn: Callable[[datetime], None], feed: Feed) -> None:
        self._clock = clock
        self._learn = learn
        self._feed = feed

    def on_server_date(self, server_now: datetime) -> None:
        """Handle the time of one answer."""
        before = is_wrong(self._clock)
        self._learn(server_now)
        if is_wrong(self._clock) != before:
            log.info("clock_skew seconds=%.0f", self._clock.skew_seconds or 0.0)
            self._feed.tell(ConnectionChanged())


def is_wrong(clock: Clock) -> bool:
    """Whether this machine's clock is known to be wrong by enough to warn a person."""
    return abs(clock.skew_seconds or 0.0) >= SKEW_WARNED_SECONDS


EARLIEST_YEAR: Final = 2024
"""A machine that shows an earlier year lost its time: this program is newer."""


class LoopTime:
    """Knows Loop's time from the ``Date`` of its answers, and asks once if there was no answer yet."""

    def __init__(self, gateway: ReadingGateway, clock: Clock) -> None:
        self._gateway = gateway
        self._clock = clock

    async def now(self) -> datetime:
        """Return Loop's time, aware UTC; this machine's if Loop's answers do not tell it.

        Raises:
            ApiError: Loop could not be asked.
            ClockWrong: Loop's answers do not tell the time, and this machine's is impossible.
        """
        if self._clock.skew_seconds is None:
            await self._gateway.probe()
        now = self._clock.now()
        if self._clock.skew_seconds is None and now.year < EARLIEST_YEAR:
            raise ClockWrong(why="shows", day=f"{now:%Y-%m-%d}")
        return now


BANNER_SECONDS = 5.0
"""The strip changes no faster than this, however much the connection flaps."""

KEY_PROBE_SECONDS = 60.0
"""How often a refused key is retried automatically: IT may have restored it at Loop."""

SPEED_OF = 20
"""Loop's response time is the median of this many latest answers."""


class LinkState(StrEnum):
    """The states of the connection on the strip."""

    ONLINE = "online"
    OFFLINE = "offline"
    LOGIN_PAGE = "login_page"  # the network wants a person to log in
    KEY_REFUSED = "key_refused"
    LOCKED = "locked"  # the queue was filled with another key


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """The connection as the strip shows it.

    Attributes:
        since: Wall clock of the last change; None before the first.
        answer_seconds: Loop's response time: the median of its latest answers, None before the first.
        foreign_keys: Fingerprints of other keys with which entries were made that are still to be sent, or to
            be sent once more.
        has_answered: Loop has answered anything since startup; until then ``link`` is an assumption.
        trouble: Why not, where a hub is in between: the code of the failure, or the ``why`` of a refused
            token; "" for nothing more exact than ``link``.
    """

    link: LinkState
    since: datetime | None = None
    answer_seconds: float | None = None
    foreign_keys: frozenset[str] = frozenset()
    has_answered: bool = True
    trouble: str = ""


class Connection:
    """Learns from every exchange, holds requests back while they are pointless, and probes.

    An operator's lookup is never held back; only the sender and the confirmer check ``may_ask``.

    Args:
        random: Returns numbers in [0, 1) for the jitter.
    """

    def __init__(
        self, *, clock: Clock, tasks: Tasks, feed: Feed, random: Callable[[], float] = system_random
    ) -> None:
        self._clock = clock
        self._feed = feed
        self._random = random
        self._wakeup = Wakeup(clock, tasks, "connection")
        self._breaker = Breaker()
        self._is_down = False
        self._is_doubtful = False
        self._has_answered = False
        self._has_login_page = False
        self._key_refused = False
        self._trouble = ""
        self._foreign_keys: frozenset[str] = frozenset()
        self._paused_until = float("-inf")
        self._probe_at: float | None = None
        self._probes = 0
        self._speeds: deque[float] = deque(maxlen=SPEED_OF)
        self._shown = LinkState.ONLINE
        self._shown_at = float("-inf")
        self._since: datetime | None = None
        self._listeners: list[Callable[[], None]] = []
        self._stopping = False

    # --- for callers ------------------------------------------------------------------------------

    @property
    def state(self) -> ConnectionState:
        """The state for the status strip; changes at most every 5 s."""
        speed = _median(self._speeds) if self._speeds else None
        return ConnectionState(
            self._shown, self._since, speed, self._foreign_keys, self._has_answered, self._trouble
        )

    @property
    def link(self) -> LinkState:
        """The current state of the connection, without the strip's delay."""
        if self._has_login_page:
            return LinkState.LOGIN_PAGE
        if self._is_down or self._breaker.is_open:
            return LinkState.OFFLINE
        if self._key_refused:
            return LinkState.KEY_REFUSED
        return LinkState.LOCKED if self._foreign_keys else LinkState.ONLINE

    @property
    def is_online(self) -> bool:
        """Whether it makes sense to ask Loop now for what the store does not know."""
        return self.link in (LinkState.ONLINE, LinkState.LOCKED)

    @property
    def offline_since(self) -> datetime | None:
        """When the network went down; None while it is up, whatever Loop says about the key."""
        return self._since if self.link in (LinkState.OFFLINE, LinkState.LOGIN_PAGE) else None

    @property
    def may_ask(self) -> bool:
        """Whether the queue may send and read back now."""
        return not self._breaker.is_open and not self._key_refused and self.pause_seconds <= 0

    @property
    def pause_seconds(self) -> float:
        """How long to keep backing off after a 429 or 503; 0 if there is no need."""
        return max(0.0, self._paused_until - self._clock.monotonic())

    def on_better(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` whenever the connection is up again, the key is good again, or the queue
        unlocked.
        """
        self._listeners.append(listener)

    # --- notifications ----------------------------------------------------------------------------

    def on_exchange(self, failure: ApiError | None, seconds: float = 0.0) -> None:
        """Learn from one exchange; the transport calls this after each.

        Args:
            failure: How it failed; None for a good answer.
            seconds: How long the answer took.
        """
        match failure:
            case Unreachable():
                self._is_down = True
                self._trouble = failure.code if failure.code.startswith("hub_") else ""
                self._count_failure()
            case AnswerLost(why="login_page"):
                self._has_login_page = True
                self._breaker = self._breaker.opened(self._clock.monotonic())
            case AnswerLost(http_status=status):
                if status is None:
                    self._is_doubtful = True  # one lost answer proves nothing: a probe will tell
                if status is None or status >= 500 or failure.why == "foreign":
                    self._count_failure()
            case _:
                self._answered(seconds)
        match failure:
            case KeyRefused(why=why):
                self._trouble = why
                self.refuse_key()
            case Throttled(retry_after_seconds=wait) | AnswerLost(retry_after_seconds=wait) if wait > 0:
                self.pause(wait)
        self._look()

    def refuse_key(self) -> None:
        """Handle a refused key: the whole queue waits, nothing fails."""
        if not self._key_refused:
            log.warning("key_refused")
        self._key_refused = True
        self._look()

    def resume(self) -> None:
        """Handle a new key, or the old one working again: the queue continues."""
        was_refused, self._key_refused = self._key_refused, False
        self._look()
        if was_refused:
            log.info("key_resumed")
            self._tell_better()

    def pause(self, seconds: float) -> None:
        """Back off for that long, as Loop's 429 or 503 asked."""
        self._paused_until = max(self._paused_until, self._clock.monotonic() + seconds)

    def lock(self, foreign_keys: frozenset[str]) -> None:
        """Set the other keys with which the queue's entries were made; none unlocks it."""
        fewer = bool(self._foreign_keys - foreign_keys)
        changed = foreign_keys != self._foreign_keys
        self._foreign_keys = foreign_keys
        self._look()
        if changed and self._shown is LinkState.LOCKED:
            self._feed.tell(ConnectionChanged())
        if fewer:
            self._tell_better()

    # --- probing ----------------------------------------------------------------------------------

    def run(self, probe: Callable[[], Awaitable[None]]) -> Coroutine[Any, Any, None]:
        """Probe while the connection is down or the key refused, and delay the strip, until stopped.

        A stop counts from this call on.

        Args:
            probe: Sends the cheapest request there is; never an action.
        """
        self._stopping = False
        return self._run(probe)

    async def _run(self, probe: Callable[[], Awaitable[None]]) -> None:
        while not self._stopping:
            self._show()
            if self._probe_at is not None and self._clock.monotonic() >= self._probe_at:
                await self._probe(probe)
                continue
            await self._wakeup.wait(self._seconds_to_next())

    def stop(self) -> None:
        """End ``run`` at its next iteration."""
        self._stopping = True
        self._wakeup.wake()

    async def _probe(self, probe: Callable[[], Awaitable[None]]) -> None:
        self._probe_at = None
        try:
            await probe()
        except KeyRefused as failure:
            self.on_exchange(failure)
        except ApiError as failure:
            if isinstance(failure, Unreachable | AnswerLost):
                self._is_down = self._is_down or self._is_doubtful
                self._probes += 1
                self._breaker = self._breaker.after_probe()
            log.info("probe code=%s failed=%s", failure.code, self._probes)
        else:
            self.on_exchange(None)
            self.resume()
        self._look()

    def _count_failure(self) -> None:
        was_open = self._breaker.is_open
        self._breaker = self._breaker.after_failure(self._clock.monotonic())
        if self._breaker.is_open and not was_open:
            log.warning("breaker_opened")

    def _answered(self, seconds: float) -> None:
        """Loop answered, whatever it said: the connection is up."""
        if seconds > 0:
            self._speeds.append(seconds)
        if not self._has_answered:
            self._has_answered = True
            self._feed.tell(ConnectionChanged())
        was_down = self._is_down or self._has_login_page or self._breaker.is_open
        self._is_down = self._is_doubtful = self._has_login_page = False
        self._breaker = self._breaker.after_success()
        if was_down:
            self._probes = 0
            log.info("line_up")
            self._tell_better()

    def _look(self) -> None:
        """Schedule the next probe, show what changed, and wake the loop."""
        is_dead = self._is_down or self._has_login_page or self._breaker.is_open
        if not is_dead and not self._is_doubtful and not self._key_refused:
            self._probe_at = None
            self._probes = 0
        elif self._probe_at is None:
            must_know = is_dead or self._is_doubtful
            wait = probe_backoff(self._probes, self._random) if must_know else KEY_PROBE_SECONDS
            self._probe_at = self._clock.monotonic() + max(wait, 0.1)
        self._show()
        self._wakeup.wake()

    def _show(self) -> None:
        """Update the strip, at most every 5 s."""
        now = self._clock.monotonic()
        if self.link is self._shown or now - self._shown_at < BANNER_SECONDS:
            return
        self._shown, self._shown_at, self._since = self.link, now, self._clock.now()
        log.info("link is=%s", self._shown.value)
        self._feed.tell(ConnectionChanged())

    def _seconds_to_next(self) -> float | None:
        now = self._clock.monotonic()
        times = [] if self._probe_at is None else [self._probe_at - now]
        if self.link is not self._shown:
            times.append(self._shown_at + BANNER_SECONDS - now)
        return max(0.0, min(times)) if times else None

    def _tell_better(self) -> None:
        for listener in tuple(self._listeners):
            listener()


def _median(values: Collection[float]) -> float:
    # Imported late: fractions come with it, and before Loop's first answer nothing is measured.
    from statistics import median  # noqa: PLC0415 - as said

    return median(values)

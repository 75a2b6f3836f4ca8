"""The health of this station in a lead's words; checks and figures for IT are folded away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from loopdesk.domain.checks import Check, Status
from loopdesk.domain.errors import PhotoNotStored
from loopdesk.domain.scanner.rhythm import GunPace
from loopdesk.domain.scanner.serial_ports import GunState
from loopdesk.domain.sync import NOT_HEARD, HubContact
from loopdesk.i18n.catalogue import N_, _, ngettext
from loopdesk.presenters.bench import scanner
from loopdesk.presenters.pages.live_checks import live_checks, photo_check
from loopdesk.presenters.pages.page import ConnectionStatus, PagePresenter, PageServices
from loopdesk.presenters.screens.pages import CheckRow, HealthRow, HealthScreen
from loopdesk.presenters.words import check_words, health_words, words
from loopdesk.services.ports.photos import PhotoCounts
from loopdesk.services.ports.store import Counts, ReadingOutbox, ReturnCache
from loopdesk.services.station.events import (
    ConnectionChanged,
    GunChanged,
    HubContactChanged,
    OutboxChanged,
    PhotoStored,
    SyncProgress,
)
from loopdesk.services.sync.budget import Spent


@dataclass(frozen=True, slots=True)
class Gauges:
    """Figures from the adapters; None if unknown.

    Attributes:
        synced_at: When the store last was complete.
        loop_seconds: Loop's recent response time.
        spent: The requests of the last minute and the rest of the budget.
        store_bytes: Size of the database including its log.
        free_bytes: Free space on its disk.
        gun_pace: What was learned about the scanner's speed.
        guns: The state of each scanner at a serial port, by its name.
        photos: How the photos of kept grades stand.
        photo_trouble: Why the place for photos took nothing the last time.
        hub: Whether the hub can be heard.
    """

    synced_at: datetime | None = None
    loop_seconds: float | None = None
    spent: Spent | None = None
    store_bytes: int | None = None
    free_bytes: int | None = None
    gun_pace: GunPace | None = None
    guns: Mapping[str, GunState] = field(default_factory=dict)
    photos: PhotoCounts = field(default_factory=PhotoCounts)
    photo_trouble: PhotoNotStored | None = None
    hub: HubContact = NOT_HEARD


_STATUS = {
    Status.OK: (N_("In order"), "ok"),
    Status.WARNING: (N_("Look at it"), "offline"),
    Status.FAILED: (N_("Not in order"), "blocked"),
}


def check_row(check: Check) -> CheckRow:
    """Describe a check in words."""
    text, tone = _STATUS[check.status]
    said, to_do = words.sentence(check_words.found(check)), words.sentence(check_words.advice(check))
    return CheckRow(check_words.name(check), _(text), tone, said, to_do)


class HealthPresenter(PagePresenter[HealthScreen]):
    """Shows the figures, and runs the checks when the page is opened or on request.

    Args:
        examine: Runs every check; may take seconds.
        gauges: Reads the figures from the adapters.
    """

    def __init__(
        self,
        page: PageServices,
        *,
        examine: Callable[[], Awaitable[Sequence[Check]]],
        gauges: Callable[[], Awaitable[Gauges]],
        outbox: ReadingOutbox,
        cache: ReturnCache,
        line: ConnectionStatus,
    ) -> None:
        super().__init__(page, "health")
        self._line = line
        self._examine = examine
        self._gauges = gauges
        self._outbox = outbox
        self._cache = cache
        self._checks: tuple[Check, ...] = ()
        self._checked_at: datetime | None = None
        self._bad_since: dict[str, datetime] = {}
        self._is_unfolded = False
        self._is_read = False
        self._running = False
        self._read_gauges = Gauges()
        self._counts = Counts()
        self._known = 0
        self._sync: SyncProgress | None = None
        for kind in (OutboxChanged, ConnectionChanged, GunChanged, PhotoStored, HubContactChanged):
            page.feed.on(kind, self.refresh)
        page.feed.on(SyncProgress, self._on_sync)

    def show(self) -> None:
        """The page came to the front: run all checks."""
        came = not self.is_visible
        super().show()
        if came:
            self.check()

    def check(self) -> None:
        """Run every check now, unless they are running."""
        if not self._running:
            self._running = True
            self._tasks.spawn(self._run(), name="health checks")
            self._draw()

    def unfold(self) -> None:
        """Show the details for IT, or hide them again."""
        self._is_unfolded = not self._is_unfolded
        self._draw()

    async def _run(self) -> None:
        try:
            self._checks = tuple(await self._examine())
            self._checked_at = self._clock.now()
        finally:
            self._running = False
            self._draw()

    def _on_sync(self, event: SyncProgress) -> None:
        """Draw the progress of a first fill, which is published per page; read the store only at its end."""
        was_reading, self._sync = self._sync, event if event.running else None
        if not event.running:
            self.refresh()
        elif self.is_visible and (event.of is not None or was_reading is not None):
            self._draw()

    async def _load(self) -> None:
        self._counts = await self._outbox.counts()
        self._known = await self._cache.count()
        self._read_gauges = await self._gauges()
        self._is_read = True

    def _screen(self) -> HealthScreen:
        now = self._clock.now()
        every = (*self._live(now), *self._checks)
        self._remember(every, now)
        rows = self._rows(every, now)
        bad = [row for row in rows if row.tone != "ok"]
        return HealthScreen(
            rows=rows,
            checks=tuple(check_row(x) for x in self._checks) if self._is_unfolded else (),
            figures=self._figures(now) if self._is_unfolded else (),
            is_unfolded=self._is_unfolded,
            running=self._running,
            summary=self._summary(len(bad), now),
            tone="plain" if not self._checks else bad[0].tone if bad else "ok",
        )

    def _live(self, now: datetime) -> tuple[Check, ...]:
        if not self._is_read:
            return ()
        gauges = self._read_gauges
        checks = live_checks(self._line.state, self._counts, gauges.synced_at, now, gauges.hub)
        return (*checks, photo_check(gauges.photos, gauges.photo_trouble))

    def _remember(self, checks: Sequence[Check], now: datetime) -> None:
        """Note when each check was first seen not to be in order, and forget those that are again."""
        bad = {check.name for check in checks if check.status is not Status.OK}
        self._bad_since = {name: self._bad_since.get(name, now) for name in bad}

    def _rows(self, checks: Sequence[Check], now: datetime) -> tuple[HealthRow, ...]:
        rows: list[HealthRow] = []
        before = None
        for group, check, sentence in health_words.told(checks):
            status, tone = _STATUS[check.status]
            caption = health_words.group(group) if group is not before else ""
            advice = words.sentence(check_words.advice(check))
            since = self._since(check, now)
            rows.append(HealthRow(check.name, caption, sentence, _(status), tone, since, advice))
            before = group
        return tuple(rows)

    def _since(self, check: Check, now: datetime) -> str:
        if check.status is Status.OK:
            return ""
        if check.since is not None:
            return _("Since {time}.", time=words.moment(check.since, self._zone, now))
        seen = self._bad_since[check.name]
        return _("First seen {time}.", time=words.moment(seen, self._zone, now))

    def _summary(self, bad: int, now: datetime) -> str:
        if self._checked_at is None:
            return _("Looking at everything…") if self._running else ""
        at = words.moment(self._checked_at, self._zone, now)
        if not bad:
            return _("Everything is in order. Looked at {time}.", time=at)
        return ngettext(
            "1 thing needs a look. Looked at {time}.",
            "{n} things need a look. Looked at {time}.",
            bad,
            time=at,
        )

    def _figures(self, now: datetime) -> tuple[tuple[str, str], ...]:
        gauges, counts = self._read_gauges, self._counts
        unknown = _("not known yet")
        synced = words.moment(gauges.synced_at, self._zone, now)
        waiting = words.returns(counts.kept) if counts.kept else _("nothing")
        return (
            (_("Returns known"), words.number(self._known)),
            *_reading(self._sync),
            (_("Last sync"), synced or _("never")),
            (_("This computer's clock"), self._clock_words(unknown)),
            (_("Waiting here"), waiting),
            (_("At Loop"), words.returns(counts.sent) if counts.sent else _("nothing")),
            (
                _("Needs you"),
                words.returns(counts.attention) if counts.attention else _("nothing"),
            ),
            (
                _("Loop answers in"),
                words.seconds(gauges.loop_seconds) if gauges.loop_seconds is not None else unknown,
            ),
            *_photos(gauges.photos),
            *_pace(gauges.gun_pace),
            *scanner.port_rows(gauges.guns),
            *_requests(gauges.spent),
            (
                _("Store"),
                words.byte_size(gauges.store_bytes) if gauges.store_bytes is not None else unknown,
            ),
            (
                _("Free disk"),
                words.byte_size(gauges.free_bytes) if gauges.free_bytes is not None else unknown,
            ),
        )

    def _clock_words(self, unknown: str) -> str:
        skew = self._clock.skew_seconds
        if skew is None:
            return unknown
        return words.sentence(words.clock_skew(skew)) if abs(skew) >= 1 else _("as Loop's")


def _photos(photos: PhotoCounts) -> tuple[tuple[str, str], ...]:
    """Describe what waits for the photo place; empty if nothing does."""
    rows = []
    if photos.waiting:
        rows.append((_("Photos to be stored"), words.number(photos.waiting)))
    if photos.owed:
        rows.append((_("Grades that get their photos later"), words.number(photos.owed)))
    if photos.lost:
        rows.append((_("Photos whose file is gone"), words.number(photos.lost)))
    return tuple(rows)


def _pace(pace: GunPace | None) -> tuple[tuple[str, str], ...]:
    """Describe the scanner's speed, and the gap derived from it."""
    if pace is None or pace.typical_ms is None:
        return ((_("Scanner types"), _("not known yet")),)
    return (
        (_("Scanner, a character"), _("{n} ms", n=words.number(round(pace.typical_ms)))),
        (_("Scanner, a pause, at most"), _("{n} ms", n=words.number(pace.gap_ms))),
    )


def _requests(spent: Spent | None) -> tuple[tuple[str, str], ...]:
    """Describe the requests of the last minute, and the rest."""
    if spent is None:
        return ((_("Requests a minute"), _("not known yet")),)
    left = _("Left, slowed by Loop") if spent.is_slowed else _("Left at once")
    used = _("{used} of {allowed}", used=words.number(spent.used), allowed=words.number(spent.allowed))
    return (
        (_("Requests a minute"), used),
        (_("… for lookups"), words.number(spent.lookups)),
        (_("… to read back"), words.number(spent.read_backs)),
        (_("… for actions"), words.number(spent.actions)),
        (_("… for the index"), words.number(spent.index)),
        (left, words.number(spent.left)),
        (_("Waiting for their turn"), words.number(spent.waiting)),
    )


def _reading(progress: SyncProgress | None) -> tuple[tuple[str, str], ...]:
    """Describe the progress of a long run of the list; empty if none is running."""
    if progress is None or progress.of is None:
        return ()
    of = _("Read, of about {of}", of=words.number(progress.of))
    found = [(of, words.number(progress.read))]
    if progress.seconds_left is not None:
        found.append((_("Done in about"), words.duration(progress.seconds_left)))
    return tuple(found)

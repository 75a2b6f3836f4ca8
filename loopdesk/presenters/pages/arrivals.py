"""What is on its way to the dock: expected today, expected this week, delivered and never scanned here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta

from loopdesk.domain.returns.parcels import (
    EXPECTED_THIS_WEEK,
    EXPECTED_TODAY,
    NOT_SEEN,
    Arrival,
    CarrierCount,
    LabelState,
    by_carrier,
    carrier_key,
)
from loopdesk.i18n.catalogue import N_, _, ngettext
from loopdesk.presenters.pages.page import ConnectionStatus, PagePresenter, PageServices
from loopdesk.presenters.screens.pages import ArrivalRow, ArrivalsScreen, CarrierRow
from loopdesk.presenters.words import words
from loopdesk.services.ports.store import Arrivals
from loopdesk.services.station.connection import LinkState
from loopdesk.services.station.events import ConnectionChanged, SyncProgress

TODAY, WEEK, DELIVERED = "today", "week", "not_seen"

LABELS = {TODAY: EXPECTED_TODAY, WEEK: EXPECTED_THIS_WEEK, DELIVERED: NOT_SEEN}
"""The label states that each filter lists."""

REACH = timedelta(days=30)
"""A label that has not moved for longer announces no parcel still looked for."""

SHOWN_MOST = 5000
"""Maximum number of parcels shown."""

AT_ONCE = 200
"""Rows formatted between two iterations of the event loop: a thousand would block a frame."""

EVERY = "*"
"""Key of the row with the total of all carriers."""

_COUNTED = {
    LabelState.DELIVERED: N_("{n} delivered"),
    LabelState.OUT_FOR_DELIVERY: N_("{n} out for delivery"),
    LabelState.AVAILABLE_FOR_PICKUP: N_("{n} ready for pickup"),
    LabelState.IN_TRANSIT: N_("{n} in transit"),
}
"""Texts that count parcels by label state, nearest to the dock first."""

_TONES = {LabelState.DELIVERED: "offline", LabelState.OUT_FOR_DELIVERY: "accent"}


class ArrivalsPresenter(PagePresenter[ArrivalsScreen]):
    """Lists parcels that were not scanned here, and opens their returns at the bench.

    Args:
        synced_at: When the store last knew everything; None for never.
        open_return: Opens a return at the bench.
    """

    def __init__(
        self,
        page: PageServices,
        *,
        arrivals: Arrivals,
        line: ConnectionStatus,
        synced_at: Callable[[], datetime | None],
        open_return: Callable[[str], None],
    ) -> None:
        super().__init__(page, "arrivals")
        self._arrivals = arrivals
        self._line = line
        self._synced_at = synced_at
        self._open_return = open_return
        self._filter = TODAY
        self._carrier = EVERY
        self._counts: tuple[CarrierCount, ...] = ()
        self._rows: tuple[ArrivalRow, ...] = ()
        self._known: dict[Arrival, ArrivalRow] = {}
        self._known_on = ""
        page.feed.on(SyncProgress, self._on_sync)
        page.feed.on(ConnectionChanged, self.refresh)

    def choose_filter(self, filter_id: str) -> None:
        """List what is expected today or this week, or what was delivered but not seen."""
        if filter_id in LABELS and filter_id != self._filter:
            self._filter = filter_id
            self.refresh()

    def choose_carrier(self, key: str) -> None:
        """List one carrier's parcels only, by its row's key; ``EVERY`` lists all."""
        if key != self._carrier:
            self._carrier = key
            self.refresh()

    def open(self, key: str) -> None:
        """Open the return of a row at the bench."""
        row = next((x for x in self._rows if x.key == key), None)
        if row is not None:
            self._open_return(row.return_id)

    def _on_sync(self, event: SyncProgress) -> None:
        """Read again when a synchronization is over: a first fill publishes thousands of events."""
        if not event.running:
            self.refresh()

    async def _load(self) -> None:
        chosen, now = self._filter, self._clock.now()
        since = now - REACH
        counted = await self._arrivals.counts(since)
        self._counts = by_carrier(counted)
        if self._carrier not in {_key(x.carrier) for x in self._counts}:
            self._carrier = EVERY
        theirs = {x.carrier for x in counted if _key(x.carrier) == self._carrier}
        found = await self._arrivals.arrivals(
            since,
            labels=LABELS[chosen],
            carriers=None if self._carrier == EVERY else theirs,
            unseen=True,
            most=SHOWN_MOST,
        )
        self._rows = await self._written(found, now)

    async def _written(self, found: Sequence[Arrival], now: datetime) -> tuple[ArrivalRow, ...]:
        """Format the rows in batches; one known from the same day is reused."""
        day = words.day(now, self._zone)
        before = self._known if day == self._known_on else {}
        known: dict[Arrival, ArrivalRow] = {}
        for start in range(0, len(found), AT_ONCE):
            for one in found[start : start + AT_ONCE]:
                known[one] = before.get(one) or self._row(one, now)
            await self._clock.sleep(0)
        self._known, self._known_on = known, day
        return tuple(known.values())

    def _row(self, one: Arrival, now: datetime) -> ArrivalRow:
        return ArrivalRow(
            key=f"{one.return_id} {one.tracking_number}",
            return_id=one.return_id,
            order_name=one.order_name or one.return_id,
            rma=one.return_id,
            carrier=_carrier(one.carrier),
            number=words.spaced(one.tracking_number),
            label=words.label_status(one.label.value),
            tone=_TONES.get(one.label, "plain"),
            since=words.moment(one.delivered_at or one.label_at, self._zone, now),
            state=words.state(one.state),
            state_tone=words.state_tone(one.state),
        )

    def _screen(self) -> ArrivalsScreen:
        every = _sum(self._counts)
        found = {filter_id: every.among(labels) for filter_id, labels in LABELS.items()}
        number = len(self._rows)
        return ArrivalsScreen(
            rows=self._rows,
            filters=(
                (TODAY, _("Today {n}", n=words.number(found[TODAY]))),
                (WEEK, _("This week {n}", n=words.number(found[WEEK]))),
                (DELIVERED, _("Delivered, not seen {n}", n=words.number(found[DELIVERED]))),
            ),
            chosen_filter=self._filter,
            message=self._message(number),
            note=self._note(),
            carriers=self._carriers(every),
            chosen_carrier=self._carrier,
        )

    def _carriers(self, every: CarrierCount) -> tuple[CarrierRow, ...]:
        if not self._counts:
            return ()
        labels = LABELS[self._filter]
        total = CarrierRow(EVERY, _("All carriers"), _states(every, labels))
        own = (CarrierRow(_key(x.carrier), _carrier(x.carrier), _states(x, labels)) for x in self._counts)
        return (total, *own)

    def _message(self, number: int) -> str:
        if number == SHOWN_MOST:
            return _("The {n} latest are shown. Choose a carrier to see fewer.", n=SHOWN_MOST)
        if self._synced_at() is None and not number:
            return _("Not known yet: Loop has not told this station what is on its way.")
        if self._filter == TODAY:
            if not number:
                return _("No parcel is expected today.")
            return ngettext("1 parcel is expected today.", "{n} parcels are expected today.", number)
        if self._filter == WEEK:
            if not number:
                return _("No parcel is expected this week.")
            return ngettext("1 parcel is expected this week.", "{n} parcels are expected this week.", number)
        if not number:
            return _("Every parcel that was delivered was scanned here.")
        return ngettext(
            "1 parcel was delivered and never scanned here.",
            "{n} parcels were delivered and never scanned here.",
            number,
        )

    def _note(self) -> str:
        """Say how current the list is."""
        now, at, state = self._clock.now(), self._synced_at(), self._line.state
        if at is None:
            return ""
        told = words.moment(at, self._zone, now)
        if state.link in (LinkState.OFFLINE, LinkState.LOGIN_PAGE) and state.since is not None:
            since = words.moment(state.since, self._zone, now)
            return _("Offline since {since}: this is what Loop told at {time}.", since=since, time=told)
        return _("As Loop told it at {time}. It tells no day; carriers may be late.", time=told)


def _key(carrier: str) -> str:
    return f"={carrier_key(carrier)}"


def _states(count: CarrierCount, labels: Collection[LabelState]) -> str:
    """Say how many are in each of these label states, nearest to the dock first."""
    found = {label: count.labels[label] for label in _COUNTED if label in labels and label in count.labels}
    return words.listed(_(_COUNTED[label], n=words.number(n)) for label, n in found.items()) or _("none")


def _carrier(name: str) -> str:
    return words.carrier(name) or _("No carrier named")


def _sum(counts: Sequence[CarrierCount]) -> CarrierCount:
    labels: Counter[LabelState] = Counter()
    for count in counts:
        labels.update(count.labels)
    return CarrierCount("", labels)

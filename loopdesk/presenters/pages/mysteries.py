"""The mystery parcels: what is in the dock without a return, and how a lead finds its return."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from loopdesk.domain.errors import LoopdeskError, RuleBroken
from loopdesk.i18n.catalogue import N_, NOTHING, Said, _, ngettext
from loopdesk.presenters.bench.labels import put_away
from loopdesk.presenters.links import link_of
from loopdesk.presenters.pages.page import PagePresenter, PageServices
from loopdesk.presenters.screens.pages import MysteriesScreen, MysteryRow
from loopdesk.presenters.words import errors, words
from loopdesk.services.bench.labels import LabelDesk
from loopdesk.services.bench.mysteries import MysteryDesk
from loopdesk.services.ports.store import Mystery, ReturnCache, Stored
from loopdesk.services.station.events import (
    LabelsEnded,
    MysteriesTold,
    MysteryKept,
    MysteryMatched,
    MysteryUnclear,
)

WAITING, FOUND, ALL = FILTERS = ("waiting", "found", "all")
"""The records that are listed."""

LINKS_MOST = 8
"""Maximum number of returns offered for a record."""


@dataclass(frozen=True, slots=True)
class MysteryParts:
    """What the page works with.

    Attributes:
        desk: Stores, changes and links records.
        labels: Prints their labels.
        ask_loop: Asks Loop for the returns that typed words may stand for, and stores them.
        keep_photo: Copies a picture file into the profile and returns its stored name.
        photo_path: Returns the path of a stored photo.
        open_return: Opens a return at the bench.
        new: Asks at the bench about a parcel without a readable code.
        masked: Returns a text as it may be stored: with command codes replaced by their names.
    """

    desk: MysteryDesk
    labels: LabelDesk
    cache: ReturnCache
    ask_loop: Callable[[str], Awaitable[None]]
    keep_photo: Callable[[str], Awaitable[str]]
    photo_path: Callable[[str], str]
    open_return: Callable[[str], None]
    new: Callable[[], None]
    masked: Callable[[str], str]


class MysteriesPresenter(PagePresenter[MysteriesScreen]):
    """Lists the records and links them to returns."""

    def __init__(self, page: PageServices, parts: MysteryParts) -> None:
        super().__init__(page, "mysteries")
        self._parts = parts
        self._desk = parts.desk
        self._cache = parts.cache
        self._shown: tuple[Mystery, ...] = ()
        self._orders: dict[str, str] = {}
        self._waiting = 0
        self._selected = 0
        self._filter = WAITING
        self._text = ""
        self._links: tuple[Stored, ...] = ()
        self._choices: tuple[Stored, ...] = ()
        self._problem: LoopdeskError | Said = NOTHING
        self._printing: tuple[str, ...] = ()
        self._printed: LabelsEnded | None = None
        page.feed.on(LabelsEnded, self._on_labels)
        for event in (MysteryKept, MysteryMatched, MysteryUnclear, MysteriesTold):
            page.feed.on(event, self.refresh)

    def show_only(self, filter_id: str) -> None:
        """List the records that wait, those that found their return, or all."""
        if filter_id in FILTERS:
            self._filter = filter_id
            self.refresh()

    def select(self, number: int) -> None:
        """Select a record; 0 for none."""
        if number != self._selected:
            self._selected = number
            self._text, self._links, self._choices, self._problem = "", (), (), NOTHING
            self._printing, self._printed = (), None
            self.refresh()
            self._draw()

    def type_link(self, text: str) -> None:
        """Search the return of the selected record by any words."""
        self._text = text
        unknown = Said(N_("This station knows no such return. Enter asks Loop."))
        self._tasks.spawn(self._offer(text, unknown), name="mystery link", replaces="mystery link")

    def ask_loop(self) -> None:
        """Ask Loop for what is typed: an order that this station does not know yet."""
        text = self._text.strip()
        # The letters of a command code must not leave the station
        if text and self._parts.masked(text) != text:
            self._problem = RuleBroken("code_as_words")
            self._draw()
        elif text:
            self._tasks.spawn(self._ask(text), name="mystery ask loop", replaces="mystery ask loop")

    def describe(self, words_text: str, shelf: str) -> None:
        """Change the description and shelf of the selected record."""
        masked = self._parts.masked
        told = masked(" ".join(words_text.split())), masked(" ".join(shelf.split()))
        self._do(lambda number: self._desk.describe(number, *told))

    def take_photo(self, path: str) -> None:
        """Add a photo to the selected record, from a picture file."""
        self._do(lambda number: self._attach(number, path.strip()))

    def close_record(self) -> None:
        """Close the selected record without a return (sent back, thrown away)."""
        self._do(self._desk.end)

    def reopen_record(self) -> None:
        """Reopen the selected record."""
        self._do(self._desk.reopen)

    def print_label(self) -> None:
        """Print the label of the selected record."""
        if (record := self._record()) is not None:
            job = put_away.parcel_job(record, self._zone, self._clock.now())
            self._printing, self._printed = (job.about.name,), None
            self._parts.labels.print((job,), by_itself=False)
            self._draw()

    def _on_labels(self, event: LabelsEnded) -> None:
        if event.names == self._printing:
            self._printed = event
            self._draw()

    def _label_words(self) -> str:
        """Say what becomes of the label that was asked for, "" if none was."""
        if self._printed is not None:
            return put_away.outcome(self._printed)
        return put_away.to_printer(self._printing) if self._printing else ""

    def new_record(self) -> None:
        """Record a parcel without a readable code: the bench asks about it."""
        self._parts.new()

    def open_at_bench(self) -> None:
        """Open the return of the selected record at the bench."""
        record = self._record()
        if record is not None and record.linked_return_id:
            self._parts.open_return(record.linked_return_id)

    async def _attach(self, number: int, path: str) -> None:
        await self._desk.attach(number, await self._parts.keep_photo(path))

    async def _ask(self, text: str) -> None:
        self._problem = Said(N_("Loop is being asked."))
        self._draw()
        try:
            await self._parts.ask_loop(text)
        except LoopdeskError as failure:
            self._problem = failure
            self._draw()
        else:
            await self._offer(text, Said(N_("Neither this station nor Loop knows such a return.")))

    async def _offer(self, text: str, unknown: Said) -> None:
        """Offer the returns found by typed words, or explain why there are none."""
        found = await self._cache.search(text.strip(), LINKS_MOST) if text.strip() else ()
        if text.strip() == self._text.strip():
            self._links = found
            nothing = bool(text.strip()) and not found
            self._problem = unknown if nothing else NOTHING
            self._draw()

    def link(self, return_id: str) -> None:
        """Link the selected record to a return."""
        self._do(lambda number: self._desk.link(number, return_id))

    def _do(self, work: Callable[[int], Awaitable[None]]) -> None:
        """Do something with the selected record, and report why it is not allowed."""
        if self._selected:
            self._tasks.spawn(self._done(work, self._selected), name="mystery change")

    async def _done(self, work: Callable[[int], Awaitable[None]], number: int) -> None:
        try:
            await work(number)
        except LoopdeskError as failure:
            self._problem = failure
        else:
            if number == self._selected:  # what is being typed about another record stays
                self._text, self._links, self._problem = "", (), NOTHING
        self.refresh()
        self._draw()

    def _record(self) -> Mystery | None:
        return next((x for x in self._shown if x.number == self._selected), None)

    async def _load(self) -> None:
        waiting = await self._desk.open_records()
        self._waiting = len(waiting)
        self._shown = tuple(reversed(waiting))
        if self._filter != WAITING:
            every = await self._desk.all_records()
            self._shown = tuple(x for x in every if self._filter == ALL or x.linked_return_id)
        for record in self._shown:
            if record.linked_return_id and record.linked_return_id not in self._orders:
                stored = await self._cache.get(record.linked_return_id)
                self._orders[record.linked_return_id] = stored.ret.order_name if stored else ""
        if self._record() is None:
            self._selected = 0
        selected = self._selected
        found = await self._choose_from(selected)
        if selected == self._selected:  # or they are another record's
            self._choices = found

    async def _choose_from(self, number: int) -> tuple[Stored, ...]:
        """The candidate returns of a record, if there are several."""
        hits = await self._desk.choices(number) if number else ()
        if len(hits) < 2:
            return ()
        known = [await self._cache.get(hit.return_id) for hit in hits[:LINKS_MOST]]
        return tuple(x for x in known if x is not None)

    def _screen(self) -> MysteriesScreen:
        now = self._clock.now()
        offered = self._links if self._text.strip() else self._choices
        return MysteriesScreen(
            rows=tuple(self._row(x, now) for x in self._shown),
            message=self._message(),
            selected=self._selected,
            chosen_filter=self._filter,
            link_text=self._text,
            links=tuple(link_of(x) for x in offered),
            problem=errors.told(self._problem) or self._label_words() or self._unclear_words(),
            prints=self._parts.labels.has_printer,
        )

    def _message(self) -> str:
        if self._waiting:
            return ngettext(
                "1 parcel waits for its return.", "{n} parcels wait for their return.", self._waiting
            )
        return _("No parcel waits for its return.")

    def _unclear_words(self) -> str:
        if len(self._choices) < 2 or self._text.strip():
            return ""
        return _("{n} returns carry this code. Choose the one that it is.", n=len(self._choices))

    def _row(self, record: Mystery, now: datetime) -> MysteryRow:
        return MysteryRow(
            number=record.number,
            shown=record.site_number,
            code=record.code or _("no code"),
            found=words.moment(record.found_at, self._zone, now),
            operator=_finder(record),
            words=record.words,
            shelf=record.shelf,
            match=self._match(record),
            return_id=record.linked_return_id,
            is_open=not record.linked_return_id and not record.closed,
            photo=self._parts.photo_path(record.photo) if record.photo and not record.photo_at else "",
            photo_at=record.photo_at if record.photo else "",
            is_unclear=record.number in self._desk.unclear,
        )

    def _match(self, record: Mystery) -> str:
        if record.linked_return_id:
            return _(
                "Found: {order}", order=self._orders.get(record.linked_return_id) or record.linked_return_id
            )
        if record.closed and record.is_foreign and record.ended_station:
            return _("Ended without a return, at {station}", station=record.ended_station)
        if record.number in self._desk.unclear:
            return _("Several returns: choose")
        return _("Ended without a return") if record.closed else _("Waits")


def _finder(record: Mystery) -> str:
    """Say who found a parcel, and at which bench, where several share them."""
    return words.listed((record.operator.name, record.station)) if record.series else record.operator.name

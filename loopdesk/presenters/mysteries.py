"""The mystery parcels: what stands in the dock without a return, and how a lead finds its return."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Protocol

from loopdesk.domain.errors import LoopdeskError, RuleBroken
from loopdesk.presenters import words
from loopdesk.presenters.links import link_of
from loopdesk.presenters.page import Page
from loopdesk.presenters.page_screens import MysteriesScreen, MysteryRow
from loopdesk.services.events import Feed, MysteryKept, MysteryMatched
from loopdesk.services.ports import Clock, Mysteries, Mystery, ReturnCache, Station, Stored
from loopdesk.services.tasks import Tasks

LINKS_MOST = 8
"""Most returns offered for a record."""


class Desk(Protocol):
    """What this page asks of the mystery desk."""

    async def open_records(self) -> tuple[Mystery, ...]:
        """Return those without a return."""
        ...

    async def all_records(self) -> tuple[Mystery, ...]:
        """Return all, newest first."""
        ...

    async def link(self, number: int, return_id: str, by: str) -> None:
        """Link a record to a return by hand. Raises ``RuleBroken``."""
        ...


class MysteriesPresenter(Page[MysteriesScreen]):
    """Lists the records and links them to returns.

    Args:
        desk: Links records, with the audit log.
        records: Where a record's words, shelf and end are kept.
        open_return: Opens a return at the bench.
        station: Returns who works where, now.
    """

    def __init__(
        self,
        *,
        desk: Desk,
        records: Mysteries,
        cache: ReturnCache,
        feed: Feed,
        tasks: Tasks,
        clock: Clock,
        zone: tzinfo,
        station: Callable[[], Station],
        open_return: Callable[[str], None],
    ) -> None:
        super().__init__(tasks=tasks, clock=clock, name="mysteries")
        self._desk = desk
        self._records = records
        self._cache = cache
        self._zone = zone
        self._station = station
        self._open_return = open_return
        self._shown: tuple[Mystery, ...] = ()
        self._orders: dict[str, str] = {}
        self._waiting = 0
        self._selected = 0
        self._show_all = False
        self._text = ""
        self._links: tuple[Stored, ...] = ()
        self._problem = ""
        feed.on(MysteryKept, self.refresh)
        feed.on(MysteryMatched, self.refresh)

    def show_all(self, on: bool) -> None:
        """List the records that found their return too, or only those that wait."""
        self._show_all = on
        self.refresh()

    def select(self, number: int) -> None:
        """Look at one record; 0 for none."""
        if number != self._selected:
            self._selected = number
            self._text, self._links, self._problem = "", (), ""
            self._draw()

    def type_link(self, text: str) -> None:
        """Look for the return of the selected record by any words."""
        self._text = text
        self._tasks.spawn(self._offer(text), name="mystery link", replaces="mystery link")

    def link(self, return_id: str) -> None:
        """Link the selected record to a return."""
        if self._selected:
            self._tasks.spawn(self._link(self._selected, return_id), name="mystery linking")

    def describe(self, words_text: str, shelf: str) -> None:
        """Change what is written about the selected record and where it stands."""
        self._change(words=" ".join(words_text.split()), shelf=" ".join(shelf.split()))

    def close_record(self) -> None:
        """End the selected record without a return (sent back, thrown away)."""
        self._change(closed=True)

    def reopen_record(self) -> None:
        """Let the selected record wait for its return again."""
        self._change(closed=False, linked_return_id="", linked_by="")

    def open_at_bench(self) -> None:
        """Open the return that the selected record found."""
        record = self._record()
        if record is not None and record.linked_return_id:
            self._open_return(record.linked_return_id)

    async def _offer(self, text: str) -> None:
        found = await self._cache.search(text.strip(), LINKS_MOST) if text.strip() else ()
        if text == self._text:
            self._links = found
            nothing = bool(text.strip()) and not found
            self._problem = words.say("This station knows no such return.") if nothing else ""
            self._draw()

    async def _link(self, number: int, return_id: str) -> None:
        try:
            await self._desk.link(number, return_id, self._station().operator)
        except RuleBroken as failure:
            self._problem = words.rule(failure.detail)
        except LoopdeskError as failure:
            self._problem = f"{failure.title} {failure.advice}"
        else:
            self._text, self._links, self._problem = "", (), ""
        self.refresh()
        self._draw()

    def _change(self, **fields: object) -> None:
        record = self._record()
        if record is not None:
            self._tasks.spawn(self._keep(replace(record, **fields)), name="mystery change")  # type: ignore[arg-type]

    async def _keep(self, record: Mystery) -> None:
        try:
            await self._records.change(record)
            self._problem = ""
        except RuleBroken as failure:
            self._problem = words.rule(failure.detail)
        except LoopdeskError as failure:
            self._problem = f"{failure.title} {failure.advice}"
        self.refresh()
        self._draw()

    def _record(self) -> Mystery | None:
        return next((x for x in self._shown if x.number == self._selected), None)

    async def _load(self) -> None:
        waiting = await self._desk.open_records()
        self._waiting = len(waiting)
        self._shown = await self._desk.all_records() if self._show_all else tuple(reversed(waiting))
        for record in self._shown:
            if record.linked_return_id and record.linked_return_id not in self._orders:
                stored = await self._cache.get(record.linked_return_id)
                self._orders[record.linked_return_id] = stored.ret.order_name if stored else ""
        if self._record() is None:
            self._selected = 0

    def _screen(self) -> MysteriesScreen:
        now = self._clock.now()
        number = self._waiting
        return MysteriesScreen(
            rows=tuple(self._row(x, now) for x in self._shown),
            message=words.counted(
                number, "1 parcel waits for its return.", "{n} parcels wait for their return."
            )
            if number
            else words.say("No parcel waits for its return."),
            selected=self._selected,
            show_all=self._show_all,
            link_text=self._text,
            links=tuple(link_of(x) for x in self._links),
            problem=self._problem,
        )

    def _row(self, record: Mystery, now: datetime) -> MysteryRow:
        return MysteryRow(
            number=record.number,
            code=record.code or words.say("no code"),
            found=words.moment(record.found_at, self._zone, now),
            operator=record.operator,
            words=record.words,
            shelf=record.shelf,
            match=self._match(record),
            return_id=record.linked_return_id,
            is_open=not record.linked_return_id and not record.closed,
        )

    def _match(self, record: Mystery) -> str:
        if record.linked_return_id:
            return words.say(
                "Found: {order}", order=self._orders.get(record.linked_return_id) or record.linked_return_id
            )
        return words.say("Ended without a return") if record.closed else words.say("Waits")

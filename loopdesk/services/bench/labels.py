"""Prints labels: recorded before they are sent, by itself once, and with nobody waiting for the printer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from loopdesk.domain.errors import StoreError
from loopdesk.domain.printing.labels import GoodsLabel, PrintsBy
from loopdesk.domain.printing.printers import NotPrinted, PerhapsPrinted, PrinterState
from loopdesk.services.ports.labels import LabelPrint, LabelPrinter, LabelPrints, LabelSubject, PrintStage
from loopdesk.services.ports.station import Clock
from loopdesk.services.station.events import Feed, LabelsDoubted, LabelsEnded, LabelsRead
from loopdesk.services.station.tasks import InTurn, OnFault, Tasks

log = logging.getLogger("loopdesk.labels")


@dataclass(frozen=True, slots=True)
class LabelJob:
    """A label, and what it is for."""

    about: LabelSubject
    label: GoodsLabel


class LabelDesk:
    """Gives labels to the station's printer, in turn.

    Args:
        printer: Returns the printer that is set now; None without one.
        prints_by: Returns what starts a print, now.
    """

    def __init__(
        self,
        *,
        prints: LabelPrints,
        printer: Callable[[], LabelPrinter | None],
        prints_by: Callable[[], PrintsBy],
        clock: Clock,
        tasks: Tasks,
        feed: Feed,
        on_fault: OnFault,
    ) -> None:
        self._prints = prints
        self._printer = printer
        self._prints_by = prints_by
        self._clock = clock
        self._feed = feed
        self._queue = InTurn(tasks, "labels", on_fault)
        self._tasks = tasks
        self._is_recovered = False
        self._shown = ""
        self._kept: Mapping[str, str] = {}
        self._on_the_way: dict[str, str] = {}
        self.unsure: frozenset[str] = frozenset()

    @property
    def has_printer(self) -> bool:
        """Whether a label printer is set."""
        return self._printer() is not None

    @property
    def prints_by(self) -> PrintsBy:
        """What starts a print; a press always does."""
        return self._prints_by() if self.has_printer else PrintsBy.OFF

    @property
    def says(self) -> Mapping[str, str]:
        """What the latest label says that is there or on its way, by subject; of what is shown."""
        return {**self._kept, **self._on_the_way}

    def show(self, prefix: str) -> None:
        """Read what the labels say of subjects that start like this; "" for none. ``LabelsRead`` follows."""
        if prefix != self._shown:
            self._shown, self._kept = prefix, {}
            if prefix and self.has_printer:
                self._tasks.spawn(self._read(), name="labels read")

    def recover(self) -> None:
        """Find out, before anything is printed, which labels an earlier run may not have printed."""
        self._queue.add(self._recover)

    def print(self, jobs: Sequence[LabelJob], *, by_itself: bool) -> None:
        """Print labels behind the operator's back; ``LabelsEnded`` tells what came of it."""
        for job in jobs:
            if not by_itself or job.about.subject not in self.says:
                self._on_the_way[job.about.subject] = job.about.content
        if jobs:
            self._queue.add(self._print, tuple(jobs), by_itself)

    async def _recover(self) -> None:
        if self._is_recovered:
            return
        count = await self._prints.doubt()
        self._is_recovered = True
        doubted = await self._look()
        if count:
            log.info("labels_doubted count=%s", count)
            self._feed.tell(LabelsDoubted(tuple(each.about.name for each in doubted[-count:])))

    async def _look(self) -> tuple[LabelPrint, ...]:
        doubted = await self._prints.unsure()
        self.unsure = frozenset(each.about.subject for each in doubted)
        return doubted

    async def _read(self) -> None:
        prefix = self._shown
        if not prefix:
            return
        try:
            kept = await self._prints.latest(prefix)
        except StoreError as failure:
            log.warning("labels_not_read code=%s", failure.code)
            return
        if prefix == self._shown:
            self._kept = kept
            self._feed.tell(LabelsRead())

    async def _print(self, jobs: tuple[LabelJob, ...], by_itself: bool) -> None:
        try:
            await self._record(jobs, by_itself)
        finally:
            for about in (job.about for job in jobs):
                if self._on_the_way.get(about.subject) == about.content:
                    del self._on_the_way[about.subject]
            await self._read()

    async def _record(self, jobs: tuple[LabelJob, ...], by_itself: bool) -> None:
        try:
            await self._recover()
            abouts = [job.about for job in jobs]
            begun = await self._prints.begin(abouts, self._clock.now(), by_itself=by_itself)
        except StoreError as failure:  # what is not recorded could be printed twice
            log.warning("labels_not_recorded code=%s", failure.code)
            names = tuple(job.about.name for job in jobs)
            self._feed.tell(LabelsEnded(names, PrintStage.FAILED, PrinterState.NOT_RECORDED, by_itself))
            return
        pairs = [(one, job) for one, job in zip(begun, jobs, strict=True) if one is not None]
        if pairs:
            await self._send([one for one, _ in pairs], [job for _, job in pairs], by_itself)

    async def _send(self, begun: Sequence[LabelPrint], jobs: Sequence[LabelJob], by_itself: bool) -> None:
        stage, state = PrintStage.DOUBTED, PrinterState.REFUSED  # unless something is known
        try:
            stage, state = await self._given([job.label for job in jobs])
        finally:
            log.info("labels count=%s stage=%s state=%s by_itself=%s", len(begun), stage, state, by_itself)
            await self._ended(begun, stage)
            names = tuple(job.about.name for job in jobs)
            self._feed.tell(LabelsEnded(names, stage, state, by_itself))

    async def _given(self, labels: Sequence[GoodsLabel]) -> tuple[PrintStage, PrinterState]:
        printer = self._printer()
        if printer is None:
            return PrintStage.FAILED, PrinterState.NOT_SET
        try:
            return PrintStage.SENT, await printer.print(labels)
        except NotPrinted as failure:
            return PrintStage.FAILED, failure.state
        except PerhapsPrinted as failure:
            return PrintStage.DOUBTED, failure.state

    async def _ended(self, begun: Sequence[LabelPrint], stage: PrintStage) -> None:
        """Record what became of labels; what cannot be recorded is doubted at the next start."""
        try:
            await self._prints.end([each.number for each in begun], stage)
            await self._look()
        except StoreError as failure:
            log.warning("labels_end_not_recorded code=%s", failure.code)

"""Printing labels in turn: recorded first, ended whatever happens, and never by itself twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import pytest

from loopdesk.domain.errors import DiskFull
from loopdesk.domain.printing.labels import GoodsLabel, PrintsBy
from loopdesk.domain.printing.printers import NotPrinted, PerhapsPrinted, PrinterState
from loopdesk.services.bench.labels import LabelDesk, LabelJob
from loopdesk.services.ports.labels import LabelPrint, LabelSubject, PrintStage
from loopdesk.services.station.events import Feed, LabelsDoubted, LabelsEnded
from loopdesk.services.station.tasks import Tasks
from tests.fakes.clock import HandClock
from tests.fakes.memory_label_prints import MemoryLabelPrints
from tests.fakes.paper_printer import PaperPrinter


def job(name: str, content: str = "grade_a") -> LabelJob:
    return LabelJob(LabelSubject(f"line:1:{name}", content, name), GoodsLabel("1", name))


class FullPrints(MemoryLabelPrints):
    """A store that is full from the n-th write on."""

    def __init__(self, writes: int) -> None:
        super().__init__()
        self.writes = writes

    def _write(self) -> None:
        self.writes -= 1
        if self.writes < 0:
            raise DiskFull("no room")

    async def begin(
        self, subjects: Sequence[LabelSubject], at: datetime, *, by_itself: bool
    ) -> tuple[LabelPrint | None, ...]:
        self._write()
        return await super().begin(subjects, at, by_itself=by_itself)

    async def end(self, numbers: Sequence[int], stage: PrintStage) -> None:
        self._write()
        await super().end(numbers, stage)


class LabelRig:
    """A desk with a printer of paper."""

    def __init__(self) -> None:
        self.faults: list[BaseException] = []
        self.tasks, self.clock, self.feed = Tasks(self._fault), HandClock(), Feed(self._fault)
        self.prints = MemoryLabelPrints()
        self.printer: PaperPrinter | None = PaperPrinter()
        self.told: list[LabelsEnded | LabelsDoubted] = []
        self.feed.on(LabelsEnded, self.told.append)
        self.feed.on(LabelsDoubted, self.told.append)
        self.desk = self.make_desk()

    def make_desk(self) -> LabelDesk:
        """Make a desk, as each start of the program does."""
        return LabelDesk(
            prints=self.prints,
            printer=lambda: self.printer,
            prints_by=lambda: PrintsBy.DECIDED,
            clock=self.clock,
            tasks=self.tasks,
            feed=self.feed,
            on_fault=self._fault,
        )

    def _fault(self, _where: str, failure: BaseException) -> None:
        self.faults.append(failure)

    async def print(self, *jobs: LabelJob, by_itself: bool = False) -> LabelsEnded | LabelsDoubted | None:
        """Print, and return what was told of it."""
        self.told.clear()
        self.desk.print(jobs, by_itself=by_itself)
        await self.clock.settle()
        return self.told[-1] if self.told else None

    @property
    def stages(self) -> list[PrintStage]:
        """What became of each label."""
        return [each.stage for each in self.prints.kept.values()]


@pytest.fixture
async def rig() -> AsyncIterator[LabelRig]:
    made = LabelRig()
    yield made
    await made.tasks.aclose()


async def test_what_is_printed_is_recorded_with_what_became_of_it(rig: LabelRig) -> None:
    assert rig.printer is not None
    told = await rig.print(job("socks"), job("watch"))
    assert told == LabelsEnded(("socks", "watch"), PrintStage.SENT, PrinterState.READY, by_itself=False)
    rig.printer.answer = NotPrinted(PrinterState.PAPER_OUT)
    told = await rig.print(job("socks"))
    assert told == LabelsEnded(("socks",), PrintStage.FAILED, PrinterState.PAPER_OUT, by_itself=False)
    rig.printer.answer = PerhapsPrinted(PrinterState.HANGS)
    told = await rig.print(job("hat"), by_itself=True)
    assert told == LabelsEnded(("hat",), PrintStage.DOUBTED, PrinterState.HANGS, by_itself=True)
    assert rig.stages == [PrintStage.SENT, PrintStage.SENT, PrintStage.FAILED, PrintStage.DOUBTED]
    assert rig.desk.unsure == {"line:1:hat"}
    assert rig.faults == []


async def test_by_itself_only_what_was_not_printed_so_before_is_sent(rig: LabelRig) -> None:
    assert rig.printer is not None
    await rig.print(job("socks"), by_itself=True)
    told = await rig.print(job("socks"), job("watch"), by_itself=True)
    assert told == LabelsEnded(("watch",), PrintStage.SENT, PrinterState.READY, by_itself=True)
    assert await rig.print(job("socks"), by_itself=True) is None
    assert [x.heading for x in rig.printer.labels] == ["socks", "watch"]


@pytest.mark.fault(185)
async def test_what_was_begun_when_the_program_ended_is_doubted_before_anything_is_printed(
    rig: LabelRig,
) -> None:
    assert rig.printer is not None
    rig.printer.is_stuck = True
    await rig.print(job("socks"), by_itself=True)
    rig.printer = PaperPrinter()
    rig.desk = rig.make_desk()
    await rig.print(job("watch"), by_itself=True)
    assert rig.told[0] == LabelsDoubted(("socks",))
    assert rig.desk.unsure == {"line:1:socks"}
    await rig.print(job("socks"), by_itself=True)
    assert [x.heading for x in rig.printer.labels] == ["watch"]
    await rig.print(job("socks"))
    assert rig.desk.unsure == frozenset()
    rig.desk = rig.make_desk()
    rig.told.clear()
    rig.desk.recover()
    await rig.clock.settle()
    assert rig.told == []


@pytest.mark.fault(185)
@pytest.mark.expects_log("labels_not_recorded code=disk_full")
async def test_what_cannot_be_recorded_is_not_printed(rig: LabelRig) -> None:
    assert rig.printer is not None
    rig.prints = FullPrints(writes=0)
    rig.desk = rig.make_desk()
    told = await rig.print(job("socks"))
    assert told == LabelsEnded(("socks",), PrintStage.FAILED, PrinterState.NOT_RECORDED, by_itself=False)
    assert rig.printer.labels == []


@pytest.mark.fault(185)
@pytest.mark.expects_log("labels_end_not_recorded code=disk_full")
async def test_an_end_that_cannot_be_recorded_is_doubted_at_the_next_start(rig: LabelRig) -> None:
    rig.prints = FullPrints(writes=2)
    rig.desk = rig.make_desk()
    told = await rig.print(job("socks"))
    assert told == LabelsEnded(("socks",), PrintStage.SENT, PrinterState.READY, by_itself=False)
    assert rig.stages == [PrintStage.BEGUN]


async def test_a_bug_of_a_printer_ends_its_label_in_doubt_and_the_next_one_is_printed(rig: LabelRig) -> None:
    assert rig.printer is not None
    rig.printer.answer = ZeroDivisionError()
    await rig.print(job("socks"))
    rig.printer.answer = PrinterState.READY
    await rig.print(job("watch"))
    assert rig.stages == [PrintStage.DOUBTED, PrintStage.SENT]
    assert [type(x) for x in rig.faults] == [ZeroDivisionError]


async def test_what_a_label_says_is_known_from_the_press_on_and_until_it_is_known_not_to_have_come_out(
    rig: LabelRig,
) -> None:
    assert rig.printer is not None
    await rig.print(job("socks", "grade_a"))
    rig.desk.show("line:1:")
    await rig.clock.settle()
    assert rig.desk.says == {"line:1:socks": "grade_a"}
    rig.printer.answer = NotPrinted(PrinterState.PAPER_OUT)
    rig.desk.print([job("socks", "grade_c")], by_itself=False)
    assert rig.desk.says == {"line:1:socks": "grade_c"}, "before anything has run"
    await rig.clock.settle()
    assert rig.desk.says == {"line:1:socks": "grade_a"}
    rig.desk.print([job("socks", "grade_c")], by_itself=True)
    assert rig.desk.says == {"line:1:socks": "grade_a"}, "it will not be printed"
    rig.desk.show("line:2:")
    await rig.clock.settle()
    assert rig.desk.says == {}


@pytest.mark.expects_log("labels_not_read code=disk_full")
async def test_labels_that_cannot_be_read_are_taken_as_none(rig: LabelRig) -> None:
    class Unread(MemoryLabelPrints):
        async def latest(self, prefix: str) -> dict[str, str]:
            raise DiskFull(prefix)

    rig.prints = Unread()
    rig.desk = rig.make_desk()
    rig.desk.show("line:1:")
    await rig.clock.settle()
    assert rig.desk.says == {}


async def test_without_a_printer_nothing_is_printed_by_itself_and_a_press_is_told_why(rig: LabelRig) -> None:
    rig.printer = None
    assert (rig.desk.has_printer, rig.desk.prints_by) == (False, PrintsBy.OFF)
    told = await rig.print(job("socks"))
    assert told == LabelsEnded(("socks",), PrintStage.FAILED, PrinterState.NOT_SET, by_itself=False)

"""Where the goods go: said by the band and by the line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest

from loopdesk.domain.printing.labels import PrintsBy
from loopdesk.domain.printing.printers import NotPrinted, PerhapsPrinted, PrinterState
from loopdesk.domain.returns.grading import Draft
from loopdesk.domain.returns.places import PlaceRule, Places
from loopdesk.presenters.bench.labels import goods
from loopdesk.presenters.screens.window import BenchScreen, Signal
from tests.bench_rig import VOCABULARY, BenchRig
from tests.builders import a_line, a_money, a_parcel, a_return, an_inspection
from tests.fakes.paper_printer import PaperPrinter

UPS, FOREIGN = "1Z999AA10123456784", "5901234123457"
PLACES = Places(
    (
        PlaceRule("tote 14", "back_to_stock"),
        PlaceRule("safe", "back_to_stock", price_from=Decimal(200)),
        PlaceRule("bin 3", "recycle"),
    )
)


@pytest.fixture
async def rig() -> AsyncIterator[BenchRig]:
    made = BenchRig(
        a_return(
            parcels=(a_parcel(UPS),),
            lines=(
                a_line("30000001", title="Trail Socks", price=a_money("12.00")),
                a_line("30000002", title="Watch", price=a_money("400.00")),
            ),
        )
    )
    made.work_by(replace(VOCABULARY, places=PLACES))
    yield await made.open()
    await made.close()


async def test_a_grade_says_the_place_on_the_band_and_on_the_line(rig: BenchRig) -> None:
    await rig.scan(UPS)
    screen = await rig.press("grade_a")
    assert screen.band.sentence.endswith("→ Back to stock · tote 14")
    assert screen.lines[0].decided_detail == "Back to stock · tote 14"
    screen = await rig.press("grade_a")
    assert screen.band.sentence.endswith("→ Back to stock · safe")
    assert screen.lines[1].decided_detail == "Back to stock · safe"


async def test_another_disposition_says_its_own_place(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_a")
    rig.bench.select_line(0)
    screen = await rig.press("disposition_recycle")
    assert screen.band.word == "Recycle"
    assert screen.band.sentence.endswith("→ bin 3")
    assert screen.item is not None
    assert [x.text for x in screen.item.dispositions] == [
        "Back to stock · tote 14",
        "Hold for resale",
        "Recycle · bin 3",
        "Donate",
    ]


async def test_lines_that_go_to_different_places_are_told_each_place_once(rig: BenchRig) -> None:
    await rig.scan(UPS)
    screen = await rig.press("rest_a")
    assert screen.band.sentence == "2 lines → Back to stock · tote 14 · safe"


async def test_what_is_missing_goes_nowhere(rig: BenchRig) -> None:
    await rig.scan(UPS)
    screen = await rig.press("grade_missing")
    assert "→" not in screen.band.sentence


# --- labels -----------------------------------------------------------------------------------------


@pytest.fixture
def printer(rig: BenchRig) -> PaperPrinter:
    rig.printer = PaperPrinter()
    return rig.printer


async def test_one_press_prints_the_line_that_was_decided_last(rig: BenchRig, printer: PaperPrinter) -> None:
    await rig.scan(UPS)
    await rig.press("grade_a")
    screen = await rig.press("label")
    (label,) = printer.labels
    assert (label.code, label.heading, label.copies) == ("30000001LDTOTE14", "tote 14", 1)
    assert label.lines[0].startswith("Trail Socks")
    assert label.lines[1].endswith("A · Back to stock")
    assert label.lines[2] == "#1164"
    assert screen.band.word == "Label"
    assert screen.band.sentence == f"Sent to the printer: {label.lines[0]} · #1164."
    await rig.press("label")
    assert printer.labels == [label, label]


async def test_every_exception_is_one_press_also_where_labels_are_printed(
    rig: BenchRig, printer: PaperPrinter
) -> None:
    await rig.scan(UPS)
    beside = [button.command for button in rig.screen.commands]
    assert {"label", "empty_box", "wrong_parcel", "flag", "park"} <= set(beside)
    assert rig.screen.more[0].command == "note"
    screen = await rig.press("wrong_parcel")
    assert screen.band.word == "Kept"


async def test_a_line_chosen_by_hand_is_printed_instead_and_a_code_does_the_same(
    rig: BenchRig, printer: PaperPrinter
) -> None:
    await rig.scan(UPS)
    await rig.press("rest_a")
    rig.bench.select_line(0)
    await rig.scan("LDCMDLABEL")
    rig.bench.select_line(1)
    await rig.scan("LDCMDLABEL")
    assert [x.heading for x in printer.labels] == ["tote 14", "safe"]


async def test_a_settled_return_can_still_be_labeled(rig: BenchRig, printer: PaperPrinter) -> None:
    await rig.scan(UPS)
    await rig.press("rest_a", "confirm")
    assert rig.screen.band.word == "Kept"
    rig.bench.select_line(1)
    await rig.press("label")
    assert [x.heading for x in printer.labels] == ["safe"]


async def test_without_a_printer_the_press_is_answered_and_no_button_is_there(rig: BenchRig) -> None:
    await rig.scan(UPS)
    await rig.press("grade_a")
    assert "label" not in [x.command for x in rig.screen.commands]
    screen = await rig.press("label")
    assert "No label printer is set." in screen.band.detail + screen.band.sentence


async def test_what_is_not_graded_or_missing_has_no_label(rig: BenchRig, printer: PaperPrinter) -> None:
    await rig.scan(UPS)
    assert "label" in [x.command for x in rig.screen.commands]
    screen = await rig.press("label")
    assert screen.band.word == "Blocked"
    await rig.press("grade_missing")
    assert (await rig.press("label")).band.word == "Blocked"
    assert printer.labels == []


OLD = "The label of Trail Socks — Blue / M says Back to stock · tote 14, not Recycle · bin 3."
"""How a warning begins whose label names a place where the item does not go any more."""


def warnings(screen: BenchScreen) -> str:
    """What stands in the head about labels."""
    assert screen.header is not None
    return "\n".join(each for each in screen.header.warnings if "abel" in each)


async def test_by_itself_a_decision_prints_once_and_another_decision_says_that_the_label_is_wrong(
    rig: BenchRig, printer: PaperPrinter
) -> None:
    rig.prints_by = PrintsBy.DECIDED
    await rig.scan(UPS)
    screen = await rig.press("grade_a")
    assert [x.heading for x in printer.labels] == ["tote 14"]
    assert screen.band.word != "Label"
    rig.bench.select_line(0)
    await rig.press("grade_a")
    assert len(printer.labels) == 1
    rig.bench.select_line(0)
    screen = await rig.press("disposition_recycle")
    assert (screen.band.signal, screen.band.word) == (Signal.ATTENTION, "Recycle")
    assert screen.band.detail.startswith(OLD)
    assert warnings(screen).startswith(OLD)
    assert [x.heading for x in printer.labels] == ["tote 14"]
    assert warnings(await rig.press("undo")) == "", "the label is right again"
    await rig.press("disposition_recycle", "label")
    assert [x.heading for x in printer.labels] == ["tote 14", "bin 3"]
    assert warnings(rig.screen) == ""
    screen = await rig.press("undo")
    assert screen.band.word == "Taken back"
    assert "says Recycle · bin 3, not Back to stock · tote 14" in screen.band.detail
    assert warnings(screen) == screen.band.detail


async def test_the_same_place_with_another_grade_is_told_by_its_grade(
    rig: BenchRig, printer: PaperPrinter
) -> None:
    rig.prints_by = PrintsBy.DECIDED
    await rig.scan(UPS)
    await rig.press("grade_a")
    rig.bench.select_line(0)
    screen = await rig.press("grade_b")
    assert "says A, not B." in screen.band.detail
    rig.bench.select_line(0)
    screen = await rig.press("grade_missing")
    assert screen.band.detail.startswith("Throw away the label of Trail Socks")
    assert "it says Back to stock · tote 14, and the item is missing." in screen.band.detail


async def test_a_wrong_label_is_still_told_after_a_restart_and_no_second_one_is_printed_by_itself(
    rig: BenchRig, printer: PaperPrinter
) -> None:
    rig.prints_by = PrintsBy.DECIDED
    await rig.scan(UPS)
    await rig.press("grade_a")
    rig.bench.select_line(0)
    await rig.press("disposition_recycle", "park")
    again = BenchRig()
    again.store, again.printer, again.prints_by = rig.store, PaperPrinter(), PrintsBy.DECIDED
    again._wire()
    again.work_by(rig.parts.inspection.vocabulary)
    await again.open()
    assert warnings(await again.scan(UPS)).startswith(OLD)
    again.bench.select_line(0)
    screen = await again.press("disposition_hold")
    assert again.printer.labels == []
    assert "not Hold for resale" in warnings(screen)
    again.bench.select_line(0)
    screen = await again.press("label")
    assert [x.heading for x in again.printer.labels] == ["Hold for resale"]
    assert warnings(screen) == ""
    await again.close()


async def test_a_label_that_did_not_come_out_is_no_wrong_one_and_the_next_decision_prints_its_own(
    rig: BenchRig, printer: PaperPrinter
) -> None:
    rig.prints_by, printer.answer = PrintsBy.DECIDED, NotPrinted(PrinterState.PAPER_OUT)
    await rig.scan(UPS)
    await rig.press("grade_a")
    printer.answer = PrinterState.READY
    rig.bench.select_line(0)
    screen = await rig.press("disposition_recycle")
    assert [x.heading for x in printer.labels] == ["bin 3"]
    assert warnings(screen) == ""


async def test_a_wrong_label_is_told_before_what_else_is_asked(rig: BenchRig, printer: PaperPrinter) -> None:
    rig.prints_by = PrintsBy.DECIDED
    await rig.scan(UPS)
    await rig.press("grade_a")
    rig.bench.select_line(0)
    screen = await rig.press("grade_wrong")
    assert screen.band.detail.startswith("The label of Trail Socks")
    assert screen.band.detail.endswith("Scan what came instead, or go on. Ctrl+E describes it.")


async def test_several_wrong_labels_are_printed_again_by_one_press(
    rig: BenchRig, printer: PaperPrinter
) -> None:
    rig.prints_by = PrintsBy.DECIDED
    await rig.scan(UPS)
    await rig.press("rest_a", "undo", "select_all")
    screen = await rig.press("grade_d")
    assert screen.band.detail.startswith("2 labels say something else than what is decided now: Trail Socks")
    assert [x.heading for x in printer.labels] == ["tote 14", "safe"]
    screen = await rig.press("label")
    assert [x.heading for x in printer.labels] == ["tote 14", "safe", "bin 3", "bin 3"]
    assert warnings(screen) == ""


async def test_by_itself_a_settlement_prints_what_is_in_the_parcel(
    rig: BenchRig, printer: PaperPrinter
) -> None:
    rig.prints_by = PrintsBy.SETTLED
    await rig.scan(UPS)
    await rig.press("grade_a", "grade_missing")
    assert printer.labels == []
    await rig.press("confirm")
    assert [x.heading for x in printer.labels] == ["tote 14"]


@pytest.mark.fault(185)
async def test_what_was_printed_by_itself_is_not_printed_again_after_a_crash_and_that_is_said(
    rig: BenchRig, printer: PaperPrinter
) -> None:
    rig.prints_by, printer.is_stuck = PrintsBy.DECIDED, True
    await rig.scan(UPS)
    await rig.press("grade_a")
    again = BenchRig()
    again.store, again.printer, again.prints_by = rig.store, PaperPrinter(), PrintsBy.DECIDED
    again._wire()
    again.work_by(rig.parts.inspection.vocabulary)
    await again.open()
    again.parts.labels.recover()
    await again.clock.settle()
    assert again.screen.band.word == "Label?"
    assert "May not have printed: Trail Socks" in again.screen.band.sentence
    screen = await again.scan(UPS)
    assert screen.header is not None
    assert any("May not have printed: Trail Socks" in each for each in screen.header.warnings)
    again.bench.select_line(0)
    await again.press("grade_a")
    assert again.printer.labels == []
    again.bench.select_line(0)
    screen = await again.press("label")
    assert [x.heading for x in again.printer.labels] == ["tote 14"]
    assert screen.header is not None
    assert not any("May not have printed" in each for each in screen.header.warnings)
    await again.close()


@pytest.mark.fault(183)
async def test_a_printer_that_is_off_is_said_beside_the_next_answer_and_holds_nobody_up(
    rig: BenchRig, printer: PaperPrinter
) -> None:
    rig.prints_by, printer.answer = PrintsBy.DECIDED, NotPrinted(PrinterState.PAPER_OUT)
    await rig.scan(UPS)
    screen = await rig.press("grade_a")
    assert screen.band.word.startswith("A")
    assert "Not printed: Trail Socks" in screen.band.detail
    assert "The label printer has no labels left." in screen.band.detail
    screen = await rig.press("grade_a", "confirm")
    assert screen.band.word == "Kept"


@pytest.mark.fault(183)
async def test_a_press_that_prints_nothing_is_answered_with_why(rig: BenchRig, printer: PaperPrinter) -> None:
    printer.answer = NotPrinted(PrinterState.UNREACHABLE)
    await rig.scan(UPS)
    await rig.press("grade_a")
    screen = await rig.press("label")
    assert (screen.band.word, screen.band.signal) == ("No label", Signal.ATTENTION)
    assert screen.band.sentence.startswith("Not printed: Trail Socks")
    assert "cannot be reached" in screen.band.detail
    printer.answer = PerhapsPrinted(PrinterState.HANGS)
    screen = await rig.press("label")
    assert screen.band.sentence.startswith("May not have printed: Trail Socks")
    printer.answer = PrinterState.SILENT
    screen = await rig.press("label")
    assert "look whether the label came out" in screen.band.sentence


@pytest.mark.fault(183)
async def test_a_printer_that_hangs_lets_everything_else_go_on(rig: BenchRig, printer: PaperPrinter) -> None:
    rig.prints_by, printer.is_stuck = PrintsBy.DECIDED, True
    await rig.scan(UPS)
    screen = await rig.press("grade_a", "grade_a", "confirm")
    assert screen.band.word == "Kept"


async def test_a_mystery_parcel_is_labeled_with_its_number(rig: BenchRig, printer: PaperPrinter) -> None:
    rig.prints_by = PrintsBy.SETTLED
    await rig.press("mystery", "confirm")
    (label,) = printer.labels
    assert (label.code, label.heading) == ("LDM1", "Mystery 1")
    assert "label" in [x.command for x in rig.screen.commands]
    await rig.press("label")
    assert printer.labels == [label, label]
    await rig.scan(UPS)
    assert (await rig.press("label")).band.word == "Blocked"


async def test_an_item_on_no_line_has_a_label_with_its_own_code_and_place(
    rig: BenchRig, printer: PaperPrinter
) -> None:
    await rig.scan(UPS, FOREIGN)
    await rig.press("text_1")
    rig.bench.select_line(2)
    screen = await rig.press("label")
    assert (screen.band.word, printer.labels) == ("Blocked", [])
    rig.prints_by = PrintsBy.DECIDED
    await rig.press("grade_a")
    (label,) = printer.labels
    assert (label.code, label.heading) == ("70000001X1LDTOTE1", "tote 14")
    assert len(label.code) == len("30000001LDTOTE14") + 1
    assert label.lines == (FOREIGN, f"{FOREIGN} · A · Back to stock", "#1164")
    rig.bench.select_line(2)
    screen = await rig.press("disposition_recycle")
    assert f"The label of {FOREIGN} says Back to stock · tote 14, not Recycle · bin 3." in warnings(screen)
    await rig.press("label")
    assert [x.heading for x in printer.labels] == ["tote 14", "bin 3"]
    screen = await rig.scan(label.code)
    assert screen.band.word == "Unknown"
    assert "label" in screen.band.sentence, "our own label is known as such"


async def test_units_of_one_line_have_a_label_each() -> None:
    twins = a_return(lines=(a_line("30000001"), a_line("30000001")))
    draft = Draft(twins.return_id, inspections=(an_inspection("30000001"),))
    (job,) = goods.jobs(twins, goods.of_draft(twins, draft), VOCABULARY)
    assert job.label.copies == 2

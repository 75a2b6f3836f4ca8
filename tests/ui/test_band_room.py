"""The band has room for every word and sentence that the bench says, in each language and window."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import loopdesk.presenters.bench
from loopdesk.domain.printing.printers import PrinterState
from loopdesk.i18n import catalogue
from loopdesk.i18n.languages import catalogue_of
from loopdesk.presenters.bench.labels import put_away
from loopdesk.presenters.screens.window import BandScreen, Countdown, Signal
from loopdesk.presenters.words import errors, words
from loopdesk.services.ports.labels import PrintStage
from loopdesk.services.station.events import LabelsEnded
from loopdesk.ui.assets import resource_root
from loopdesk.ui.widgets.band import SignalBand
from tests.ui.legible import SIZES, illegible

VALUES = {
    "order": "#20417",
    "n": "12",
    "all": "3",
    "time": "10:41",
    "code": "9405511899222319741011",
    "line": "Merino Beanie - Charcoal",
    "rma": "91000123",
    "id": "91000123",
    "sum": "1,249.34 USD",
}
"""What a sentence's placeholders are filled with, by name; any other gets a word."""


@pytest.fixture
def speaking(dressed: QApplication) -> Iterator[QApplication]:
    yield dressed
    catalogue.use(None)


def said_by_the_bench() -> tuple[set[str], set[str]]:
    """Return the words and the sentences that the bench's presenters say on the band, in English.

    A call that names a ``Signal`` says its next argument as the word, and the others below it. A sentence may
    have been assigned to a name before.
    """
    big: set[str] = set()
    rest: set[str] = set()
    for path in sorted(Path(loopdesk.presenters.bench.__path__[0]).glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and any(_is_signal(arg) for arg in node.args):
                place = next(n for n, arg in enumerate(node.args) if _is_signal(arg))
                big |= {text for arg in node.args[place + 1 : place + 2] for text in _texts(arg)}
                rest |= {text for arg in node.args[place + 2 :] for text in _texts(arg)}
            elif isinstance(node, ast.Assign):
                rest |= {text for text in _texts(node.value) if text.endswith(".")}
    return big, rest


def told_of_failures() -> list[tuple[str, str]]:
    """Return what the band says of refusals, failures and bugs, with what to do about each, in English."""
    fault = ast.parse(inspect.getsource(errors.fault))
    bug, go_on = _texts(fault)
    return [
        *((text, "") for text in errors._RULES.values()),
        *errors._WORDS.values(),
        *errors._EXACT.values(),
        (bug, go_on),
    ]


def _is_signal(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Signal"


def _texts(node: ast.AST) -> Iterator[str]:
    for call in ast.walk(node):
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name)
            and call.func.id in ("_", "ngettext", "N_")
        ):
            for arg in call.args:
                if isinstance(arg, ast.Constant) and isinstance(arg.value, str):
                    yield arg.value


def filled(text: str) -> str:
    """Translate a text and fill its placeholders."""
    names = [name for _, name, _, _ in Formatter().parse(text) if name]
    return catalogue._(text, **{name: VALUES.get(name, "Remove and process") for name in names})


def test_the_words_and_sentences_of_the_bench_are_found() -> None:
    big, rest = said_by_the_bench()
    assert {"Ready", "Found", "Kept offline", "Taken back", "Not on this return"} <= big
    assert {"Undo costs nothing now.", "Scan a label."} & rest
    assert ("Decide every line first.", "") in told_of_failures()
    assert len(told_of_failures()) > 60
    assert len(big) > 20
    assert len(rest) > 25


@pytest.mark.parametrize("language", ["en", "de", "pseudo"])
@pytest.mark.parametrize("width", [width for width, _ in SIZES])
def test_the_band_has_room_for_everything_that_the_bench_says(
    width: int, language: str, speaking: QApplication, qtbot: QtBot
) -> None:
    catalogue.use(catalogue_of(language, resource_root() / "locales"))
    band = SignalBand()
    qtbot.addWidget(band)
    band.resize(width, band.height())
    band.show()
    found = []
    big, rest = said_by_the_bench()
    calm = filled("Undo costs nothing now.")
    screens = [
        BandScreen(Signal.FOUND, filled(word), calm, practice=True, undo="#20417") for word in sorted(big)
    ]
    for text in sorted(rest):
        detail = filled("Offline since {time}. Go on working.")
        screens.append(
            BandScreen(Signal.FOUND, filled("Found"), filled(text), detail, practice=True, undo="#20417")
        )
    for text, advice in told_of_failures():
        word, undo = filled("Not kept"), "#20417"
        screens.append(
            BandScreen(Signal.BLOCKED, word, filled(text), filled(advice), practice=True, undo=undo)
        )
    going = filled("Goes to Loop in {n} seconds. Undo costs nothing until then.")
    kept = filled("{what}. Saved on this station.")
    screens.append(
        BandScreen(Signal.KEPT, filled("Kept"), going, kept, Countdown(12, 30), practice=True, undo="#20417")
    )
    for screen in screens:
        band.render(screen)
        found += [f"{screen.word}: {screen.sentence} | {what}" for what in illegible(band)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("state", [state for state in PrinterState if state is not PrinterState.READY])
def test_the_narrowest_band_has_room_for_what_the_printer_says_beside_a_settlement(
    state: PrinterState, language: str, speaking: QApplication, qtbot: QtBot
) -> None:
    catalogue.use(catalogue_of(language, resource_root() / "locales"))
    band = SignalBand()
    qtbot.addWidget(band)
    band.resize(SIZES[0][0], band.height())
    band.show()
    ended = LabelsEnded((VALUES["line"],), PrintStage.FAILED, state, by_itself=True)
    said = (put_away.outcome(ended), filled("{what}. Saved on this station."))
    going = filled("Goes to Loop in {n} seconds. Undo costs nothing until then.")
    band.render(
        BandScreen(
            Signal.KEPT,
            filled("Kept"),
            going,
            words.listed(said),
            practice=True,
            progress="3 von 3",
            progress_detail=filled("all decided"),
        )
    )
    assert illegible(band) == []

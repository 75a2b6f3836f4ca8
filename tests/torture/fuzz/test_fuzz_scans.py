"""Whatever is scanned: nothing crashes, no request carries an invalid id, no widget acts."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLineEdit,
    QMainWindow,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from loopdesk.domain.errors import ApiError
from loopdesk.domain.labels.classify import classify
from loopdesk.domain.labels.scans import CandidateKind, Meaning
from loopdesk.services.bench.lookup import Lookup
from loopdesk.services.station.events import Feed
from loopdesk.ui import texts
from loopdesk.ui.input.scan_filter import ScanFilter
from tests.fakes.faults import unexpected
from tests.fakes.memory_store import MemoryStore
from tests.torture import figures
from tests.torture.fuzz import inputs
from tests.ui import keys
from tests.unit.api.bench import Bench, TickingClock, a_bench, answer

ASKED_EVERY = 20
"""One in this many scans is also looked up at Loop."""

PATHS = frozenset({"/api/v1/warehouse/return/details", "/api/v1/warehouse/return/list"})
IDS = re.compile(r"[0-9]{1,19}", re.ASCII)
KINDS = frozenset(CandidateKind)


@pytest.mark.fault(97, 101)
async def test_whatever_is_scanned_no_request_carries_what_is_no_id() -> None:
    scans = figures.size("scans", 4_000, 2_000_000)
    counts = figures.begin("scan strings", figures.seed())
    chance = random.Random(figures.seed())
    bench = a_bench(answer({"errors": {"message": "Return not found."}}))
    lookup = _lookup(bench)
    for number in range(scans):
        if not figures.has_time(counts):
            break
        counts.trials += 1
        raw = inputs.scan(chance)
        meaning = classify(raw, order_prefixes=("EX-",))
        _check(raw, meaning)
        texts.clean(raw)
        if number % ASKED_EVERY == 0 and meaning.candidates:
            try:
                await lookup.ask_loop(meaning.candidates)
            except ApiError:
                counts.more["refused lookups"] = int(counts.more.get("refused lookups", 0)) + 1
            for seen in bench.seen:
                _check_request(raw, seen.path, seen.raw_query)
            counts.steps += len(bench.seen)
            bench.seen.clear()
    await bench.transport.aclose()
    counts.end()
    assert counts.steps > counts.trials / ASKED_EVERY / 4


def _lookup(bench: Bench) -> Lookup:
    async def nothing(*_: object) -> None:
        return

    store = MemoryStore()
    return Lookup(
        cache=store.returns,
        openings=store.openings,
        gateway=bench.client,
        clock=TickingClock(),
        feed=Feed(unexpected),
        newest=(nothing,),
        synced_at=lambda: None,
        stations=lambda: 1,
        observe=nothing,
    )


def _check(raw: str, meaning: Meaning) -> None:
    assert meaning.candidates or meaning.hint, repr(raw)
    for candidate in meaning.candidates:
        assert candidate.kind in KINDS
        assert 0 < len(candidate.code) <= 128, repr(raw)
        assert candidate.code.isprintable(), repr(raw)


def _check_request(raw: str, path: str, query: str) -> None:
    assert path in PATHS, (raw, path)
    assert query.isascii(), (raw, query)
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in ("return_id", "order_id"):
            assert IDS.fullmatch(value), (raw, query)
        assert value.isprintable(), (raw, query)


class _Trap:
    """A window with everything that a key could trigger."""

    def __init__(self, app: QApplication) -> None:
        self.scans: list[str] = []
        self.fired: list[str] = []
        self.window = QMainWindow()
        content = QWidget()
        self.edit, self.combo, button = QLineEdit(), QComboBox(), QPushButton("&Go")
        self.combo.addItems(["one", "two", "1Z", "91"])
        button.setDefault(True)
        button.clicked.connect(self._fire)
        layout = QVBoxLayout(content)
        for widget in (self.edit, self.combo, button):
            layout.addWidget(widget)
        self.window.setCentralWidget(content)
        for key in ("Return", "Enter", "Ctrl+A", "Ctrl+M", "Ctrl+J", "F12", "1", "A", "Esc", "Tab"):
            QShortcut(QKeySequence(key), self.window).activated.connect(self._fire)
        self.filter = ScanFilter(app)
        self.filter.scanned.connect(self.scans.append)
        self.window.show()
        self.edit.setFocus()

    def _fire(self) -> None:
        self.fired.append("something")

    def state(self) -> tuple[object, ...]:
        """All that a key could change."""
        return self.edit.text(), self.combo.currentIndex(), list(self.fired), QApplication.focusWidget()


@pytest.fixture
def trap(qapp: QApplication) -> Iterator[_Trap]:
    """A window full of traps, behind the scan filter."""
    made = _Trap(qapp)
    yield made
    made.filter.remove()
    made.filter.deleteLater()
    made.window.deleteLater()


@pytest.mark.fault(94, 95, 100)
def test_whatever_is_scanned_into_a_window_activates_nothing(trap: _Trap) -> None:
    scans = figures.size("scan_events", 200, 10_000)
    counts = figures.begin("scans as key events", figures.seed())
    chance = random.Random(figures.seed() + 1)
    before = trap.state()
    for number in range(scans):
        if not figures.has_time(counts):
            break
        counts.trials += 1
        code = "".join(sign for sign in inputs.scan(chance) if "\x20" < sign < "\x7f" or sign in "\x1d\x1e")
        if len(code) < 6 or len(set(code)) < 3:
            continue
        got = len(trap.scans)
        keys.scan(trap.window, code, terminator=chance.choice(("\r", "\t", "\r\n", "")))
        assert trap.state() == before, (number, code)
        counts.steps += len(trap.scans) - got
    counts.end()
    assert counts.steps > counts.trials / 2

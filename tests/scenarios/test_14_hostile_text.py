"""Whatever Loop or a label says is shown as plain text, opens nothing, and is never requested."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from PySide6.QtCore import QAbstractListModel, QModelIndex, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QAbstractItemView, QApplication, QLabel, QTextEdit, QWidget

from loopdesk.domain.outbox.stages import Stage
from loopdesk.presenters.screens.window import Signal
from loopdesk.simulator.barcodes import ups
from loopdesk.simulator.samples import SAMPLES
from loopdesk.simulator.truth import Exchange, Label, LineItem, Note, Return
from loopdesk.ui.main_window import BENCH, PLACES
from tests.scenarios import traffic
from tests.scenarios.desk import Desk
from tests.scenarios.opened_files import OpenedFiles
from tests.simulator_thread import SimulatorThread

VIEWS = (*(name for name, _ in PLACES if name != BENCH), BENCH)
MOST_SHOWN = 5000
"""No widget is given more characters than this, whatever Loop sends."""

MARKUP = re.compile(r"<(img|a|b|script)\b", re.IGNORECASE)
"""Markup of the hostile texts; a tool tip shows markup whenever it looks like some."""

ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\u200e\u200f]")
"""Characters that move the cursor or reverse the reading direction."""

IDS = {
    "path": "1/../2/cancel",
    "query": "1?x=1#f",
    "escaped": "1%2F..%2F2",
    "line end": "1\r\nX-Evil: 1",
    "markup": "<img src=x>",
    "full width": "１２３４５",
    "arabic": "٣٤٥٦٧",
    "negative": "-5",
    "huge": "9" * 400,
}
CODES = (
    *IDS.values(),
    "../../../etc/passwd",
    "'; DROP TABLE entry; --",
    "https://admin.loopreturns.com/return/1/../2/cancel?return_id=1%2F..%2F2#f",
    "loop://return/1;DROP",
    "\u202e7654321",
    "=HYPERLINK('http://evil.example.test')",
    "%s%n{0}${7*7}",
    "\x1b[31m\x07bell",
    "\ud800half a character",
    "W" * 4000,
)


@pytest.fixture
def probe(tmp_path: Path, qapp: QApplication) -> Path:
    """Return a picture that nothing may open."""
    assert qapp is not None
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    file = tmp_path / "probe.png"
    assert image.save(str(file))
    return file


def _texts(probe: Path) -> dict[str, str]:
    """Return hostile texts by what they attempt."""
    return {
        "image": f"<img src='{probe}'><img src='file://{probe}'>",
        "link": f"<a href='file://{probe}'>order</a><b>&amp;</b>",
        "bidi": "\u202egnp.exe\u202c \u2066hidden\u2069\u200f",
        "control": "a\x00b\x07\x1b[31mc\r\nd\x7f",
        "long": "<b>W</b>" * 12_500,
        "words": "&Return &&all [*] %1 {0} \\u0000 '; DROP TABLE entry; --",
    }


def _hostile(number: int, text: str, probe: Path) -> Return:
    """Make a return with the same hostile text in every field that a shop or a shopper can write."""
    made = datetime.now(UTC) - timedelta(hours=3)
    line = LineItem(
        line_item_id=str(98_000_000 + number),
        provider_line_item_id=text,
        title=text,
        price=Decimal("20.00"),
        product_id=text,
        variant_id=text,
        variant_title=text,
        sku=text,
        barcode=text,
        image=f"file://{probe}",
        reason=text,
        parent_reason=text,
        comment=text,
    )
    return Return(
        return_id=str(98_500_000 + number),
        order_id=str(98_600_000 + number),
        order_name=text,
        provider_order_id=str(98_700_000 + number),
        created_at=made,
        updated_at=made,
        lines=[line],
        type=text,
        country=text,
        customer_email=text,
        customer_first_name=text,
        customer_last_name=text,
        exchanges=[Exchange(str(98_800_000 + number), text, text, Decimal("20.00"))],
        labels=[
            Label(_number(number), text, text, made, url=f"file://{probe}", line_item_ids=[line.line_item_id])
        ],
        package_reference=text,
        notes=[Note(98_900_000 + number, text, made, text)],
        additional_details=[{"key": text, "value": text}],
    )


def _number(number: int) -> str:
    return ups(8_500_000 + number)


# --- what is on screen ----------------------------------------------------------------------------------


def _unsafe(window: QWidget) -> Iterator[str]:
    """Name the widgets that show anything but plain, short text."""
    for widget in (window, *window.findChildren(QWidget)):
        name = f"{type(widget).__name__} {widget.objectName()}"
        if isinstance(widget, QLabel):
            if widget.textFormat() is not Qt.TextFormat.PlainText and widget.text():
                yield f"{name}: may be markup, {widget.text()[:80]!r}"
            yield from _unsafe_text(name, widget.text())
        if isinstance(widget, QTextEdit):
            yield from _unsafe_text(name, widget.toPlainText())
        if isinstance(widget, QAbstractItemView) and widget.model() is not None:
            yield from _unsafe_model(name, widget)
        yield from _unsafe_tip(name, widget.toolTip())
        for text in (widget.accessibleName(), widget.accessibleDescription(), widget.windowTitle()):
            yield from _unsafe_text(name, text)


def _unsafe_text(name: str, text: str) -> Iterator[str]:
    if len(text) > MOST_SHOWN:
        yield f"{name}: {len(text)} characters"
    if ACTING.search(text.replace("\n", " ").replace("\t", " ")):
        yield f"{name}: an acting character in {text[:80]!r}"


def _unsafe_tip(name: str, tip: object) -> Iterator[str]:
    text = str(tip or "")
    if MARKUP.search(text):
        yield f"{name}: markup in the tool tip {text[:80]!r}"
    yield from _unsafe_text(f"{name}, tool tip", text)


def _unsafe_model(name: str, view: QAbstractItemView) -> Iterator[str]:
    model = view.model()
    # Qt keeps the column count of its list models to itself.
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(QModelIndex())
    for row in range(model.rowCount(QModelIndex())):
        for column in range(columns):
            index = model.index(row, column)
            yield from _unsafe_tip(name, index.data(Qt.ItemDataRole.ToolTipRole))
            for role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
                text = index.data(role)
                if isinstance(text, str):
                    yield from _unsafe_text(f"{name}, cell", text)


async def _look(desk: Desk) -> None:
    """Paint the window and every tool tip, and look at each of its widgets."""
    await desk.at_rest()
    found: list[str] = []
    await desk.hand.do(lambda: found.extend(_unsafe(desk.session.window)))
    await desk.hand.do(lambda: _paint(desk.session.window))
    assert found == []


def _paint(window: QWidget) -> None:
    window.grab()


async def _look_everywhere(desk: Desk) -> None:
    for name in VIEWS:
        await desk.hand.do(lambda n=name: desk.session.window.show_view(n))  # type: ignore[misc]
        await desk.at_rest()
        await _look(desk)


# --- what was asked -----------------------------------------------------------------------------------

_PATHS = re.compile(
    r"^/api/v1/(destinations|dispositioning/(grade|assess)|warehouse/return/(list|details)"
    r"|warehouse/reporting/asn|happy-returns/shipments(/[0-9]{1,19}/items)?"
    r"|warehouse/return/[0-9]{1,19}/(notes?|flag|process|remove|cancel|close))$"
)
_FREE = frozenset({"order_name", "name", "cursor", "from", "to", "filter", "state", "paginate", "pageSize"})


def _wrong_requests(shop: SimulatorThread) -> list[str]:
    """Return the requests with an id that is none, or to somewhere else."""
    wrong = []
    for seen in shop.requests():
        ids = [value for name, value in parse_qsl(seen.query, keep_blank_values=True) if name not in _FREE]
        if not _PATHS.match(seen.path) or not all(re.fullmatch("[0-9]{1,19}", each) for each in ids):
            wrong.append(f"{seen.method} {seen.path}?{seen.query}")
    return wrong


# --- the tests ----------------------------------------------------------------------------------------


@pytest.mark.fault(103, 106)
@pytest.mark.parametrize("kind", ["image", "link", "bidi", "control", "long", "words"])
def test_what_loop_says_is_shown_as_plain_text_and_opens_nothing(
    desk: Desk, shop: SimulatorThread, probe: Path, kind: str
) -> None:
    text = _texts(probe)[kind]
    first, second = _hostile(1, text, probe), _hostile(2, text, probe)
    shop.loop.add(first)
    shop.loop.add(second)
    shop.loop.destinations[0].name = text

    async def body() -> None:
        await desk.synced()
        await desk.scan(_number(1))
        await desk.hand.until("the return", lambda: _open_id(desk) == first.return_id)
        await desk.hand.until("its notes", lambda: bool(desk.screen.header and desk.screen.header.notes))
        assert desk.screen.lines[0].title.startswith(text[:40]), "it is there to be shown"
        await _look(desk)
        await desk.press("F2")
        await desk.press(*"<b>", "\r")
        await desk.press("1")
        await _look(desk)
        await desk.press("F4")
        await _look(desk)
        await desk.press("Esc")
        shop.act("set_state", first.return_id, state="review")
        shop.act("edit", first.return_id, set={"order_name": f"{text}2"})
        await desk.press("F12")
        await desk.until_lane(first.return_id, Stage.PARKED, Stage.DONE)
        await _look_everywhere(desk)
        await desk.hand.do(lambda: desk.session.window.show_view("search"))
        await desk.press(*"w<a")
        await _look(desk)
        await desk.scan(_number(2), "LDCMDPARK")
        await _look(desk)

    with OpenedFiles(probe) as opened:
        desk.play(body)
        assert opened.count() == 0, "the probe was opened"
    assert _wrong_requests(shop) == []


def _open_id(desk: Desk) -> str:
    return desk.screen.header.return_id if desk.screen.header is not None else ""


@pytest.mark.fault(101)
@pytest.mark.parametrize("source", ["gun", "typed"])
def test_hostile_codes_are_kept_shown_plain_and_never_asked_for_as_ids(
    desk: Desk, shop: SimulatorThread, probe: Path, source: str
) -> None:
    codes = (*CODES, f"<img src='{probe}'>", f"file://{probe}", str(probe))

    async def body() -> None:
        await desk.synced()
        for code in codes:
            await desk.hand.do(lambda c=code: desk.session.intake.receive(c, source))  # type: ignore[misc]
            await desk.hand.until(
                "the answer", lambda: not any("ask loop" in x for x in desk.program.parts.tasks.names), 60
            )
            await _look(desk)
            assert desk.screen.band.signal is not Signal.BLOCKED or desk.screen.band.word == "Blocked"
            await desk.press("F12")
            await _look(desk)
        assert len(await desk.runtime.store.audit.rows("scan")) == len(codes)
        assert await desk.runtime.store.audit.verify() is None
        await _look_everywhere(desk)
        await desk.open(SAMPLES["single"])

    with OpenedFiles(probe) as opened:
        desk.play(body)
        assert opened.count() == 0, "the probe was opened"
    assert _wrong_requests(shop) == []
    assert shop.requests("POST") == []


@pytest.mark.fault(101)
def test_an_id_that_is_none_is_never_asked_for(desk: Desk, shop: SimulatorThread) -> None:
    """The list carries one sound return and copies of it with ids that would change a request's path."""
    sample = SAMPLES["single"]
    sound = _listed(shop, sample.return_id)
    rows = [sound]
    for number, bad in enumerate(IDS.values()):
        lines = [{**sound["line_items"][0], "line_item_id": bad}]
        rows.append({**_renumbered(sound, 100 + number), "id": bad})
        rows.append({**_renumbered(sound, 200 + number), "line_items": lines})
        rows.append({**_renumbered(sound, 300 + number), "order_id": bad, "provider_order_id": bad})
    answer = json.dumps({"returns": rows, "nextPageUrl": None, "previousPageUrl": None})
    shop.fault("answer", path="/return/list$", body=answer, status=200)

    async def body() -> None:
        await desk.synced()
        for number, bad in enumerate(IDS.values()):
            await desk.scan(_number(100 + number), _number(200 + number), _number(300 + number))
            assert _open_id(desk) == str(98_500_300 + number), "only its order's id is no number"
            await desk.press("1", "F12")
            await desk.hand.do(lambda code=bad: desk.session.intake.receive(code, "gun"))  # type: ignore[misc]
            await desk.at_rest()
            await _look(desk)
        await desk.open(sample)
        await desk.refreshed(sample)
        await desk.press("1", "F12")
        await desk.until_lane(sample.return_id, Stage.DONE)

    desk.play(body)

    assert _wrong_requests(shop) == []
    assert shop.truth(sample.return_id)["processings"] == 1
    assert traffic.acts(traffic.posts(shop, sample)) == ["grade", "assess", "process"]


def test_details_that_carry_another_id_change_nothing_of_the_other(desk: Desk, shop: SimulatorThread) -> None:
    sample, other = SAMPLES["single"], SAMPLES["warranty"]
    details = {**_details(shop, sample.return_id), "id": other.return_id, "state": "closed"}
    shop.fault("answer", path="/return/details$", body=json.dumps(details), status=200)

    async def body() -> None:
        await desk.synced()
        await desk.open(sample)
        await desk.refreshed(sample)
        stored = await desk.runtime.store.returns.get(other.return_id)
        assert stored is not None
        assert stored.ret.order_name == other.order_name
        assert _open_id(desk) == sample.return_id

    desk.play(body)

    assert _wrong_requests(shop) == []


def test_what_is_shown_unsafely_is_found(qapp: QApplication, probe: Path) -> None:
    """The negative control of what looks at the widgets."""
    assert qapp is not None
    for kind, text in _texts(probe).items():
        window = QWidget()
        label = QLabel(text, window)
        found = list(_unsafe(window))
        assert any("may be markup" in each for each in found)
        label.setTextFormat(Qt.TextFormat.PlainText)
        assert bool(list(_unsafe(window))) is (kind in ("bidi", "control", "long"))
        label.setText("")
        label.setToolTip(text)
        assert bool(list(_unsafe(window))) is (kind != "words")
        window.deleteLater()


def test_the_watch_sees_what_qt_opens(qapp: QApplication, probe: Path) -> None:
    """The negative control: rich text in a label does open the file."""
    assert qapp is not None
    with OpenedFiles(probe) as opened:
        label = QLabel(f"<img src='{probe}'>")
        label.setTextFormat(Qt.TextFormat.RichText)
        label.grab()
        label.deleteLater()
        assert (opened.count() > 0) is opened.sees_all
        probe.read_bytes()
        assert opened.count() > 0


# --- Loop's own answers, to be changed ------------------------------------------------------------------


def _get(shop: SimulatorThread, target: str) -> Any:
    asked = urllib.request.Request(f"{shop.url}/api/v1/{target}", headers={"X-Authorization": shop.key})
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return json.load(answer)


def _details(shop: SimulatorThread, return_id: str) -> dict[str, Any]:
    found: dict[str, Any] = _get(shop, f"warehouse/return/details?return_id={return_id}")
    return found


def _listed(shop: SimulatorThread, return_id: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    window = f"from={now - timedelta(days=100):%Y-%m-%dT%H:%M:%SZ}&to={now:%Y-%m-%dT%H:%M:%SZ}"
    rows: list[dict[str, Any]] = _get(shop, f"warehouse/return/list?{window}")
    return next(row for row in rows if str(row["id"]) == return_id)


def _renumbered(row: dict[str, Any], number: int) -> dict[str, Any]:
    """Return a copy of a row with another id, label and line."""
    text = json.dumps(row)
    text = text.replace(str(row["id"]), str(98_500_000 + number))
    text = text.replace(SAMPLES["single"].tracking_number or "", _number(number))
    text = text.replace(SAMPLES["single"].line_item_ids[0], str(98_000_000 + number))
    changed: dict[str, Any] = json.loads(text)
    return changed

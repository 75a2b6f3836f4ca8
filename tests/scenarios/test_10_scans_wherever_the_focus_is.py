"""A scan is a scan wherever the focus is and types nothing; a person typing is never taken for one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication, QWindow
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QLineEdit,
    QMenu,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from loopdesk.presenters.screens.window import Signal
from loopdesk.selfcheck.ui_driver import UiDriver
from loopdesk.simulator.samples import SAMPLES
from loopdesk.ui.dialogs import picture_dialog
from loopdesk.ui.input.focus import open_with_focus
from loopdesk.ui.pages.search import SearchView
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

PARCEL = SAMPLES["single"]
BEFORE = SAMPLES["store_credit"]
CODE = PARCEL.tracking_number or ""

Place = Callable[[Desk], AbstractAsyncContextManager[None]]
"""Brings the focus somewhere, and looks afterwards whether anything was typed or pressed there."""

Kind = TypeVar("Kind", bound=QWidget)


def _front(desk: Desk) -> UiDriver:
    """Return a hand whose keys go where the system sends them: to the pop-up or dialog in front."""

    kept: list[QWidget | None] = []

    def target() -> QWindow:
        popup = QApplication.activePopupWidget()
        kept.append(popup)  # PySide treats its window as deleted once Python drops the reference
        front = popup.windowHandle() if popup is not None else QGuiApplication.modalWindow()
        window = desk.session.window.windowHandle()
        return front if front is not None else window

    return UiDriver(target)


async def _made(desk: Desk, make: Callable[[], Kind]) -> Kind:
    """Make a widget in a callback of the loop, as a real event does."""
    made: list[Kind] = []
    await desk.hand.do(lambda: made.append(make()))
    return made[0]


async def _view(desk: Desk, name: str) -> Any:
    await desk.hand.do(lambda: desk.session.window.show_view(name))
    await desk.at_rest()
    return desk.session.window.view(name)


# --- places -----------------------------------------------------------------------------------------


@asynccontextmanager
async def _note_field(desk: Desk) -> Any:
    await desk.open(BEFORE)
    await desk.press("F2", *"box is wet")
    field = desk.session.window.bench.prompt.field
    assert field.hasFocus()
    yield
    draft = await desk.runtime.store.drafts.get(BEFORE.return_id)
    assert draft.notes == ("box is wet",), "the note that was begun is kept as it was typed"
    assert draft.parked


@asynccontextmanager
async def _code_field(desk: Desk) -> Any:
    await desk.press("F3", *"204")
    field = desk.session.window.bench.prompt.field
    assert (field.hasFocus(), field.toPlainText()) == (True, "204")
    yield
    assert desk.screen.prompt is None, "the question has given way to the return"


@asynccontextmanager
async def _search_field(desk: Desk) -> Any:
    view: SearchView = await _view(desk, "search")
    await desk.press(*"204")
    assert (view.field.hasFocus(), view.field.text()) == (True, "204")
    yield
    assert view.field.text() == "204"


@asynccontextmanager
async def _setting(desk: Desk) -> Any:
    view = await _view(desk, "settings")
    field = next(x for x in view.findChildren(QLineEdit) if x.isVisible() and x.isEnabled())
    before = field.text()
    await desk.hand.do(field.setFocus)
    yield
    assert field.text() == before


@asynccontextmanager
async def _open_combo_box(desk: Desk) -> Any:
    view = await _view(desk, "settings")
    combo = next(x for x in view.findChildren(QComboBox) if x.isVisible() and x.isEnabled())
    before = combo.currentIndex()
    await desk.hand.do(combo.setFocus)
    await desk.hand.do(combo.showPopup)
    assert combo.view().isVisible()
    yield
    assert combo.currentIndex() == before
    await desk.hand.do(combo.hidePopup)


@asynccontextmanager
async def _dialog(desk: Desk) -> Any:
    async with _pictures(desk) as dialog:
        buttons = dialog.findChild(QDialogButtonBox)
        await desk.hand.do(buttons.button(QDialogButtonBox.StandardButton.Cancel).setFocus)
        yield


@asynccontextmanager
async def _dialog_with_a_field(desk: Desk) -> Any:
    async with _pictures(desk) as dialog:
        (field,) = (each for each in dialog.findChildren(QLineEdit) if each.isVisible())
        field.setText("be")
        await desk.hand.do(field.setFocus)
        yield
        assert field.text() == "be"


@asynccontextmanager
async def _pictures(desk: Desk) -> Any:
    """Choose a picture, the only separate window; a scan must neither choose one nor close it."""
    ended: list[int] = []
    dialog = picture_dialog(desk.session.window)
    dialog.finished.connect(ended.append)
    await desk.hand.do(lambda: open_with_focus(dialog))
    await desk.hand.until("the dialog in front", dialog.isVisible)
    yield dialog
    assert ended == []
    assert dialog.isVisible()
    await desk.hand.do(dialog.reject)
    await desk.hand.until("the end of it", lambda: ended == [0])


@asynccontextmanager
async def _menu(desk: Desk) -> Any:
    chosen: list[str] = []

    def open_menu() -> QMenu:
        menu = QMenu(desk.session.window)
        for text in ("&Close at Loop", "&9 of them", "&2 of them", "&4 of them", "&7 of them"):
            menu.addAction(text)
        menu.triggered.connect(chosen.append)
        menu.popup(desk.session.window.mapToGlobal(QPoint(200, 200)))
        menu.setActiveAction(menu.actions()[0])
        return menu

    menu = await _made(desk, open_menu)
    assert QApplication.activePopupWidget() is menu
    yield
    assert chosen == []
    await desk.hand.do(menu.deleteLater)


@asynccontextmanager
async def _table_edit(desk: Desk) -> Any:
    def edit() -> QTableWidget:
        table = QTableWidget(1, 1, desk.session.window)
        item = QTableWidgetItem("as it was")
        table.setItem(0, 0, item)
        table.setGeometry(100, 100, 400, 200)
        table.show()
        table.setFocus()
        table.editItem(item)
        return table

    table = await _made(desk, edit)
    editor = table.findChild(QLineEdit)
    assert editor is not None
    assert editor.hasFocus()
    yield
    assert editor.text() == "as it was"
    assert table.model().index(0, 0).data() == "as it was"
    await desk.hand.do(table.deleteLater)


def _other_view(name: str) -> Place:
    @asynccontextmanager
    async def place(desk: Desk) -> Any:
        await _view(desk, name)
        assert desk.session.window.shown_view() == name
        yield
        assert desk.session.window.shown_view() == "bench"

    return place


PLACES: dict[str, Place] = {
    "note field": _note_field,
    "code field": _code_field,
    "search field": _search_field,
    "setting": _setting,
    "open combo box": _open_combo_box,
    "dialog": _dialog,
    "dialog with a field": _dialog_with_a_field,
    "menu": _menu,
    "table edit": _table_edit,
    **{name: _other_view(name) for name in ("queue", "attention", "mystery", "arrivals", "health")},
}


async def _scans(desk: Desk) -> list[str]:
    return [str(row.detail["raw"]) for row in await desk.runtime.store.audit.rows("scan")]


@pytest.mark.fault(95)
@pytest.mark.parametrize("end", ["\r", "\t", ""], ids=["enter", "tab", "nothing"])
@pytest.mark.parametrize("place", PLACES)
def test_a_scan_is_taken_and_types_nothing(desk: Desk, shop: SimulatorThread, place: str, end: str) -> None:
    async def body() -> None:
        await desk.synced()
        async with PLACES[place](desk):
            before = await _scans(desk)
            await _front(desk).scan(CODE, end)
            await desk.shown(PARCEL)
            assert await _scans(desk) == [*before, CODE]
        assert {row.decided for row in desk.screen.lines} == {""}
        assert not [x for x in QApplication.topLevelWidgets() if isinstance(x, QDialog) and x.isVisible()]

    desk.play(body)

    assert shop.requests("POST") == []


# --- typing -----------------------------------------------------------------------------------------


def test_fast_typing_is_never_a_scan(desk: Desk) -> None:
    """Faster than any typist keeps up: 20 strokes a second, and pairs of keys rolled over each other."""

    async def body() -> None:
        await desk.synced()
        view: SearchView = await _view(desk, "search")
        for text, gaps in (("91000091", (0.05,)), ("shirts and caps", (0.015, 0.07)), ("ab1164", (0.045,))):
            await desk.hand.do(view.field.clear)
            for place, character in enumerate(text):
                await desk.hand.do(partial(QTest.keyClick, desk.session.window.windowHandle(), character))
                await asyncio.sleep(gaps[place % len(gaps)])
            await desk.at_rest()
            await desk.hand.until("what was typed", lambda t=text: view.field.text() == t)  # type: ignore[misc]
        assert await _scans(desk) == []
        assert desk.session.window.shown_view() == "search"

    desk.play(body)


def test_keys_of_commands_typed_into_a_field_are_words_there(desk: Desk) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(PARCEL)
        await desk.press("F2", *"n1234567")
        assert desk.session.window.bench.prompt.field.toPlainText() == "n1234567"
        assert {row.decided for row in desk.screen.lines} == {""}
        await desk.press("\r")
        assert (await desk.runtime.store.drafts.get(PARCEL.return_id)).notes == ("n1234567",)
        await desk.press("1")
        assert [row.decided for row in desk.screen.lines] == ["A"]

    desk.play(body)


def test_a_code_typed_by_a_person_goes_the_way_of_a_scan(desk: Desk) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.press("F3", *PARCEL.return_id, "\r")
        await desk.shown(PARCEL)
        rows = await desk.runtime.store.audit.rows("scan")
        assert [(row.detail["raw"], row.detail["source"]) for row in rows] == [(PARCEL.return_id, "typed")]
        assert desk.screen.band.signal is Signal.FOUND

    desk.play(body)


def test_a_command_code_acts_in_every_view_and_types_nothing(desk: Desk) -> None:
    async def body() -> None:
        await desk.synced()
        await desk.open(PARCEL)
        view: SearchView = await _view(desk, "search")
        await desk.press(*"20")
        await desk.scan("LDCMDGRADEB")
        assert view.field.text() == "20"
        assert [row.decided for row in desk.screen.lines] == ["B"]

    desk.play(body)

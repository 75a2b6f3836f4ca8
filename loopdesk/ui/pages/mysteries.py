"""The mystery parcels: draws a ``MysteriesScreen`` and emits what was pressed."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import MysteriesScreen, MysteryRow
from loopdesk.ui import assets, texts
from loopdesk.ui.pages.page_view import PageView
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.card import IconLabel, WordsCard
from loopdesk.ui.widgets.filters import FilterRow
from loopdesk.ui.widgets.fitted import FittedLabel
from loopdesk.ui.widgets.keypad import FieldWithKeypad
from loopdesk.ui.widgets.links import LinkList
from loopdesk.ui.widgets.rows_model import Cell, Columns
from loopdesk.ui.widgets.rows_shape import Column, RowsShape
from loopdesk.ui.widgets.rows_view import RowsView

if TYPE_CHECKING:
    from loopdesk.presenters.pages.mysteries import MysteriesPresenter

# --- the photo --------------------------------------------------------------------------------------

_EDGE = 150


class PhotoView(QWidget):
    """One photo; hidden if there is none that can be read."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_photo(self, path: str) -> None:
        """Show the picture of a file; "" for none."""
        if path != self._path:
            self._path = path
            self.update()
        self.setVisible(bool(path) and not assets.picture(path, look().px(_EDGE)).isNull())

    def sizeHint(self) -> QSize:
        """Return the square for the photo."""
        return QSize(look().px(_EDGE), look().px(_EDGE))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the photo at the left, keeping its aspect ratio."""
        ratio = self.devicePixelRatioF()
        pixmap = assets.picture(self._path, look().px(_EDGE), ratio)
        if pixmap.isNull():
            return
        size = pixmap.deviceIndependentSize()
        painter = QPainter(self)
        painter.drawPixmap(QRectF(0, 0, size.width(), size.height()), pixmap, QRectF(pixmap.rect()))
        painter.end()


# --- the view ---------------------------------------------------------------------------------------


class MysteryColumn(IntEnum):
    """The columns of the mystery parcels."""

    NUMBER = 0
    CODE = 1
    WORDS = 2
    SHELF = 3
    FOUND = 4
    MATCH = 5


def _captions() -> tuple[str, ...]:
    return (
        _("No."),
        _("Code"),
        _("Looks like"),
        _("Shelf"),
        _("Found"),
        _("Its return"),
    )


def _cell(row: MysteryRow, column: int) -> Cell:
    match column:
        case MysteryColumn.NUMBER:
            return Cell(row.shown, look="strong")
        case MysteryColumn.CODE:
            return Cell(row.code)
        case MysteryColumn.WORDS:
            return Cell(row.words or "–", _photo_words(row))
        case MysteryColumn.SHELF:
            return Cell(row.shelf or "–")
        case MysteryColumn.FOUND:
            return Cell(row.found, row.operator)
        case _:
            return Cell(row.match, tone=_tone(row), is_marked=row.is_unclear)


def _photo_words(row: MysteryRow) -> str:
    """Say whether there is a picture; one of another bench stays there."""
    if row.photo_at:
        return _("photo at {station}", station=row.photo_at)
    return _("with a photo") if row.photo else ""


def _tone(row: MysteryRow) -> str:
    if row.return_id:
        return "ok"
    return "blocked" if row.is_unclear else "unknown" if row.is_open else "plain"


def _key(row: MysteryRow) -> str:
    return str(row.number)


MYSTERIES = Columns(MysteryColumn, _captions, _cell, _key)
"""The mystery parcels."""


class MysteryPanel(QWidget):
    """A card with two fields, a field that finds returns, and the buttons.

    Signals:
        described(str, str): The description and the shelf were changed.
        link_typed(str): Words to find the return by.
        link_chosen(str): A return was picked; carries its id.
        loop_wanted(): Enter was pressed in the search field: Loop is to be asked.
        photo_given(str): The path of a picture file was entered.
        pressed(str): ``bench``, ``close`` or ``reopen``.
    """

    described = Signal(str, str)
    link_typed = Signal(str)
    link_chosen = Signal(str)
    loop_wanted = Signal()
    photo_given = Signal(str)
    pressed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row: MysteryRow | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.card = WordsCard((("caption", 1), ("strong", 3), ("body", 2)), self, gap=8)
        self._column.addWidget(self.card)
        self._captions: list[FittedLabel] = []
        self.looks = self._field(self.card.column)
        self.shelf = self._field(self.card.column)
        self.photo_card = WordsCard((("caption", 1),), self, gap=8)
        self.picture = PhotoView(self.photo_card)
        self.photo_card.column.addWidget(self.picture)
        self.photo = self._field(self.photo_card.column)
        self.photo.setMaxLength(1000)
        self.bench = KeyCapButton("bench", icon="scan-barcode", variant="primary", height=76, parent=self)
        self.finder = WordsCard((("caption", 1),), self, gap=8)
        self.link_field = QLineEdit(self.finder)
        self.link_keypad = FieldWithKeypad(self.link_field, self.finder)
        self.finder.column.addWidget(self.link_keypad)
        self.links = LinkList("", self.finder)
        self.problem = FittedLabel("body", 3, self.finder)
        self.finder.column.addWidget(self.problem)
        self.finder.column.addWidget(self.links)
        self.label = KeyCapButton("label", icon="printer", parent=self)
        self.close_button = KeyCapButton("close", icon="archive", parent=self)
        self.reopen = KeyCapButton("reopen", icon="undo-2", parent=self)
        for part in (self.bench, self.finder, self.photo_card, self.label, self.close_button, self.reopen):
            self._column.addWidget(part)
        self._connect()
        self.retranslate()
        self._space()

    def _field(self, column: QVBoxLayout) -> QLineEdit:
        """Make a captioned field."""
        caption = FittedLabel("secondary", 1, self)
        field = QLineEdit(self)
        field.setMaxLength(200)
        column.addWidget(caption)
        column.addWidget(field)
        self._captions.append(caption)
        return field

    def _connect(self) -> None:
        self.looks.editingFinished.connect(self._describe)
        self.shelf.editingFinished.connect(self._describe)
        self.photo.editingFinished.connect(self._give_photo)
        self.link_field.textEdited.connect(self.link_typed)
        self.link_field.returnPressed.connect(self.loop_wanted)
        self.links.picked.connect(self.link_chosen)
        for button in (self.bench, self.label, self.close_button, self.reopen):
            button.requested.connect(self.pressed)

    def _describe(self) -> None:
        """Emit the description if it has changed."""
        row = self._row
        written = (self.looks.text().strip(), self.shelf.text().strip())
        if row is not None and written != (row.words, row.shelf):
            self.described.emit(*written)

    def _give_photo(self) -> None:
        """Emit the picture file, once."""
        path = self.photo.text().strip()
        if path and self._row is not None:
            self.photo.clear()
            self.photo_given.emit(path)

    def show_record(self, row: MysteryRow | None, screen: MysteriesScreen) -> None:
        """Show the selected record; without one, say what to do."""
        before, self._row = self._row, row
        if row is None:
            invitation = _("Choose a parcel to find its return.") if screen.rows else ""
            self.card.show_words("", invitation, "")
        else:
            caption = _("PARCEL {number}", number=row.shown)
            tone = "ok" if row.return_id else "blocked" if row.is_unclear else "unknown"
            self.card.show_words(caption, row.code, (row.match, tone))
        self.picture.show_photo(row.photo if row is not None else "")
        self._show_photo_caption()
        self.photo_card.setVisible(row is not None)
        for part in (self.looks, self.shelf, *self._captions):
            part.setVisible(row is not None)
        is_new = row is not None and (before is None or before.number != row.number)
        if row is not None and (is_new or before is None or before != row):
            self._fill(row, is_new=is_new)
        is_open = row is not None and row.is_open
        self.bench.setVisible(row is not None and bool(row.return_id))
        self.finder.setVisible(is_open)
        self.links.setVisible(is_open and bool(screen.links))
        self.links.show_links(screen.links)
        self.problem.show_text(screen.problem, "offline")
        self.label.setVisible(row is not None and screen.prints)
        self.close_button.setVisible(is_open)
        self.reopen.setVisible(row is not None and not is_open)

    def _show_photo_caption(self) -> None:
        """Say where the picture is, if it is not here: pictures do not leave the bench that took them."""
        place = self._row.photo_at if self._row is not None else ""
        caption = _("PHOTO · only at {station}", station=place) if place else _("PHOTO")
        self.photo_card.labels[0].show_text(caption)

    def _fill(self, row: MysteryRow, *, is_new: bool) -> None:
        """Fill the fields, except the one a person is editing."""
        for field, text in ((self.looks, row.words), (self.shelf, row.shelf)):
            if is_new or not field.hasFocus():
                field.setText(texts.clean(text))
        if is_new:
            self.link_field.clear()
            self.photo.clear()

    def fields(self) -> tuple[QLineEdit, ...]:
        """Return the text fields."""
        return (self.looks, self.shelf, self.link_field, self.photo)

    def retranslate(self) -> None:
        """Set the panel's own texts in the window's language."""
        named = (
            (self.looks, _("What it looks like")),
            (self.shelf, _("Shelf")),
            (self.photo, _("Picture file")),
        )
        for caption, (field, text) in zip(self._captions, named, strict=True):
            caption.show_text(text)
            caption.setVisible(not field.isHidden())
            field.setAccessibleName(text)
        finder = _("FIND ITS RETURN")
        self.finder.labels[0].show_text(finder)
        self.link_field.setAccessibleName(finder)
        self.link_field.setPlaceholderText(_("order or name"))
        self._show_photo_caption()
        self.picture.setAccessibleName(_("Photo of the parcel"))
        self.links.setAccessibleName(_("Returns that it may be"))
        self.bench.show_words(_("Open at the bench"), "")
        self.label.show_words(_("Print label"), "")
        self.close_button.show_words(_("End without a return"), "")
        self.reopen.show_words(_("Let it wait again"), "")

    def _space(self) -> None:
        self._column.setSpacing(look().px(12))

    def changeEvent(self, event: QEvent) -> None:
        """Follow scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()


_TABLE = RowsShape(
    {
        MysteryColumn.NUMBER: Column(52),
        MysteryColumn.CODE: Column(140, 4),
        MysteryColumn.WORDS: Column(100, 2),
        MysteryColumn.SHELF: Column(64, from_width=640),
        MysteryColumn.FOUND: Column(136, from_width=520),
        MysteryColumn.MATCH: Column(96, 1),
    },
    most=4,
)


class MysteriesView(PageView):
    """The table at the left; the selected record and its return at the right.

    Signals:
        filter_chosen(str), record_selected(int), link_typed(str), link_chosen(str), loop_wanted(),
        described(str, str), photo_given(str), closed(), reopened(), bench_wanted(), new_wanted().
    """

    filter_chosen = Signal(str)
    record_selected = Signal(int)
    link_typed = Signal(str)
    link_chosen = Signal(str)
    loop_wanted = Signal()
    described = Signal(str, str)
    photo_given = Signal(str)
    closed = Signal()
    reopened = Signal()
    bench_wanted = Signal()
    label_wanted = Signal()
    new_wanted = Signal()

    def __init__(self, presenter: MysteriesPresenter, parent: QWidget | None = None) -> None:
        super().__init__(presenter, parent=parent)
        self._presenter = presenter
        self._screen: MysteriesScreen | None = None
        self.filters = FilterRow(self)
        self.calm = IconLabel("package-search", 96, "muted", self)
        self.table: RowsView[MysteryRow] = RowsView(MYSTERIES, _TABLE, parent=self)
        self.work.addWidget(self.filters)
        self.work.addWidget(self.calm, 1, Qt.AlignmentFlag.AlignCenter)
        self.add_table(self.table)
        self.panel = MysteryPanel(self)
        self.work.addWidget(self.panel.link_keypad.pad)  # beside the panel: there its keys would be narrow
        self.work.addStretch(0)
        self.new = KeyCapButton("mystery", icon="package-plus", parent=self)
        self.side.addWidget(self.panel)
        self.side.addWidget(self.new)
        self.side.addStretch(1)
        self.retranslate()
        self._connect()
        presenter.attach(self)

    def _connect(self) -> None:
        """Connect the parts to the view's signals, and those to the presenter."""
        self.filters.chosen.connect(self.filter_chosen)
        self.new.requested.connect(self._press)
        self.table.chosen.connect(self._select)
        self.table.opened.connect(self._select)
        self.panel.link_typed.connect(self.link_typed)
        self.panel.link_chosen.connect(self.link_chosen)
        self.panel.loop_wanted.connect(self.loop_wanted)
        self.panel.photo_given.connect(self.photo_given)
        self.panel.described.connect(self.described)
        self.panel.pressed.connect(self._press)
        self.filter_chosen.connect(self._presenter.show_only)
        self.record_selected.connect(self._presenter.select)
        self.link_typed.connect(self._presenter.type_link)
        self.link_chosen.connect(self._presenter.link)
        self.loop_wanted.connect(self._presenter.ask_loop)
        self.described.connect(self._presenter.describe)
        self.photo_given.connect(self._presenter.take_photo)
        self.closed.connect(self._presenter.close_record)
        self.reopened.connect(self._presenter.reopen_record)
        self.bench_wanted.connect(self._presenter.open_at_bench)
        self.label_wanted.connect(self._presenter.print_label)
        self.new_wanted.connect(self._presenter.new_record)

    def _select(self, key: str) -> None:
        if key:
            self.record_selected.emit(int(key))

    def _press(self, intent: str) -> None:
        signals = {
            "bench": self.bench_wanted,
            "label": self.label_wanted,
            "close": self.closed,
            "reopen": self.reopened,
            "mystery": self.new_wanted,
        }
        signals[intent].emit()

    def render(self, screen: MysteriesScreen) -> None:  # type: ignore[override]
        """Draw this screen."""
        self._screen = screen
        self.show_heading(screen.message)
        filters = (
            ("waiting", _("Waiting")),
            ("found", _("Found")),
            ("all", _("All")),
        )
        self.filters.show_filters(filters, screen.chosen_filter)
        self.table.show_rows(screen.rows, str(screen.selected))
        self.table.setVisible(bool(screen.rows))
        self.calm.setVisible(not screen.rows)
        row = next((x for x in screen.rows if x.number == screen.selected), None)
        self.panel.show_record(row, screen)

    def fields(self) -> tuple[QLineEdit, ...]:
        """Return the text fields."""
        return self.panel.fields()

    def retranslate(self) -> None:
        """Set the view's own texts in the window's language."""
        self.table.retranslate(_("Mystery parcels"))
        self.new.show_words(_("A parcel without a code"), "Ctrl+M")
        self.filters.setAccessibleName(_("Which parcels are shown"))
        if self._screen is not None:
            self.render(self._screen)

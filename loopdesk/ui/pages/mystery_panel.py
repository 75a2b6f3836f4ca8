"""The selected mystery parcel: what is written about it, and how its return is found."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import MysteriesScreen, MysteryRow
from loopdesk.ui import texts
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.fitted import FittedLabel
from loopdesk.ui.widgets.links import LinkList
from loopdesk.ui.widgets.photo import PhotoView
from loopdesk.ui.widgets.words_card import WordsCard


class MysteryPanel(QWidget):
    """A card with two fields, a field that finds returns, and the buttons.

    Signals:
        described(str, str): What is written and the shelf were changed.
        link_typed(str): Words to find the return by.
        link_chosen(str): A return was picked; carries its id.
        loop_wanted(): Enter was pressed where one looks for the return: Loop is to be asked.
        photo_given(str): The path of a picture file was written.
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
        self.finder.column.addWidget(self.link_field)
        self.links = LinkList("", self.finder)
        self.problem = FittedLabel("body", 3, self.finder)
        self.finder.column.addWidget(self.problem)
        self.finder.column.addWidget(self.links)
        self.close_button = KeyCapButton("close", icon="archive", parent=self)
        self.reopen = KeyCapButton("reopen", icon="undo-2", parent=self)
        for part in (self.bench, self.finder, self.photo_card, self.close_button, self.reopen):
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
        for button in (self.bench, self.close_button, self.reopen):
            button.requested.connect(self.pressed)

    def _describe(self) -> None:
        """Report what is written, when it differs from what is known."""
        row = self._row
        written = (self.looks.text().strip(), self.shelf.text().strip())
        if row is not None and written != (row.words, row.shelf):
            self.described.emit(*written)

    def _give_photo(self) -> None:
        """Report the picture file, once."""
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
            caption = _("PARCEL {number}", number=row.number)
            tone = "ok" if row.return_id else "blocked" if row.is_unclear else "unknown"
            self.card.show_words(caption, row.code, (row.match, tone))
        self.picture.show_photo(row.photo if row is not None else "")
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
        self.close_button.setVisible(is_open)
        self.reopen.setVisible(row is not None and not is_open)

    def _fill(self, row: MysteryRow, *, is_new: bool) -> None:
        """Write what is known into the fields, but never under a person's hands."""
        for field, text in ((self.looks, row.words), (self.shelf, row.shelf)):
            if is_new or not field.hasFocus():
                field.setText(texts.clean(text))
        if is_new:
            self.link_field.clear()
            self.photo.clear()

    def fields(self) -> tuple[QLineEdit, ...]:
        """Return the fields that one types in."""
        return (self.looks, self.shelf, self.link_field, self.photo)

    def retranslate(self) -> None:
        """Say the panel's own words in the language of the window."""
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
        self.link_field.setPlaceholderText(_("order, name, item or number"))
        self.photo_card.labels[0].show_text(_("PHOTO"))
        self.picture.setAccessibleName(_("Photo of the parcel"))
        self.links.setAccessibleName(_("Returns that it may be"))
        self.bench.show_words(_("Open at the bench"), "")
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

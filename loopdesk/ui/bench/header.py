"""The card that says which return is open."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.returns import HeaderScreen
from loopdesk.ui import texts
from loopdesk.ui.theme import look, mark
from loopdesk.ui.widgets.card import Card, ChipRow, IconLabel
from loopdesk.ui.widgets.fitted import FittedLabel

_MOST_DETAILS = 3
_MOST_WARNINGS = 4
_MOST_NOTES = 12
_NARROW = 640


class SignedText(QWidget):
    """A text with an icon before it: a warning, or a note."""

    def __init__(self, icon: str, tone: str, most: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(look().px(8))
        row.addWidget(IconLabel(icon, 18, tone if tone != "plain" else "muted", self))
        role = "secondary" if tone == "plain" else "body-strong"
        self.label = FittedLabel(role, most, self)
        row.addWidget(self.label, 1)
        self._tone = tone

    def show_text(self, text: str) -> None:
        """Show a text; "" hides the row."""
        self.label.show_text(text, self._tone)
        self.setVisible(bool(text))


class HeaderCard(Card):
    """Order, promise, state, warnings, notes and siblings.

    Signals:
        picked(str): A sibling was pressed; carries its return id.
        painted(str): The return was painted; carries its id.
    """

    picked = Signal(str)
    painted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._screen: HeaderScreen | None = None
        self._grid = QGridLayout(self)
        self._is_narrow: bool | None = None
        self._build_name()
        self._build_promise()
        self.state = QLabel(self)
        self.state.setProperty("role", "pill")
        self._build_more()
        self._lay_out(narrow=False)
        self._grid.setColumnStretch(1, 1)
        self._space()
        self.retranslate()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card, and say which return is before the operator's eyes."""
        super().paintEvent(event)
        if self._screen is not None:
            self.painted.emit(self._screen.return_id)

    def _build_name(self) -> None:
        """Make the order's name over RMA and parcel."""
        self._named = QWidget(self)
        column = QVBoxLayout(self._named)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.name = FittedLabel("name", 1, self._named)
        self.rma = FittedLabel("secondary", 2, self._named)
        column.addStretch(1)
        column.addWidget(self.name)
        column.addWidget(self.rma)
        column.addStretch(1)

    def _build_promise(self) -> None:
        """Make the promise over the details."""
        self._promised = QWidget(self)
        column = QVBoxLayout(self._promised)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.promise = FittedLabel("body-strong", 3, self._promised)
        column.addStretch(1)
        column.addWidget(self.promise)
        self.details = [FittedLabel("secondary", 4, self._promised) for _ in range(_MOST_DETAILS)]
        for label in self.details:
            column.addWidget(label)
        column.addStretch(1)

    def _lay_out(self, narrow: bool) -> None:
        """Put the promise beside the name, or below it in a narrow card."""
        if narrow is self._is_narrow:
            return
        self._is_narrow = narrow
        middle = Qt.AlignmentFlag.AlignVCenter
        for part in (self._named, self._promised, self.state, self._more):
            self._grid.removeWidget(part)
        self._grid.addWidget(self._named, 0, 0, 1, 2 if narrow else 1)
        self._grid.addWidget(self.state, 0, 2, middle)
        if narrow:
            self._grid.addWidget(self._promised, 1, 0, 1, 3)
        else:
            self._grid.addWidget(self._promised, 0, 1)
        self._grid.addWidget(self._more, 2, 0, 1, 3)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width: the name never takes the room of the promise."""
        super().resizeEvent(event)
        narrow = self.width() < look().px(_NARROW)
        self._lay_out(narrow)
        self._named.setMaximumWidth(16_777_215 if narrow else round(self.width() * 0.36))

    def _build_more(self) -> None:
        """Make the rows below: warnings, notes, siblings. Each is hidden while it is empty."""
        self._more = QWidget(self)
        column = QVBoxLayout(self._more)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(look().px(6))
        self.warnings = [
            SignedText("triangle-alert", "offline", 4, self._more) for _ in range(_MOST_WARNINGS)
        ]
        for warning in self.warnings:
            column.addWidget(warning)
        notes = QHBoxLayout()
        self.note = SignedText("sticky-note", "plain", 1, self._more)
        self.all_notes = QPushButton(self._more)
        self.all_notes.setProperty("variant", "quiet")
        self.all_notes.setCheckable(True)
        self.all_notes.setAutoDefault(False)
        self.all_notes.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.all_notes.toggled.connect(self._show_notes)
        notes.addWidget(self.note, 1)
        notes.addWidget(self.all_notes)
        column.addLayout(notes)
        self.notes = FittedLabel("secondary", _MOST_NOTES, self._more, lines=True)
        column.addWidget(self.notes)
        self.siblings = ChipRow(self._more)
        self.siblings.picked.connect(self.picked)
        column.addWidget(self.siblings)

    def render(self, screen: HeaderScreen) -> None:  # type: ignore[override]
        """Draw this header."""
        if screen == self._screen:
            return
        is_other = self._screen is None or self._screen.return_id != screen.return_id
        self._screen = screen
        self.name.show_text(screen.order_name, limit=120)
        self.rma.show_text(" · ".join(part for part in (screen.rma, screen.parcels) if part))
        self.promise.show_text(screen.promise)
        self._show_details(screen.details)
        mark(self.state, "tone", screen.state_tone)
        texts.plain(self.state, screen.state, 28)
        texts.tip(self.state, screen.state if len(screen.state) > 28 else "")
        self.state.setVisible(bool(screen.state))
        self._show_warnings(screen.warnings)
        if is_other:
            self.all_notes.setChecked(False)
        self._show_notes()
        self.siblings.show_links(screen.siblings)
        self._more.setVisible(bool(screen.warnings or screen.notes or screen.siblings))
        self.setAccessibleName(texts.clean(f"{screen.order_name}, {screen.rma}, {screen.state}"))

    def _show_details(self, details: tuple[str, ...]) -> None:
        """Show each detail on a line of its own; what is too much shares the last."""
        shown = [*details[: _MOST_DETAILS - 1], " · ".join(details[_MOST_DETAILS - 1 :])]
        shown += [""] * (_MOST_DETAILS - len(shown))
        for label, text in zip(self.details, shown, strict=True):
            label.show_text(text)

    def _show_warnings(self, warnings: tuple[str, ...]) -> None:
        """Show each warning; what is too much shares the last row."""
        shown = [*warnings[: _MOST_WARNINGS - 1], " ".join(warnings[_MOST_WARNINGS - 1 :])]
        shown += [""] * (_MOST_WARNINGS - len(shown))
        for row, text in zip(self.warnings, shown, strict=True):
            row.show_text(text)

    def _show_notes(self) -> None:
        """Show the newest note, or all of them, newest first."""
        notes = self._screen.notes if self._screen is not None else ()
        opened = self.all_notes.isChecked() and len(notes) > 1
        newest = texts.clean(notes[-1], 300) if notes else ""
        self.note.show_text("" if opened else newest)
        listed = "\n".join(texts.clean(note, 300) for note in reversed(notes[-_MOST_NOTES:]))
        self.notes.show_text(listed if opened else "", limit=4000)
        self.all_notes.setVisible(len(notes) > 1)
        words = _("All {n} notes", n=len(notes))
        self.all_notes.setText(words)
        self.all_notes.setAccessibleName(words)

    def retranslate(self) -> None:
        """Set the card\'s own texts in the window\'s language."""
        self._show_notes()

    def _space(self) -> None:
        """Set the spacing for the scale."""
        now = look()
        self._grid.setContentsMargins(now.px(18), now.px(12), now.px(18), now.px(12))
        self._grid.setHorizontalSpacing(now.px(24))
        self._grid.setVerticalSpacing(now.px(10))

    def changeEvent(self, event: QEvent) -> None:
        """Follow scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

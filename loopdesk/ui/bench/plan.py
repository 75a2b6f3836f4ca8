"""What will happen, in words: a card whose size no text changes, with more than fits scrolling inside it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.returns import PlanScreen
from loopdesk.ui import texts
from loopdesk.ui.theme import look, mark
from loopdesk.ui.widgets.card import Card
from loopdesk.ui.widgets.fitted import FittedLabel
from loopdesk.ui.widgets.scroll_room import ScrollRoom

_MOST_STEPS = 40
_MOST_LINES = 60


class PlanCard(Card):
    """A sentence, what goes to Loop in order, and the notes that Loop holds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._screen: PlanScreen | None = None
        self._shown_notes: tuple[str, ...] = ()
        self._outer = QVBoxLayout(self)
        self._scroll = ScrollRoom(self)
        self._outer.addWidget(self._scroll)
        self._sheet = sheet = self._scroll.sheet
        self._column = QVBoxLayout(sheet)
        self.caption = FittedLabel("caption", 2, sheet)
        self.sentence = FittedLabel("strong", _MOST_LINES, sheet)
        self._grid = QGridLayout()
        self._grid.setColumnStretch(1, 1)
        self.numbers: list[FittedLabel] = []
        self.steps: list[FittedLabel] = []
        self.notes_caption = FittedLabel("caption", 2, sheet)
        self.notes = FittedLabel("secondary", 200, sheet, lines=True)
        self._column.addWidget(self.caption)
        self._column.addWidget(self.sentence)
        self._column.addLayout(self._grid)
        self._column.addWidget(self.notes_caption)
        self._column.addWidget(self.notes)
        self._column.addStretch(1)
        self._space()
        self.retranslate()

    def render(self, screen: PlanScreen) -> None:  # type: ignore[override]
        """Draw this plan."""
        if screen == self._screen:
            return
        self._screen = screen
        mark(self.caption, "tone", screen.tone)
        self.sentence.show_text(screen.sentence)
        shown = screen.steps[:_MOST_STEPS]
        rest = len(screen.steps) - len(shown)
        if rest:
            shown = (*shown[:-1], _("and {n} more", n=rest + 1))
        while len(self.steps) < len(shown):
            self._add_row()
        for number, (label, step) in enumerate(zip(self.numbers, self.steps, strict=True), start=1):
            text = shown[number - 1] if number <= len(shown) else ""
            is_numbered = bool(text) and len(shown) > 1 and not (rest and number == len(shown))
            step.show_text(text)
            label.show_text(f"{number}." if is_numbered else "")
        self._scroll.verticalScrollBar().setValue(0)
        self.setAccessibleName(texts.clean(screen.sentence))
        self.setAccessibleDescription(texts.clean("; ".join(screen.steps)))

    def _add_row(self) -> None:
        number, step = FittedLabel("secondary", 1, self._sheet), FittedLabel("secondary", 12, self._sheet)
        row = len(self.steps)
        self._grid.addWidget(number, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(step, row, 1)
        self.numbers.append(number)
        self.steps.append(step)

    def show_notes(self, notes: tuple[str, ...]) -> None:
        """Show the notes that Loop holds, newest first."""
        if notes == self._shown_notes:
            return
        self._shown_notes = notes
        newest = (texts.clean(note) for note in reversed(notes[-20:]))
        self.notes_caption.show_text(_("NOTES") if notes else "")
        self.notes.show_text("\n".join(newest), limit=8000)

    def retranslate(self) -> None:
        """Set the card's own texts in the window's language."""
        self.caption.show_text(_("WHAT WILL HAPPEN"))
        self.notes_caption.show_text(_("NOTES") if self._shown_notes else "")

    def _space(self) -> None:
        """Set the spacing for the scale."""
        now = look()
        self._outer.setContentsMargins(now.px(14), now.px(10), now.px(6), now.px(10))
        self._column.setContentsMargins(0, 0, now.px(6), 0)
        self._column.setSpacing(now.px(6))
        self._grid.setHorizontalSpacing(now.px(8))
        self._grid.setVerticalSpacing(now.px(4))

    def changeEvent(self, event: QEvent) -> None:
        """Follow scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

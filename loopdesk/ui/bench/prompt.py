"""A question to the operator, in place of the command column."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.returns import Prompt, QuestionKind
from loopdesk.ui import texts
from loopdesk.ui.input.focus import WordsSecond, open_with_focus
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.card import Card
from loopdesk.ui.widgets.fitted import FittedLabel
from loopdesk.ui.widgets.scroll_room import ScrollRoom

_ONE_LINE = (QuestionKind.CODE, QuestionKind.EXTRA)
_MOST_TEXT = 20_000
_MOST_NUMBERED = 9


class AnswerEdit(QPlainTextEdit):
    """Takes plain words; Enter answers, Shift+Enter begins a new line, Tab goes on.

    Signals:
        answered(): Enter was pressed.
        left(): Esc was pressed.
    """

    answered = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTabChangesFocus(True)
        self.rows = 3

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Answer with Enter, leave with Esc."""
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not shifted:
            self.answered.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def size_rows(self) -> None:
        """Be as high as the rows that the answer may need."""
        self.setFixedHeight(self.rows * self.fontMetrics().lineSpacing() + look().px(28))


class PromptPanel(WordsSecond):
    """Title, hint, a field, the two buttons, and ready answers.

    Signals:
        answered(str): The words in the field were accepted.
        template_chosen(int): A ready answer was pressed; carries its place, from 0.
        cancelled(): The question was left.
        edited(str): What the field holds now.
        second_edited(str): What the second field holds now; only some questions have one.
    """

    answered = Signal(str)
    edited = Signal(str)
    second_edited = Signal(str)
    template_chosen = Signal(int)
    cancelled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._prompt: Prompt | None = None
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.title = FittedLabel("heading", 3, self)
        self.hint = FittedLabel("secondary", 8, self)
        self.field = AnswerEdit(self)
        self.browse = KeyCapButton("browse", icon="image", parent=self)
        self.second_caption = FittedLabel("secondary", 1, self)
        self.second = AnswerEdit(self)
        self.second.rows = 1
        self.accept = KeyCapButton("accept", variant="primary", height=64, parent=self)
        self.cancel = KeyCapButton("cancel", parent=self)
        self.field.answered.connect(self._accept)
        self.field.left.connect(self.cancelled)
        self.field.textChanged.connect(self._tell_edited)
        self.browse.requested.connect(self._browse)
        self.second.answered.connect(self._accept)
        self.second.left.connect(self.cancelled)
        self.second.textChanged.connect(self._tell_second)
        self.accept.requested.connect(self._accept)
        self.cancel.requested.connect(self._cancel)
        self._templates: list[KeyCapButton] = []
        self._dialog: QFileDialog | None = None
        self._build_layout()
        self._space()

    def _build_layout(self) -> None:
        """Stack a card with the field, the ready answers, and at the foot, where Confirm is, the two ends."""
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        card = Card(self)
        self._inner = QVBoxLayout(card)
        for part in (self.title, self.hint, self.field, self.second_caption, self.second):
            self._inner.addWidget(part)
        self._column.addWidget(card)
        self._column.addWidget(self.browse)
        self._column.addWidget(self._answers(), 1)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self.cancel, 2)
        self._foot.addWidget(self.accept, 3)
        self._column.addLayout(self._foot)

    def _answers(self) -> ScrollRoom:
        """Return the room of the ready answers; more than fit scroll in it."""
        scroll = ScrollRoom(self)
        self._sheet = scroll.sheet
        self._ready = QVBoxLayout(self._sheet)
        self._ready.setContentsMargins(0, 0, 0, 0)
        self._ready.addStretch(1)
        return scroll

    def render(self, prompt: Prompt) -> bool:  # type: ignore[override]
        """Draw this question. What was typed stays as long as the question is the same.

        Returns:
            Whether it is a new question, whose field should have the focus.
        """
        before = self._prompt
        if prompt == before:
            return False
        self._prompt = prompt
        is_new = before is None or (before.kind, before.title) != (prompt.kind, prompt.title)
        if is_new:
            self._leave_dialog()
        self.title.show_text(prompt.title)
        self.hint.show_text(prompt.hint)
        self.field.setAccessibleName(texts.clean(prompt.title))
        self.field.setAccessibleDescription(texts.clean(prompt.hint))
        self.field.rows = 1 if prompt.kind in _ONE_LINE else 3
        self.field.size_rows()
        self.field.setVisible(not prompt.is_choice)
        self.accept.setVisible(not prompt.is_choice)
        self.setAccessibleName(texts.clean(prompt.title))
        self.browse.setVisible(prompt.kind in (QuestionKind.PHOTO, QuestionKind.MYSTERY_PHOTO))
        self.browse.show_words(_("Choose a picture…"), "")
        self.second_caption.show_text(prompt.second)
        self.second.setAccessibleName(texts.clean(prompt.second))
        self.second.setVisible(bool(prompt.second))
        self.accept.show_words(prompt.accept, "↵")
        self.cancel.show_words(prompt.cancel or _("Cancel"), "Esc")
        self._show_templates(prompt.templates)
        if is_new or before is None or before.text != prompt.text:
            self.field.setPlainText(prompt.text[:_MOST_TEXT])
            self.field.moveCursor(QTextCursor.MoveOperation.End)
        if is_new or before is None or before.second_text != prompt.second_text:
            self.second.setPlainText(prompt.second_text[:_MOST_TEXT])
        return is_new

    def forget(self) -> None:
        """Forget the question; the next one starts with an empty field."""
        if self._prompt is not None:
            self._prompt = None
            self._leave_dialog()
            self.field.clear()
            self.second.clear()

    def home(self) -> QWidget:
        """Return what takes the focus with the question: where answers are numbered, words come second."""
        return self if self._prompt is not None and self._prompt.templates else self.field

    def words_field(self) -> QPlainTextEdit | None:
        """Return the field that any other sign than a digit begins to fill; None for a choice."""
        return None if self._prompt is None or self._prompt.is_choice else self.field

    def event(self, event: QEvent) -> bool:
        """Take the digits of numbered answers before they are the keys of grades, and what begins words."""
        is_key = event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if is_key and (self._number(event) is not None or self._begins_words(event)):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose by number, or begin to write with any other sign; a gun's Enter does nothing."""
        number = self._number(event)
        if number is not None:
            if self._prompt is not None and number < len(self._prompt.templates):
                self.template_chosen.emit(number)
        elif self._begins_words(event):
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)
            self.field.insertPlainText(event.text())
        else:
            super().keyPressEvent(event)

    def _begins_words(self, event: QEvent) -> bool:
        """Whether a key writes the first sign of an answer in words."""
        if self._prompt is None or self._prompt.is_choice or not isinstance(event, QKeyEvent):
            return False
        bare = event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier == Qt.KeyboardModifier.NoModifier
        return bare and event.text().isprintable() and bool(event.text().strip())

    def _number(self, event: QEvent) -> int | None:
        """Return the place that a digit stands for, where answers are numbered; None for every other key.

        It may be the place of no answer: a digit never falls through to the grades then.
        """
        text, prompt = event.text() if isinstance(event, QKeyEvent) else "", self._prompt
        if prompt is None or not prompt.templates or len(text) != 1 or text not in "123456789":
            return None
        return int(text) - 1

    def _show_templates(self, templates: tuple[str, ...]) -> None:
        """Show the ready answers with their keys."""
        for gone in self._templates[len(templates) :]:
            gone.hide()
            gone.deleteLater()
        del self._templates[len(templates) :]
        while len(self._templates) < len(templates):
            made = KeyCapButton(str(len(self._templates)), grows=True, parent=self._sheet)
            made.requested.connect(self._choose)
            self._ready.insertWidget(len(self._templates), made)
            self._templates.append(made)
        for number, (button, text) in enumerate(zip(self._templates, templates, strict=True), start=1):
            button.show_words(text, str(number) if number <= _MOST_NUMBERED else "")

    def _tell_edited(self) -> None:
        self.edited.emit(self.field.toPlainText())

    def _tell_second(self) -> None:
        self.second_edited.emit(self.second.toPlainText())

    def _choose(self, place: str) -> None:
        self.template_chosen.emit(int(place))

    def _accept(self) -> None:
        self.answered.emit(self.field.toPlainText().strip())

    def _browse(self) -> None:
        """Choose a picture by touch; choosing one answers."""
        # Not at the top: most shifts never see the dialog.
        from loopdesk.ui.dialogs import picture_dialog  # noqa: PLC0415

        self._leave_dialog()
        self._dialog = picture_dialog(self)
        self._dialog.fileSelected.connect(self.answered)
        self._dialog.finished.connect(self._dialog_left)
        open_with_focus(self._dialog)

    def _dialog_left(self, _result: int) -> None:
        self._dialog = None

    def _leave_dialog(self) -> None:
        """Close the dialog: its picture belongs to a question that is gone."""
        if self._dialog is not None:
            self._dialog.reject()

    def _cancel(self) -> None:
        self.cancelled.emit()

    def templates(self) -> list[KeyCapButton]:
        """Return the buttons of the ready answers."""
        return list(self._templates)

    def buttons(self) -> list[QWidget]:
        """Return the widgets that take the focus, in tab order."""
        return [self.field, self.second, self.browse, *self._templates, self.cancel, self.accept]

    def _space(self) -> None:
        """Set the spacing for the scale."""
        now = look()
        self._column.setSpacing(now.px(10))
        self._ready.setSpacing(now.px(8))
        self._foot.setSpacing(now.px(8))
        self._inner.setContentsMargins(now.px(16), now.px(14), now.px(16), now.px(16))
        self._inner.setSpacing(now.px(8))
        self.field.size_rows()
        self.second.size_rows()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the scale."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()

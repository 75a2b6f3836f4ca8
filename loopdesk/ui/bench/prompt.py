"""A question to the operator: beside the return where it fits in full, else over the whole bench."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QTextCursor
from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.commands import MORE_ANSWERS
from loopdesk.presenters.screens.returns import Prompt, QuestionKind
from loopdesk.ui import texts
from loopdesk.ui.bench.answer_field import AnswerField
from loopdesk.ui.bench.prompt_arrangement import PromptArrangement, PromptParts
from loopdesk.ui.input.focus import WordsSecond, open_with_focus
from loopdesk.ui.widgets import keypad
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.card import Card
from loopdesk.ui.widgets.coded import AnswerGrid, CodedButton
from loopdesk.ui.widgets.fitted import FittedLabel
from loopdesk.ui.widgets.keypad import Keypad

_ONE_LINE = (QuestionKind.CODE, QuestionKind.EXTRA)
_MOST_TEXT = 20_000


class PromptPanel(WordsSecond):
    """Title, hint, the numbered answers, a field for words with its keypad, and the two ends at the foot.

    Signals:
        answered(str): The words in the field were accepted.
        template_chosen(int): A numbered answer was chosen; carries its place, from 0.
        more_wanted(str): Further answers are wanted; carries the command.
        cancelled(): The question was left.
        edited(str): What the field holds now.
        second_edited(str): What the second field holds now; only some questions have one.
        rearranged(): It needs another height now.
    """

    answered = Signal(str)
    edited = Signal(str)
    second_edited = Signal(str)
    template_chosen = Signal(int)
    more_wanted = Signal(str)
    cancelled = Signal()
    rearranged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._prompt: Prompt | None = None
        self._is_second = False
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.card = Card(self)
        self.title = FittedLabel("heading", 4, self)
        self.hint = FittedLabel("secondary", 8, self)
        self.answers = AnswerGrid(self)
        self.field = AnswerField(self)
        self.pad_button = KeyCapButton("keypad", icon="keyboard", parent=self)
        self.pad = Keypad(self)
        self.browse = KeyCapButton("browse", icon="image", parent=self)
        self.second_caption = FittedLabel("secondary", 1, self)
        self.second = AnswerField(self)
        self.second.rows = 1
        self.more = CodedButton(MORE_ANSWERS, parent=self)
        self.cancel = CodedButton("cancel", parent=self)
        self.accept = CodedButton("accept", variant="primary", parent=self)
        self.pad.hide()
        self._dialog: QFileDialog | None = None
        self._parts = PromptParts(
            *(self.card, self.title, self.hint, self.answers, self.field, self.pad_button, self.pad),
            *(self.browse, self.second_caption, self.second, self.more, self.cancel, self.accept),
        )
        self._arrangement = PromptArrangement(self._parts)
        self._connect()

    def _connect(self) -> None:
        """Connect the parts."""
        self.field.answered.connect(self._accept)
        self.field.left.connect(self.cancelled)
        self.field.textChanged.connect(self._tell_edited)
        self.field.entered.connect(self._choose_first)
        self.second.entered.connect(self._choose_second)
        self.second.answered.connect(self._accept)
        self.second.left.connect(self.cancelled)
        self.second.textChanged.connect(self._tell_second)
        self.answers.chosen.connect(self.template_chosen)
        self.more.requested.connect(self.more_wanted)
        self.pad_button.requested.connect(self._toggle_pad)
        self.pad.typed.connect(self._write)
        self.pad.deleted.connect(self._delete)
        self.pad.entered.connect(self._accept)
        self.browse.requested.connect(self._browse)
        self.accept.requested.connect(self._accept)
        self.cancel.requested.connect(self._cancel)

    def render(self, prompt: Prompt) -> bool:  # type: ignore[override]
        """Draw this question. What was typed stays as long as the question is the same.

        Returns:
            Whether it is a new question, whose field should have the focus.
        """
        before = self._prompt
        if prompt == before:
            return False
        self._prompt, self._parts.has_answers = prompt, bool(prompt.templates)
        is_new = before is None or (before.kind, before.number) != (prompt.kind, prompt.number)
        if is_new:
            self._leave_dialog()
            self.pad.hide()
            self._is_second = False
        self._show_words(prompt)
        if is_new:
            self.field.setPlainText(prompt.text[:_MOST_TEXT])
            self.field.moveCursor(QTextCursor.MoveOperation.End)
            self.second.setPlainText(prompt.second_text[:_MOST_TEXT])
        self._place()
        return is_new

    def _show_words(self, prompt: Prompt) -> None:
        """Set the texts, and show what the question has."""
        is_photo = prompt.kind in (QuestionKind.PHOTO, QuestionKind.MYSTERY_PHOTO)
        self.setAccessibleName(texts.clean(prompt.title))
        self.title.show_text(prompt.title)
        self.hint.show_text("" if prompt.is_hint_told else prompt.hint)
        self.field.setAccessibleName(texts.clean(prompt.title))
        self.field.setAccessibleDescription(texts.clean(prompt.hint))
        self.field.rows = 1 if prompt.kind in _ONE_LINE or prompt.templates else 3
        self.field.setPlaceholderText(_("or in words") if prompt.templates else "")
        self.field.setVisible(not prompt.is_choice)
        self.pad_button.show_words(_("Keypad"), "")
        self.pad_button.setVisible(not prompt.is_choice and not is_photo)
        self.browse.show_words(_("Choose a picture…"), "")
        self.browse.setVisible(is_photo)
        self.second_caption.show_text(prompt.second)
        self.second.setAccessibleName(texts.clean(prompt.second))
        self.second.setVisible(bool(prompt.second))
        self.accept.setVisible(not prompt.is_choice)
        self.accept.show_words(prompt.accept, "↵")
        self.accept.show_code(prompt.codes.accept)
        self.cancel.show_words(prompt.cancel or _("Cancel"), "Esc")
        self.cancel.show_code(prompt.codes.leave)
        self.more.show_words(prompt.more, "0")
        self.more.show_code(prompt.codes.more)
        self.more.setVisible(bool(prompt.more))
        self.answers.show_answers(prompt.templates, prompt.details, prompt.chosen, prompt.codes.ready)

    def forget(self) -> None:
        """Forget the question; the next one starts with an empty field."""
        if self._prompt is not None:
            self._prompt = None
            self._leave_dialog()
            self.pad.hide()
            self.field.clear()
            self.second.clear()

    def hide_codes(self, hidden: bool) -> None:
        """Leave the places of the codes white, in a picture that is kept."""
        for button in (*self.answers.answers(), *self._parts.ends()):
            button.hide_code(hidden)

    # --- focus and keys -----------------------------------------------------------------------------------

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
            self._choose(number)
        elif self._begins_words(event):
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)
            self.field.insertPlainText(event.text())
        else:
            super().keyPressEvent(event)

    def _choose(self, number: int) -> None:
        """Choose the answer of a digit, as far as there is one; 0 shows more."""
        if self._prompt is None:
            return
        if number == 0 and self._prompt.more:
            self.more_wanted.emit(MORE_ANSWERS)
        elif 0 < number <= len(self._prompt.templates):
            self.template_chosen.emit(number - 1)

    def _begins_words(self, event: QEvent) -> bool:
        """Whether a key writes the first sign of an answer in words."""
        if self._prompt is None or self._prompt.is_choice or not isinstance(event, QKeyEvent):
            return False
        bare = event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier == Qt.KeyboardModifier.NoModifier
        return bare and event.text().isprintable() and bool(event.text().strip())

    def _number(self, event: QEvent) -> int | None:
        """Return the digit that a key writes, where answers are numbered; None for every other key.

        It may be the number of no answer: a digit never falls through to the grades then.
        """
        text, prompt = event.text() if isinstance(event, QKeyEvent) else "", self._prompt
        if prompt is None or not prompt.templates or len(text) != 1 or text not in "0123456789":
            return None
        return int(text)

    def _tell_edited(self) -> None:
        self.edited.emit(self.field.toPlainText())

    def _tell_second(self) -> None:
        self.second_edited.emit(self.second.toPlainText())

    def _accept(self) -> None:
        self.answered.emit(self.field.toPlainText().strip())

    def _cancel(self) -> None:
        self.cancelled.emit()

    # --- the keypad and the picture -------------------------------------------------------------------------

    def _toggle_pad(self) -> None:
        """Open or close the keypad, in place of the answers."""
        self.pad.setVisible(self.pad.isHidden())
        self._place()
        self.rearranged.emit()

    def _written(self) -> QPlainTextEdit:
        """Return the field that the keypad writes into: the one that was touched last."""
        return self.second if self._is_second else self.field

    def _choose_first(self) -> None:
        self._is_second = False

    def _choose_second(self) -> None:
        self._is_second = True

    def _write(self, text: str) -> None:
        keypad.write(self._written(), text)

    def _delete(self) -> None:
        keypad.delete(self._written())

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

    # --- buttons and places -------------------------------------------------------------------------------

    def templates(self) -> list[CodedButton]:
        """Return the buttons of the numbered answers."""
        return self.answers.answers()

    def buttons(self) -> list[QWidget]:
        """Return the widgets that take the focus, in tab order."""
        beside = (self.field, self.pad_button, self.second, self.browse)
        return [*self.answers.answers(), *beside, self.more, self.cancel, self.accept]

    @property
    def wants_all(self) -> bool:
        """Whether it is for the whole bench: which return to open, and what is written on the keypad."""
        is_choice = self._prompt is not None and self._prompt.kind is QuestionKind.RETURN
        return is_choice or self.has_pad

    @property
    def shows_photo(self) -> bool:
        """Whether it is about a photo that is shown large beside it."""
        return self._prompt is not None and bool(self._prompt.photo)

    @property
    def has_pad(self) -> bool:
        """Whether the keypad is open."""
        return not self.pad.isHidden()

    def needed(self, width: int) -> int:
        """Return the height at which the question is seen in full at a width."""
        return self._arrangement.needed(width)

    def place(self, where: QRect, inset: int) -> None:
        """Stand at a place, whose lower left corner is left free for Undo, so many pixels wide."""
        self._arrangement.inset = inset
        self.setGeometry(where)
        self._place()

    def room_for_live(self) -> QRect:
        """Return where the camera's picture stands when the question has the whole bench."""
        return self._arrangement.room_for_live()

    def _place(self) -> None:
        self._arrangement.place(self.width(), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange everything."""
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the scale."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange and hasattr(self, "_arrangement"):
            self._place()

"""Separate windows, awaited without a nested event loop: questions, and the choice of a picture file."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.ui import texts
from loopdesk.ui.input.focus import open_with_focus
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.fitted import FittedLabel


@dataclass(frozen=True, slots=True)
class Question:
    """A question to a person.

    Attributes:
        title: The question in a few words.
        text: Its consequence.
        accept: Caption of the button that agrees.
        cancel: Caption of the button that does not; "" for a notice.
        field: ``text`` or ``secret`` to ask for words, "" otherwise.
        value: Initial text of the field.
        destructive: Agreeing is irreversible: it takes a deliberate press of the button.
    """

    title: str
    text: str
    accept: str
    cancel: str = ""
    field: str = ""
    value: str = ""
    destructive: bool = False


class QuestionDialog(QDialog):
    """Shows a question. There is no default button, so a stray Enter answers nothing."""

    def __init__(self, question: Question, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(texts.title(question.title))
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.title = FittedLabel("heading", 3, self)
        self.text = FittedLabel("body", 12, self, lines=True)
        self.field = QLineEdit(self)
        self.accept_button = self._button(question.accept, "primary")
        self.cancel_button = self._button(question.cancel, "")
        self.title.show_text(question.title)
        self.text.show_text(question.text, limit=2000)
        self.field.setText(question.value)
        self.field.setAccessibleName(texts.clean(question.title))
        self.field.setVisible(bool(question.field))
        if question.field == "secret":
            self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.cancel_button.setVisible(bool(question.cancel))
        self.accept_button.clicked.connect(self.accept)
        self.cancel_button.clicked.connect(self.reject)
        if not question.destructive:
            self.field.returnPressed.connect(self.accept)
        self._build_layout()

    def _button(self, text: str, variant: str) -> QPushButton:
        """Make a button that is never the default."""
        button = QPushButton(texts.caption(text), self)
        button.setProperty("variant", variant)
        button.setAutoDefault(False)
        button.setDefault(False)
        button.setMinimumHeight(look().px(56))
        return button

    def _build_layout(self) -> None:
        """Stack the words over the field and the buttons."""
        now = look()
        column = QVBoxLayout(self)
        column.setContentsMargins(now.px(24), now.px(24), now.px(24), now.px(24))
        column.setSpacing(now.px(12))
        for part in (self.title, self.text, self.field):
            column.addWidget(part)
        column.addSpacing(now.px(12))
        buttons = QHBoxLayout()
        buttons.setSpacing(now.px(12))
        buttons.addWidget(self.cancel_button, 1)
        buttons.addWidget(self.accept_button, 1)
        column.addLayout(buttons)
        self.setFixedWidth(now.px(480))

    def words(self) -> str:
        """Return the text of the field."""
        return self.field.text()


async def ask(parent: QWidget | None, question: Question) -> str | None:
    """Ask a person and wait without blocking anything else.

    Returns:
        The text of the field ("" without one) if the person agreed, else None.
    """
    dialog = QuestionDialog(question, parent)
    answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def settle(result: int) -> None:
        if not answer.done():
            answer.set_result(result)

    dialog.finished.connect(settle)
    open_with_focus(dialog)
    try:
        agreed = await answer == QDialog.DialogCode.Accepted.value
        return dialog.words() if agreed else None
    finally:
        dialog.finished.disconnect(settle)
        dialog.close()
        dialog.deleteLater()


_KINDS = "*.jpg *.jpeg *.png *.webp *.bmp *.gif"


def picture_dialog(parent: QWidget) -> QFileDialog:
    """Make the dialog; the caller connects ``fileSelected`` and calls ``open()``.

    It is Qt's own dialog, because the keys of the system's never pass the scan filter.
    """
    dialog = QFileDialog(parent, _("Choose a picture"))
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setNameFilter(f"{_('Pictures')} ({_KINDS})")
    dialog.setDirectory(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.PicturesLocation))
    dialog.setWindowModality(Qt.WindowModality.WindowModal)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return dialog

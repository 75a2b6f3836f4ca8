"""One setting as a row: what it is at the left, its value at the right, what is wrong below."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from loopdesk.presenters.screens import FieldScreen
from loopdesk.ui import texts
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.fitted import FittedLabel

TRUE, FALSE = "true", "false"


class CalmCombo(QComboBox):
    """A list of choices that the wheel does not change while the page is scrolled over it."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page scroll."""
        event.ignore()


class SettingRow(QWidget):
    """Label and help beside the editor that fits the kind of the setting.

    Signals:
        changed(str, str): A person entered a value; carries the key and the text.
    """

    changed = Signal(str, str)

    def __init__(self, field: FieldScreen, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = field.key
        self._kind = field.kind
        self._rendering = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        said = QVBoxLayout()
        self.label = FittedLabel("body-strong", 2, self)
        self.help = FittedLabel("secondary", 4, self)
        self.source = FittedLabel("secondary", 2, self)
        self.problem = FittedLabel("body-strong", 3, self)
        for part in (self.label, self.help, self.source, self.problem):
            said.addWidget(part)
        self.editor = self._make_editor(field)
        row.addLayout(said, 3)
        row.addWidget(self.editor, 2, Qt.AlignmentFlag.AlignVCenter)
        self._row, self._said = row, said
        self._space()
        self.render(field)

    def _make_editor(self, field: FieldScreen) -> QWidget:
        """Make what the kind of the setting is changed with."""
        if field.kind == "switch":
            switch = QCheckBox(self)
            switch.toggled.connect(self._toggled)
            return switch
        if field.kind == "choice":
            combo = CalmCombo(self)
            combo.addItems([texts.clean(option) for option in field.options])
            combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            combo.currentTextChanged.connect(self._entered)
            return combo
        line = QLineEdit(self)
        line.setMaxLength(2000)
        line.textEdited.connect(self._entered)
        return line

    def render(self, field: FieldScreen) -> None:  # type: ignore[override]
        """Draw this setting; what a person is typing stays under their hands."""
        self._rendering = True
        self.label.show_text(field.label)
        self.help.show_text(field.help)
        self.source.show_text(field.source, "accent")
        self.problem.show_text(field.problem, "blocked")
        self.editor.setEnabled(not field.locked)
        self.editor.setAccessibleName(texts.clean(field.label))
        described = ". ".join(x for x in (field.problem, field.help, field.source) if x)
        self.editor.setAccessibleDescription(texts.clean(described))
        self._fill(field.value)
        self._rendering = False

    def _fill(self, value: str) -> None:
        editor = self.editor
        if isinstance(editor, QCheckBox):
            editor.setChecked(value == TRUE)
            say = texts.translate
            editor.setText(say("SettingRow", "On") if value == TRUE else say("SettingRow", "Off"))
        elif isinstance(editor, QComboBox):
            if editor.findText(value) < 0:
                editor.addItem(texts.clean(value))
            editor.setCurrentText(value)
        elif isinstance(editor, QLineEdit) and editor.text() != value:
            editor.setText(value)

    def _entered(self, text: str) -> None:
        if not self._rendering:
            self.changed.emit(self.key, text)

    def _toggled(self, on: bool) -> None:
        self._entered(TRUE if on else FALSE)

    def _space(self) -> None:
        """Set the distances for the scale."""
        now = look()
        self._row.setSpacing(now.px(24))
        self._row.setDirection(QBoxLayout.Direction.LeftToRight)
        self._said.setSpacing(now.px(2))
        self.editor.setMinimumHeight(now.px(44))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the scale."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()

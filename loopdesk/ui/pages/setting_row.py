"""One setting as a row: its label at the left, its value at the right, errors below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import FieldScreen
from loopdesk.ui import assets, texts
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.fitted import FittedLabel, draw_lines

TRUE, FALSE = "true", "false"
_TRACK = 52
_SWITCH = 44


class CalmCombo(QComboBox):
    """A combo box that ignores the wheel, so that scrolling the page does not change it."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the field, and the arrow in the theme's color."""
        super().paintEvent(event)
        now = look()
        size = now.px(20)
        ink = now.color("text" if self.isEnabled() else "on_disabled")
        painter = QPainter(self)
        arrow = assets.tinted("chevron-down", size, ink, self.devicePixelRatioF())
        painter.drawPixmap(QPoint(self.width() - size - now.px(12), (self.height() - size) // 2), arrow)
        painter.end()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Let the page scroll."""
        event.ignore()


class Switch(QCheckBox):
    """On or off, as a track with a knob and a word; clickable everywhere."""

    def sizeHint(self) -> QSize:
        """Return the size of track and word."""
        now = look()
        word = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(now.px(_TRACK + 12) + word + now.px(4), now.px(_SWITCH))

    def minimumSizeHint(self) -> QSize:
        """Return the same: it is never cut."""
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:  # noqa: N802 - Qt's name
        """Accept a press anywhere."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Draw track, knob, word and ring."""
        now = look()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = now.px(28)
        track = QRectF(now.px(2), (self.height() - height) / 2, now.px(_TRACK), height)
        on, able = self.isChecked(), self.isEnabled()
        ground = now.color("disabled" if not able else "accent" if on else "surface")
        edge = now.color("accent" if on and able else "muted")
        painter.setBrush(ground)
        painter.setPen(QPen(edge, now.px(2)))
        painter.drawRoundedRect(track, height / 2, height / 2)
        knob = height - now.px(10)
        left = track.right() - knob - now.px(5) if on else track.left() + now.px(5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(now.color("on_disabled" if not able else "on_accent" if on else "muted"))
        painter.drawEllipse(QRectF(left, track.top() + now.px(5), knob, knob))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(now.color("text"), now.px(2)))
            grown = track.adjusted(-1, -now.px(3), now.px(3), now.px(3))
            painter.drawRoundedRect(grown, grown.height() / 2, grown.height() / 2)
        room = QRectF(track.right() + now.px(12), 0, self.width(), self.height())
        ink = now.color("text" if able else "on_disabled")
        draw_lines(painter, room, [self.text()], self.font(), ink)
        painter.end()


class SettingRow(QWidget):
    """Label and help next to the editor for the setting's kind.

    Signals: changed(str, str): A person entered a value; carries the key and the text.
    """

    changed = Signal(str, str)

    def __init__(self, field: FieldScreen, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = field.key
        self._rendering = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        said = QVBoxLayout()
        self.label = FittedLabel("body-strong", 2, self)
        self.help = FittedLabel("secondary", 4, self)
        self.source = FittedLabel("secondary", 2, self)
        self.problem = FittedLabel("body-strong", 3, self)
        said.addStretch(1)
        for part in (self.label, self.help, self.source, self.problem):
            said.addWidget(part)
        said.addStretch(1)
        self.editor = self._make_editor(field)
        row.addLayout(said, 3)
        row.addWidget(self.editor, 2, Qt.AlignmentFlag.AlignVCenter)
        self._row, self._said = row, said
        self._space()
        self.render(field)

    def _make_editor(self, field: FieldScreen) -> QWidget:
        """Make the editor for the setting's kind."""
        if field.kind == "switch":
            switch = Switch(self)
            switch.toggled.connect(self._toggled)
            return switch
        if field.kind == "choice":
            combo = CalmCombo(self)
            combo.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            combo.currentIndexChanged.connect(self._chosen)
            return combo
        line = QLineEdit(self)
        line.setMaxLength(2000)
        if field.kind == "secret":
            line.setEchoMode(QLineEdit.EchoMode.Password)
        line.textEdited.connect(self._entered)
        return line

    def render(self, field: FieldScreen) -> None:  # type: ignore[override]
        """Draw this setting; what a person is typing is left alone."""
        self._rendering = True
        self.label.show_text(field.label)
        self.help.show_text(field.help)
        self.source.show_text(field.source, "accent")
        self.problem.show_text(field.problem, "blocked")
        self.editor.setEnabled(not field.locked)
        self.editor.setAccessibleName(texts.clean(field.label))
        described = ". ".join(x for x in (field.problem, field.help, field.source) if x)
        self.editor.setAccessibleDescription(texts.clean(described))
        if isinstance(self.editor, QComboBox):
            self._offer(self.editor, field.options)
        self._fill(field.value)
        self._rendering = False

    @staticmethod
    def _offer(combo: QComboBox, options: Sequence[tuple[str, str]]) -> None:
        """Show what may be chosen, in the words of the window's language."""
        for place, (value, caption) in enumerate(options):
            if place < combo.count():
                combo.setItemText(place, texts.clean(caption))
            else:
                combo.addItem(texts.clean(caption), value)

    def _fill(self, value: str) -> None:
        editor = self.editor
        if isinstance(editor, QCheckBox):
            editor.setChecked(value == TRUE)
            editor.setText(_("On") if value == TRUE else _("Off"))
        elif isinstance(editor, QComboBox):
            if editor.findData(value) < 0:
                editor.addItem(texts.clean(value), value)
            editor.setCurrentIndex(editor.findData(value))
        elif isinstance(editor, QLineEdit) and editor.text() != value:
            editor.setText(value)

    def _entered(self, text: str) -> None:
        if not self._rendering:
            self.changed.emit(self.key, text)

    def _chosen(self, place: int) -> None:
        if isinstance(self.editor, QComboBox):
            self._entered(str(self.editor.itemData(place)))

    def _toggled(self, on: bool) -> None:
        self._entered(TRUE if on else FALSE)

    def _space(self) -> None:
        """Set the spacing for the scale."""
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

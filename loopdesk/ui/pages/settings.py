"""The settings: draws a ``SettingsScreen`` with the key and the practice faults, and emits what was
entered.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QBoxLayout, QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.pages.setting_fields import TRUE
from loopdesk.presenters.pages.settings import DrillsScreen
from loopdesk.presenters.screens.pages import FieldScreen, SettingsScreen
from loopdesk.ui import assets, texts
from loopdesk.ui.pages.page_view import PageView
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.card import WordsCard
from loopdesk.ui.widgets.choices import AskPanel
from loopdesk.ui.widgets.filters import FilterRow
from loopdesk.ui.widgets.fitted import FittedLabel, Message, draw_lines

if TYPE_CHECKING:
    from loopdesk.presenters.pages.settings import DrillsPresenter, SettingsPresenter

# --- one setting ------------------------------------------------------------------------------------

FALSE = "false"
IT = "it"
"""The page of lead and IT."""

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

    Signals:
        changed(str, str): A person entered a value; carries the key and the text.
    """

    changed = Signal(str, str)

    def __init__(self, field: FieldScreen, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = field.key
        self._rendering = False
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        said = QVBoxLayout()
        self.label = FittedLabel("body-strong", 5, self)
        self.help = FittedLabel("secondary", 12, self)
        self.source = FittedLabel("secondary", 2, self)
        self.problem = FittedLabel("body-strong", 4, self)
        self.news = FittedLabel("body-strong", 4, self)
        said.addStretch(1)
        for part in (self.label, self.help, self.source, self.problem, self.news):
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
        self.news.show_text(field.news)
        self.editor.setEnabled(not field.locked)
        self.editor.setAccessibleName(texts.clean(field.label))
        described = texts.sentences((field.problem, field.news, field.help, field.source))
        self.editor.setAccessibleDescription(texts.clean(described))
        if isinstance(self.editor, QComboBox):
            self._offer(self.editor, field.options)
        self._fill(field.value)
        self._rendering = False

    @staticmethod
    def _offer(combo: QComboBox, options: Sequence[tuple[str, str]]) -> None:
        """Show what may be chosen, in the words of the window's language; a camera comes and goes."""
        for place, (value, caption) in enumerate(options):
            if place < combo.count():
                combo.setItemText(place, texts.clean(caption))
                combo.setItemData(place, value)
            else:
                combo.addItem(texts.clean(caption), value)
        while combo.count() > len(options):
            combo.removeItem(combo.count() - 1)

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


# --- the view ---------------------------------------------------------------------------------------


class DrillsCard(WordsCard):
    """A button for each fault, and the description of the active one."""

    def __init__(self, presenter: DrillsPresenter, parent: QWidget | None = None) -> None:
        super().__init__((("strong", 1), ("secondary", 2)), parent, gap=12)
        self._presenter = presenter  # nobody else keeps it
        self.drills = FilterRow(self)
        self.column.insertWidget(1, self.drills)
        self.drills.chosen.connect(presenter.choose)
        presenter.attach(self)

    def render(self, screen: DrillsScreen) -> None:  # type: ignore[override]
        """Draw this screen."""
        self.show_words(_("Practice a fault"), screen.sentence)
        self.drills.show_filters(screen.drills, screen.playing)


class KeyPanel(WordsCard):
    """State, field and buttons. The key is cleared from the field immediately and never shown.

    Signals:
        key_entered(str): A key is to be checked and used.
        chosen(str): Something else is to be done about the key; carries the intent.
    """

    key_entered = Signal(str)
    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__((("caption", 1), ("body-strong", 6)), parent, gap=10)
        self.field = QLineEdit(self)
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.setMaxLength(2000)
        self.check = KeyCapButton("key", icon="key", parent=self)
        self.choice = KeyCapButton("", parent=self)
        for part in (self.field, self.check, self.choice):
            self.column.addWidget(part)
        self.field.returnPressed.connect(self._enter)
        self.field.textChanged.connect(self._typed)
        self.check.requested.connect(self._enter)
        self.choice.requested.connect(self.chosen)
        self._checking = False
        self.retranslate()

    def show_key(self, screen: SettingsScreen) -> None:
        """Show what is known of the key."""
        self._checking = screen.checking
        state = _("Asking Loop…") if screen.checking else screen.key_state
        tone = "plain" if screen.checking else screen.key_tone
        self.show_words(_("API KEY"), (state, tone))
        for part in (self.field, self.check):
            part.setVisible(not screen.practice)
        choice = screen.key_choice
        self.choice.setVisible(choice is not None and not screen.checking)
        if choice is not None:
            self.choice.command = choice.intent
            self.choice.show_words(choice.text, "")
        self._typed(self.field.text())

    def _typed(self, text: str) -> None:
        self.check.setEnabled(bool(text.strip()) and not self._checking)

    def _enter(self, _command: str = "") -> None:
        """Emit the key and clear the field."""
        key = self.field.text()
        if key.strip() and not self._checking:
            self.field.clear()
            self.key_entered.emit(key)

    def retranslate(self) -> None:
        """Set the panel's own texts in the window's language."""
        self.field.setAccessibleName(_("Another API key"))
        self.field.setPlaceholderText(_("another key"))
        self.check.show_words(_("Check and use"), "", enabled=self.check.isEnabled())

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()


class SettingsView(PageView):
    """A card for each section of a page at the left; saving and the sheet of codes at the right, with key,
    practice and new codes on the page of lead and IT.

    Signals:
        page_chosen(str), changed(str, str), saved(), discarded(), key_entered(str), choice_made(str),
        confirmed(), dismissed(), sheet_wanted().
    """

    page_chosen = Signal(str)
    changed = Signal(str, str)
    saved = Signal()
    discarded = Signal()
    key_entered = Signal(str)
    choice_made = Signal(str)
    confirmed = Signal()
    dismissed = Signal()
    sheet_wanted = Signal()

    def __init__(self, presenter: SettingsPresenter, parent: QWidget | None = None) -> None:
        super().__init__(presenter, parent=parent)
        self._presenter = presenter
        self._rows: dict[str, SettingRow] = {}
        self._sections: list[WordsCard] = []
        self._shape: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
        self.pages = FilterRow(self)
        self.work.addWidget(self.pages)
        self.work.addStretch(1)
        self._build_side()
        self.retranslate()
        self._connect()
        presenter.attach(self)

    def _build_side(self) -> None:
        """Make the right column."""
        self.save = KeyCapButton("save", icon="check", variant="primary", height=76, parent=self)
        self.discard = KeyCapButton("discard", icon="undo-2", parent=self)
        self.problem = Message("body-strong", 5, self)
        self.key = KeyPanel(self)
        self.practice = KeyCapButton("practice", icon="graduation-cap", parent=self)
        self.sheet = KeyCapButton("sheet", icon="printer", parent=self)
        self.codes = KeyCapButton("new_codes", icon="refresh-cw", parent=self)
        self.ask = AskPanel(self)
        first = (self.ask, self.save, self.discard, self.problem)
        for part in (*first, self.key, self.practice, self.sheet, self.codes):
            self.side.addWidget(part)
        self.side.addStretch(1)

    def _connect(self) -> None:
        """Connect the parts to the view's signals, and those to the presenter."""
        self.save.clicked.connect(self.saved)
        self.discard.clicked.connect(self.discarded)
        self.sheet.clicked.connect(self.sheet_wanted)
        self.practice.requested.connect(self.choice_made)
        self.codes.requested.connect(self.choice_made)
        self.key.chosen.connect(self.choice_made)
        self.key.key_entered.connect(self.key_entered)
        self.ask.confirmed.connect(self._confirm)
        self.ask.dismissed.connect(self.dismissed)
        presenter = self._presenter
        self.pages.chosen.connect(self.page_chosen)
        self.page_chosen.connect(presenter.choose_page)
        self.changed.connect(presenter.change)
        self.saved.connect(presenter.save)
        self.discarded.connect(presenter.discard)
        self.key_entered.connect(presenter.enter_key)
        self.choice_made.connect(presenter.choose)
        self.confirmed.connect(presenter.confirm)
        self.dismissed.connect(presenter.dismiss)
        self.problem.left.connect(presenter.dismiss)
        self.sheet_wanted.connect(presenter.print_codes)

    def _confirm(self, _reason: str) -> None:
        self.confirmed.emit()

    def render(self, screen: SettingsScreen) -> None:  # type: ignore[override]
        """Draw this screen; the rows are made once and filled afterwards."""
        self.show_heading(_("Settings of this station"))
        self.pages.show_filters(screen.pages, screen.page)
        shape = tuple((title, tuple((x.key, x.kind) for x in fields)) for title, fields in screen.sections)
        if shape != self._shape:
            self._shape = shape
            self._rebuild(screen.sections)
        for _title, fields in screen.sections:
            for field in fields:
                self._rows[field.key].render(field)
        asking = screen.asking is not None
        self.ask.show_choice(screen.asking)
        self.save.setVisible(not asking)
        self.discard.setVisible(not asking and screen.changed)
        self.save.setEnabled(screen.changed)
        self.problem.show_text(screen.problem or screen.saved, "blocked" if screen.problem else "ok")
        self.key.show_key(screen)
        self.sheet.setVisible(not asking)
        for part in (self.key, self.practice, self.codes):
            part.setVisible(not asking and screen.page == IT)
        words = _("End practice…") if screen.practice else _("Practice…")
        self.practice.show_words(words, "")
        self.sheet.show_words(self._sheet_words(screen.practice), "")

    def _rebuild(self, sections: tuple[tuple[str, tuple[FieldScreen, ...]], ...]) -> None:
        """Make a card for each section."""
        for gone in self._sections:
            gone.hide()
            gone.deleteLater()
        self._sections.clear()
        self._rows.clear()
        for title, fields in sections:
            card = WordsCard((("strong", 1),), self)
            card.show_words(title)
            for field in fields:
                row = SettingRow(field, card)
                row.changed.connect(self.changed)
                card.column.addWidget(row)
                self._rows[field.key] = row
            self.work.insertWidget(self.work.count() - 1, card)
            self._sections.append(card)
        self._space_sections()

    def _space_sections(self) -> None:
        """Give the rows of a section room."""
        for card in self._sections:
            card.column.setSpacing(self.work.spacing() + self.work.spacing() // 2)

    def _sheet_words(self, practice: bool) -> str:
        """Describe what is printed: in practice mode, labels to scan too."""
        if practice:
            return _("Print codes and practice labels")
        return _("Print the command codes")

    def row(self, key: str) -> SettingRow:
        """Return the row of a setting."""
        return self._rows[key]

    def space(self) -> None:
        """Set spacing for the scale."""
        super().space()
        if hasattr(self, "_sections"):
            self._space_sections()

    def retranslate(self) -> None:
        """Set the view's own texts in the window's language."""
        self.save.show_words(_("Save"), "", enabled=self.save.isEnabled())
        self.discard.show_words(_("Forget what was entered"), "")
        self.codes.show_words(_("New codes…"), "")
        self.pages.setAccessibleName(_("For whom"))

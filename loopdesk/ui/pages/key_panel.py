"""The API key in the settings: whether Loop accepts it, and a field for another one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import SettingsScreen
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.words_card import WordsCard


class KeyPanel(WordsCard):
    """State, field and buttons. The key leaves the field at once and stands nowhere on screen.

    Signals:
        key_entered(str): A key is to be checked and used.
        chosen(str): What else may be done about the key; carries the intent.
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
        """Hand the key on and forget it."""
        key = self.field.text()
        if key.strip() and not self._checking:
            self.field.clear()
            self.key_entered.emit(key)

    def retranslate(self) -> None:
        """Say the panel's own words in the language of the window."""
        self.field.setAccessibleName(_("Another API key"))
        self.field.setPlaceholderText(_("another key"))
        self.check.show_words(_("Check and use"), "", enabled=self.check.isEnabled())

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

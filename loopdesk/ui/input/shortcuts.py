"""The keys of the commands. They act wherever the focus is, except where a person types."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget

# By name, so that a class not otherwise needed is not loaded for a check.
_INPUTS = ("QLineEdit", "QPlainTextEdit", "QTextEdit", "QAbstractSpinBox", "QComboBox")
_ARROW_USERS = ("QAbstractItemView", "QAbstractSlider", "NavButton")
LEAVES_KEYS = "leaves_keys"
"""A widget with this property needs no keys itself, whatever its class: the commands' keys work in it."""

_ARROWS = ("Down", "Up", "Left", "Right")
# Keys that a text field handles itself.
_EDITING = ("Ctrl+A", "Ctrl+C", "Ctrl+V", "Ctrl+X", "Ctrl+Z", "Ctrl+Y", "Del", "Backspace", "Home", "End")


_SIGNS = {"Shift+1": "!"}
"""Keys with Shift by the character they type: where Shift types digits (AZERTY), Shift+1 is the key 1."""


def sequence_of(key: str) -> QKeySequence:
    """Return a key of the command table ("Down", "Ctrl+1", "F12") as a ``QKeySequence``."""
    return QKeySequence.fromString(_SIGNS.get(key, key), QKeySequence.SequenceFormat.PortableText)


class Shortcuts(QObject):
    """The keys of a window.

    Args:
        window: Where they act.
        table: (command id, key) of each command; "" for a command without a key.
        everywhere: Ids of the commands that also act while another view than the bench is shown.

    Signals:
        requested(str): A key was pressed; carries the command's id.
    """

    requested = Signal(str)

    def __init__(
        self, window: QWidget, table: Sequence[tuple[str, str]], everywhere: Collection[str]
    ) -> None:
        super().__init__(window)
        self._everywhere = frozenset(everywhere)
        self._on_bench = True
        self._keys: list[tuple[QShortcut, str, str]] = []
        for command, key in table:
            if key:
                self._add(window, command, key)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._focus_changed)

    def _add(self, window: QWidget, command: str, key: str) -> None:
        """Bind one key."""
        shortcut = QShortcut(sequence_of(key), window)
        if key in _SIGNS:  # some systems report the Shift that typed the character, some do not
            shortcut.setKeys([sequence_of(key), sequence_of(f"Shift+{_SIGNS[key]}")])
        shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
        shortcut.setAutoRepeat(key in _ARROWS)
        shortcut.setProperty("command", command)
        shortcut.activated.connect(self._fire)
        self._keys.append((shortcut, command, key))

    def _fire(self) -> None:
        """Emit the command whose key was pressed."""
        shortcut = self.sender()
        if isinstance(shortcut, QShortcut):
            self.requested.emit(str(shortcut.property("command")))

    def show_bench(self, shown: bool) -> None:
        """Set whether the bench is the current view."""
        self._on_bench = shown
        self._focus_changed(None, QApplication.focusWidget())

    def _focus_changed(self, _old: QWidget | None, new: QWidget | None) -> None:
        """Disable the keys that the focused widget needs itself."""
        is_input, moves = _is_any(new, _INPUTS), _is_any(new, _ARROW_USERS)
        for shortcut, command, key in self._keys:
            here = self._on_bench or command in self._everywhere
            needed = (is_input and _types(key)) or (moves and key in _ARROWS)
            shortcut.setEnabled(here and not needed)


def _is_any(widget: QWidget | None, kinds: Sequence[str]) -> bool:
    """Tell whether a widget is of one of these classes and needs keys itself."""
    if widget is None or widget.property(LEAVES_KEYS):
        return False
    return any(widget.inherits(kind) for kind in kinds)


def _types(key: str) -> bool:
    """Tell whether a text field handles a key."""
    return len(key) == 1 or key in _SIGNS or key in _ARROWS or key in _EDITING

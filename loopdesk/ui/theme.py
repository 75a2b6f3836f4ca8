"""Themes: a dozen named colors become the palette and the one style sheet of the program.

``resources/themes/*.toml`` name the roles, ``resources/themes/window.qss`` uses them. A widget says what it
is with a property (``role``, ``tone``, ``card``, ``variant``) and never carries a color; a widget that
paints itself asks ``look()`` and draws again when the style changes.

Properties of the style sheet, for every view:

* ``QLabel`` ``role``: name, heading, strong, sentence, body, body-strong, secondary, figure, caption
* ``QLabel`` ``tone``: ok, blocked, offline, unknown, accent
* ``QFrame`` ``card``: "true"
* ``QPushButton`` ``variant``: primary, chip, quiet
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from loopdesk.ui.assets import read_text

STYLE = "fusion"
"""Qt's style that is drawn the same on every system. An application that is made with it says so in its
property ``style``: to set it later loads all that Python knows of styles, before the window is painted."""

THEMES = ("light", "dark", "contrast")
SYSTEM = "system"
SMALLEST = 14
"""The size of the smallest text that a person must read, in px at 100 %. Key caps alone are smaller."""

TONES = ("ok", "blocked", "offline", "unknown")
ROLES = (
    *("ground", "surface", "raised", "hover", "line", "text", "muted", "accent", "on_accent", "selected"),
    *("disabled", "on_disabled", "on_tone", "practice", "on_practice"),
    *TONES,
    *(f"{tone}_soft" for tone in TONES),
)
_GROUNDS = ("ground", "surface", "raised", "hover", "selected")
TEXT_PAIRS: tuple[tuple[str, str], ...] = (
    *((ink, ground) for ink in ("text", "muted", "accent", *TONES) for ground in _GROUNDS),
    *((ink, f"{tone}_soft") for tone in TONES for ink in ("text", "muted", tone)),
    *(("on_tone", tone) for tone in TONES),
    ("on_accent", "accent"),
    ("on_disabled", "disabled"),
    ("on_practice", "practice"),
    ("surface", "text"),
)
"""Every pair of text and background color that the window uses."""


@dataclass(frozen=True, slots=True)
class Look:
    """A theme at a scale: what a self-painted widget needs.

    Attributes:
        name: ``light``, ``dark`` or ``contrast``.
        roles: Color of each role, ``#RRGGBB``.
        border: Edge of cards and buttons in px at 100 %.
        least_contrast: The minimum contrast ratio of every text pair of the theme.
        scale: Percent, 100 to 200.
    """

    name: str
    title: str
    dark: bool
    border: int
    least_contrast: float
    roles: dict[str, str]
    scale: int = 100

    def color(self, role: str) -> QColor:
        """Return the color of a role."""
        return QColor(self.roles[role])

    def tone(self, tone: str, plain: str = "text") -> QColor:
        """Return the text color of a tone; ``plain`` names the role of the tone "plain" and of unknown
        ones.
        """
        return self.color(tone if tone in TONES or tone == "accent" else plain)

    def soft(self, tone: str) -> QColor:
        """Return the soft background of a tone; the surface for the tone "plain"."""
        if tone == "accent":
            return self.color("selected")
        return self.color(f"{tone}_soft" if tone in TONES else "surface")

    def px(self, size: float) -> int:
        """Return a size at this scale, in whole device-independent pixels."""
        return int(size * self.scale / 100 + 0.5)

    def font(self, size: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
        """Return the system's font at a size in px at 100 %; cached, never to be modified."""
        pixels = max(1, self.px(size))
        font = _Wish.fonts.get((pixels, weight))
        if font is None:
            font = _Wish.fonts[pixels, weight] = QFont(QGuiApplication.font())
            font.setPixelSize(pixels)
            font.setWeight(weight)
        return font


class _Wish:
    """The last request, and the look that resulted; one for the application."""

    name = SYSTEM
    scale = 100
    look: Look | None = None
    follows = False
    fonts: ClassVar[dict[tuple[int, QFont.Weight], QFont]] = {}
    """Cache of ``Look.font``: a painted cell needs two or three."""


def read_theme(name: str, scale: int = 100) -> Look:
    """Read a theme.

    Raises:
        ValueError: The file lacks a role or has an unused one.
    """
    data = tomllib.loads(read_text(f"themes:{name}.toml"))
    roles: dict[str, str] = data["roles"]
    if set(roles) != set(ROLES):
        wrong = ", ".join(sorted(set(roles) ^ set(ROLES)))
        raise ValueError(f"theme {name}: roles missing or unknown: {wrong}")
    return Look(name, data["title"], data["dark"], data["border"], data["least_contrast"], roles, scale)


def look() -> Look:
    """Return the current look; the light theme before any was applied."""
    if _Wish.look is None:
        _Wish.look = read_theme("light")
    return _Wish.look


def apply_theme(app: QApplication, name: str = SYSTEM, scale: int = 100) -> Look:
    """Apply a theme.

    Args:
        app: The application.
        name: One of ``THEMES``, or ``system``, which follows the computer from then on.
        scale: Percent; clamped to 100 to 200.
    """
    _Wish.name, _Wish.scale = name, min(200, max(100, scale))
    hints = app.styleHints()
    if not _Wish.follows:
        hints.colorSchemeChanged.connect(_scheme_changed)
        _Wish.follows = True
    if name == SYSTEM:
        hints.unsetColorScheme()
    else:  # also the title bar, where the platform lets us
        dark = read_theme(name).dark
        hints.setColorScheme(Qt.ColorScheme.Dark if dark else Qt.ColorScheme.Light)
    return _dress(app)


def _scheme_changed() -> None:
    """Follow the computer's change to dark or light, if that was requested."""
    app = QApplication.instance()
    if _Wish.name == SYSTEM and isinstance(app, QApplication):
        _dress(app)


def _system_theme() -> str:
    """Return the theme that the computer asks for."""
    hints = QGuiApplication.styleHints()
    if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
        return "contrast"
    return "dark" if hints.colorScheme() is Qt.ColorScheme.Dark else "light"


def _dress(app: QApplication) -> Look:
    """Set style, font, palette and style sheet as requested."""
    chosen = _system_theme() if _Wish.name == SYSTEM else _Wish.name
    new = read_theme(chosen, _Wish.scale)
    if new == _Wish.look and app.styleSheet():
        return new
    _Wish.look = new
    if app.property("style") != STYLE:  # once: under a style sheet, a second setting costs seconds
        app.setStyle(STYLE)
        app.setProperty("style", STYLE)
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    font.setPixelSize(new.px(15))
    app.setFont(font)
    _Wish.fonts.clear()
    app.setPalette(palette(new))
    app.setStyleSheet(style_sheet(new))
    return new


def palette(new: Look) -> QPalette:
    """Return the palette of a look."""
    part = QPalette.ColorRole
    made = QPalette()
    pairs = {
        part.Window: "ground",
        part.WindowText: "text",
        part.Base: "surface",
        part.AlternateBase: "hover",
        part.Text: "text",
        part.Button: "raised",
        part.ButtonText: "text",
        part.BrightText: "blocked",
        part.Highlight: "accent",
        part.HighlightedText: "on_accent",
        part.Accent: "accent",
        part.Link: "accent",
        part.LinkVisited: "unknown",
        part.ToolTipBase: "text",
        part.ToolTipText: "surface",
        part.PlaceholderText: "muted",
        part.Light: "hover",
        part.Midlight: "hover",
        part.Mid: "line",
        part.Dark: "line",
        part.Shadow: "line",
    }
    for where, role in pairs.items():
        made.setColor(where, new.color(role))
    for where in (part.WindowText, part.Text, part.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, where, new.color("on_disabled"))
    return made


def style_sheet(new: Look) -> str:
    """Return the style sheet filled with the colors and sizes of a look."""
    edge = f"{new.px(new.border)}px"
    sheet = re.sub(r"\b(\d+)sp\b", lambda found: f"{new.px(int(found[1]))}px", read_text("themes:window.qss"))
    return re.sub(r"@(\w+)", lambda found: edge if found[1] == "border" else new.roles[found[1]], sheet)


def mark(widget: QWidget, name: str, value: str) -> None:
    """Set a property that the style sheet uses, and restyle the widget if it changed."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    if not widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        return  # it is styled when first shown
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    widget.update()


def contrast(ink: str, ground: str) -> float:
    """Return the contrast ratio of two colors (``#RRGGBB``) by WCAG 2, 1 to 21."""
    bright, dim = sorted((_luminance(ink), _luminance(ground)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _luminance(color: str) -> float:
    """Return the relative luminance of a color, 0 to 1."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

"""Cards: with chips, with figures, or with a few texts below each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from loopdesk.ui import assets, texts
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.fitted import FittedLabel

if TYPE_CHECKING:
    from loopdesk.presenters.screens.returns import Link


_MOST_CHIPS = 8


class Card(QFrame):
    """A rounded surface on the window's background; never nested."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", "true")


class IconLabel(QWidget):
    """An icon in the color of a tone; empty if its file is missing.

    Args:
        name: Icon without ``.svg``.
        size: Edge in px at 100 %.
        tone: A tone, or a role of the theme.
    """

    def __init__(self, name: str, size: int = 18, tone: str = "muted", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._size, self._tone = name, size, tone
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the square of the icon."""
        edge = look().px(self._size)
        return QSize(edge, edge)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the icon in the current theme's color."""
        now = look()
        painter = QPainter(self)
        ink = now.color(self._tone)
        painter.drawPixmap(0, 0, assets.tinted(self._name, self.width(), ink, self.devicePixelRatioF()))
        painter.end()


class ChipRow(QWidget):
    """Links as small buttons that wrap onto as many rows as they need.

    Signals:
        picked(str): A chip was pressed; carries the return id.
    """

    picked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chips: list[QPushButton] = []
        self._links: tuple[Link, ...] = ()
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.hide()

    def show_links(self, links: Sequence[Link]) -> None:
        """Show these links, at most eight of them."""
        wanted = tuple(links[:_MOST_CHIPS])
        if wanted == self._links:
            return
        self._links = wanted
        for chip in self._chips:
            chip.hide()
            chip.deleteLater()
        self._chips = [self._chip(link) for link in wanted]
        self.setVisible(bool(wanted))
        self._place()
        self.updateGeometry()

    def _chip(self, link: Link) -> QPushButton:
        """Make one chip."""
        words = texts.clean(link.text, 32)
        chip = QPushButton(texts.caption(words), self)
        chip.setProperty("variant", "chip")
        chip.setProperty("return_id", link.return_id)
        chip.setAutoDefault(False)
        chip.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        chip.setAccessibleName(words)
        chip.setAccessibleDescription(texts.clean(link.detail))
        texts.tip(chip, f"{link.text}\n{link.detail}".strip())
        chip.clicked.connect(self._pick)
        chip.show()
        return chip

    def chips(self) -> list[QPushButton]:
        """Return the chips in order."""
        return list(self._chips)

    def _pick(self) -> None:
        """Emit the pressed chip."""
        chip = self.sender()
        if isinstance(chip, QPushButton):
            self.picked.emit(str(chip.property("return_id")))

    def _flow(self, width: int) -> list[QRect]:
        """Return the rectangle of each chip at a width."""
        gap = look().px(8)
        x = y = 0
        places: list[QRect] = []
        for chip in self._chips:
            size = chip.sizeHint()
            wide = min(size.width(), max(width, 1))
            if x and x + wide > width:
                x, y = 0, y + size.height() + gap
            places.append(QRect(x, y, wide, size.height()))
            x += wide + gap
        return places

    def _place(self) -> None:
        """Position the chips for the current width."""
        for chip, place in zip(self._chips, self._flow(self.width()), strict=True):
            chip.setGeometry(place)

    def heightForWidth(self, width: int) -> int:
        """Return the height of all rows."""
        return max((place.bottom() + 1 for place in self._flow(width)), default=0)

    def sizeHint(self) -> QSize:
        """Return the size of one row."""
        widths = [chip.sizeHint().width() + look().px(8) for chip in self._chips]
        return QSize(sum(widths), self.heightForWidth(max(self.width(), 1)))

    def minimumSizeHint(self) -> QSize:
        """Return room for one chip."""
        return QSize(look().px(80), look().px(30) if self._chips else 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rearrange the chips."""
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Rearrange for another scale."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._place()
            self.updateGeometry()


_LEAST = 168


class Figure(QWidget):
    """One value over its name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        self.value = FittedLabel("heading", 2, self)
        self.name = FittedLabel("secondary", 3, self)
        column.addWidget(self.value)
        column.addWidget(self.name)
        column.addStretch(1)

    def show_figure(self, name: str, value: str) -> None:
        """Show a figure."""
        self.value.show_text(value)
        self.name.show_text(name)
        self.setAccessibleName(f"{name}: {value}")


class FiguresCard(Card):
    """A grid of figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._figures: list[Figure] = []
        self._columns = 0
        self._space()

    def show_figures(self, figures: tuple[tuple[str, str], ...]) -> None:
        """Show these (name, value)."""
        for gone in self._figures[len(figures) :]:
            gone.hide()
            gone.deleteLater()
        del self._figures[len(figures) :]
        if len(self._figures) != len(figures):
            self._columns = 0
        while len(self._figures) < len(figures):
            self._figures.append(Figure(self))
        for figure, (name, value) in zip(self._figures, figures, strict=True):
            figure.show_figure(name, value)
        self._place()

    def _place(self) -> None:
        """Choose the number of columns for the width."""
        most = max(1, min(5, self.width() // look().px(_LEAST)))
        rows = -(-max(1, len(self._figures)) // most)
        columns = -(-max(1, len(self._figures)) // rows)  # rows as even as their number allows
        if columns == self._columns:
            return
        self._columns = columns
        for figure in self._figures:
            self._grid.removeWidget(figure)
        for number, figure in enumerate(self._figures):
            self._grid.addWidget(figure, number // columns, number % columns)
        for column in range(5):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def _space(self) -> None:
        """Set the spacing for the scale."""
        now = look()
        self._grid.setContentsMargins(now.px(18), now.px(14), now.px(18), now.px(14))
        self._grid.setHorizontalSpacing(now.px(16))
        self._grid.setVerticalSpacing(now.px(16))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Rearrange the figures."""
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the scale."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()
            self._place()


class WordsCard(Card):
    """Labels with roles of the style sheet; a screen reader reads all of them.

    Args:
        roles: (role, maximum lines) of each label.
        gap: Spacing between the parts in px at 100 %.
    """

    def __init__(
        self, roles: Sequence[tuple[str, int]], parent: QWidget | None = None, *, gap: int = 5
    ) -> None:
        super().__init__(parent)
        self._gap = gap
        self.column = QVBoxLayout(self)
        self.labels = [FittedLabel(role, most, self) for role, most in roles]
        for label in self.labels:
            self.column.addWidget(label)
        self._space()

    def show_words(self, *words: str | tuple[str, str]) -> None:
        """Show a text, or (text, tone), in each label; "" hides a label, and if all are empty, the card."""
        pairs = [(x, "plain") if isinstance(x, str) else x for x in words]
        for label, (text, tone) in zip(self.labels, pairs, strict=True):
            label.show_text(text, tone)
        said = texts.sentences(text for text, _ in pairs)
        self.setAccessibleName(texts.clean(said))
        self.setVisible(bool(said))

    def _space(self) -> None:
        """Set the spacing for the scale."""
        now = look()
        self.column.setContentsMargins(now.px(16), now.px(14), now.px(16), now.px(14))
        self.column.setSpacing(now.px(self._gap))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the scale."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()

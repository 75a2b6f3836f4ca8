"""A list of returns to choose from by touch, mouse or keyboard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from loopdesk.presenters.screens.returns import Link
from loopdesk.ui import texts
from loopdesk.ui.models.links import LINK_ROLE, LinksModel
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.fitted import draw_lines, fit

_ROW = 64


class LinkDelegate(QStyledItemDelegate):
    """Draws a link: its text, the detail below, and a bar in its tone."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the height of a row that can be pressed with a glove."""
        return QSize(look().px(200), look().px(_ROW))

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one row."""
        link = index.data(LINK_ROLE)
        if not isinstance(link, Link):
            return
        now = look()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(option.rect)
        state = option.state
        focused = bool(state & QStyle.StateFlag.State_Selected) and bool(
            state & QStyle.StateFlag.State_HasFocus
        )
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        if focused or hovered:
            painter.fillRect(box, now.color("selected" if focused else "hover"))
        if focused:
            painter.fillRect(QRectF(box.left(), box.top(), now.px(5), box.height()), now.color("accent"))
        if index.row() < index.model().rowCount() - 1:
            edge = now.px(now.border)
            painter.fillRect(QRectF(box.left(), box.bottom() - edge, box.width(), edge), now.color("line"))
        self._draw_words(painter, link, box.adjusted(now.px(20), now.px(8), -now.px(16), -now.px(8)))
        painter.restore()

    def _draw_words(self, painter: QPainter, link: Link, room: QRectF) -> None:
        """Draw text and detail."""
        now = look()
        strong, quiet = now.font(17, QFont.Weight.Bold), now.font(13)
        model_text, _ = fit(texts.clean(link.text), strong, int(room.width()), 1)
        ink = now.tone(link.tone)
        if not link.detail:
            draw_lines(painter, room, model_text, strong, ink)
            return
        upper = QRectF(room.left(), room.top(), room.width(), room.height() * 0.56)
        lower = QRectF(room.left(), upper.bottom(), room.width(), room.height() - upper.height())
        detail, _ = fit(texts.clean(link.detail), quiet, int(room.width()), 1)
        draw_lines(painter, upper, model_text, strong, ink)
        draw_lines(painter, lower, detail, quiet, now.color("muted"))


class LinkList(QListView):
    """The list; one press or Enter picks.

    Signals: picked(str): Carries the return id.
    """

    picked = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._links = LinksModel(self)
        self.setModel(self._links)
        self.setItemDelegate(LinkDelegate(self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._pick)

    def show_links(self, links: tuple[Link, ...]) -> None:
        """Show these links; the first is current, so that Enter picks it."""
        self._links.set_links(links)
        if links and not self.currentIndex().isValid():
            self.setCurrentIndex(self._links.index(0))
        self.setMaximumHeight(max(1, len(links)) * look().px(_ROW) + 2)
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Return the height of all rows, at most four: a longer list scrolls."""
        return QSize(look().px(320), min(4, self._links.rowCount()) * look().px(_ROW) + 2)

    def minimumSizeHint(self) -> QSize:
        """Return the height of one row."""
        return QSize(look().px(160), look().px(_ROW))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pick the current row with Enter or Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._pick(self.currentIndex())
            return
        super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Measure again for another scale."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self.setMaximumHeight(max(1, self._links.rowCount()) * look().px(_ROW) + 2)
            self.scheduleDelayedItemsLayout()

    def _pick(self, index: QModelIndex) -> None:
        """Emit the picked return."""
        link = index.data(LINK_ROLE)
        if isinstance(link, Link):
            self.picked.emit(link.return_id)

"""The list of returns that were put aside, to choose from by touch, mouse or keyboard."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from loopdesk.presenters.screens.returns import Link
from loopdesk.ui import texts
from loopdesk.ui.theme import SMALLEST, look
from loopdesk.ui.widgets.card import Card
from loopdesk.ui.widgets.fitted import FittedLabel, draw_lines, fit

LINK_ROLE = Qt.ItemDataRole.UserRole


class LinksModel(QAbstractListModel):
    """The links in their order."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._links: tuple[Link, ...] = ()

    def set_links(self, links: tuple[Link, ...]) -> None:
        """Replace the links."""
        if links == self._links:
            return
        self.beginResetModel()
        self._links = links
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex | None = None) -> int:
        """Return the number of links."""
        return 0 if parent is not None and parent.isValid() else len(self._links)

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        """Return the text, the tool tip, the accessible text, or the link itself."""
        if not index.isValid() or not 0 <= index.row() < len(self._links):
            return None
        link = self._links[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return texts.clean(link.text)
            case Qt.ItemDataRole.AccessibleTextRole:
                return texts.clean(texts.sentences((link.text, link.detail)))
            case Qt.ItemDataRole.ToolTipRole:
                return texts.tip_text(f"{link.text}\n{link.detail}".strip())
            case Qt.ItemDataRole.UserRole:
                return link
            case _:
                return None


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
        strong, quiet = now.font(17, QFont.Weight.Bold), now.font(SMALLEST)
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

    Signals:
        picked(str): Carries the return id.
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


_NO_LIMIT = 16_777_215  # QWIDGETSIZE_MAX


class LinksCard(Card):
    """A caption over a list of returns.

    Signals:
        picked(str): Carries the return id.
    """

    picked = Signal(str)

    def __init__(self, role: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self.caption = FittedLabel(role, 2, self)
        self.list = LinkList("", self)
        self.list.picked.connect(self.picked)
        self._column.addWidget(self.caption)
        self._column.addWidget(self.list)
        self._space()

    def show_links(self, caption: str, links: tuple[Link, ...]) -> None:
        """Show these links under a caption."""
        self.caption.show_text(caption)
        self.list.setAccessibleName(caption)
        self.list.show_links(links)
        self._limit()
        self.setVisible(bool(links))

    def _space(self) -> None:
        """Set the spacing for the scale."""
        now = look()
        self._column.setContentsMargins(now.px(2), now.px(14), now.px(2), now.px(12))
        self._column.setSpacing(now.px(8))
        self.caption.setContentsMargins(now.px(18), 0, now.px(18), 0)
        self._limit()

    def _limit(self) -> None:
        """Shrink the card to its list."""
        margins = self._column.contentsMargins()
        above = 2 * self.caption.fontMetrics().lineSpacing() + self._column.spacing()
        height = self.list.maximumHeight() + above + margins.top() + margins.bottom()
        self.setMaximumHeight(min(height, _NO_LIMIT))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the scale."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._space()

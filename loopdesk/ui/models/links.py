"""Returns to choose from, as a list model: candidates of a scan, and returns put aside."""

from __future__ import annotations

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from loopdesk.presenters.screens.returns import Link
from loopdesk.ui import texts

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
                return texts.clean(f"{link.text}. {link.detail}" if link.detail else link.text)
            case Qt.ItemDataRole.ToolTipRole:
                return texts.tip_text(f"{link.text}\n{link.detail}".strip())
            case Qt.ItemDataRole.UserRole:
                return link
            case _:
                return None

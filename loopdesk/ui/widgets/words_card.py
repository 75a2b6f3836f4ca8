"""A card of a few texts below each other."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from loopdesk.ui import texts
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.card import Card
from loopdesk.ui.widgets.fitted import FittedLabel


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
        said = ". ".join(text for text, _ in pairs if text)
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

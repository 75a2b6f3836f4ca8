"""The item in hand: its picture as large as the window allows, what is known of it, what can be decided."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.returns import ItemScreen
from loopdesk.ui import texts
from loopdesk.ui.bench.arrangement import decision_height, item_gaps
from loopdesk.ui.bench.decisions import Decisions
from loopdesk.ui.bench.kept_photos import PhotoThumb
from loopdesk.ui.theme import look, mark
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.card import Card
from loopdesk.ui.widgets.fitted import FittedLabel
from loopdesk.ui.widgets.picture import PictureView
from loopdesk.ui.widgets.scroll_room import ScrollRoom

_WHOLE = 400
"""So many lines hold any title that is shown at all."""

_PICTURE_SHARE, _FACTS = 0.44, 440
"""The picture has so much of a slender card; of a wide one all that the facts do not need, in px at 100 %."""

_PHOTO_ROW = 56
_THUMBS = 230
_UNDER = 150
"""With so much room above the decisions, in px at 100 %, photos have a row of their own; with so much, their
button stands below the picture."""


class ShopperSays(QFrame):
    """What the shopper chose and wrote, beside a bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self.reason = FittedLabel("body-strong", 6, self)
        self.comment = FittedLabel("body", _WHOLE, self)
        self._column.addWidget(self.reason)
        self._column.addWidget(self.comment)
        self.space()

    def show_words(self, reason: str, comment: str) -> None:
        """Show a reason and a comment; without both it is hidden."""
        self.reason.show_text(reason)
        self.comment.show_text(comment)
        self.setVisible(bool(reason or comment))

    def space(self) -> None:
        """Set the spacing for the scale."""
        self._column.setContentsMargins(look().px(14), 0, 0, 0)
        self._column.setSpacing(look().px(2))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bar."""
        painter = QPainter(self)
        painter.fillRect(QRectF(0, 0, look().px(4), self.height()), look().color("line"))
        painter.end()


class Facts(ScrollRoom):
    """Title, variant, codes, price, the shopper's words, what Loop holds; more than fits scrolls."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        sheet = self.sheet
        self._column = QVBoxLayout(sheet)
        self.title = FittedLabel("heading", _WHOLE, sheet)
        self.variant = FittedLabel("body", 8, sheet)
        self.codes = FittedLabel("secondary", 6, sheet)
        self.price = FittedLabel("secondary", 3, sheet)
        self.says = ShopperSays(sheet)
        self.held = FittedLabel("body-strong", 4, sheet)
        self.note = FittedLabel("body", _WHOLE, sheet)
        self.wish = FittedLabel("body-strong", 3, sheet)
        above = (self.title, self.variant, self.codes, self.price)
        for part in (*above, self.says, self.wish, self.held, self.note):
            self._column.addWidget(part)
        self._column.addStretch(1)
        self.space()

    def show_item(self, screen: ItemScreen) -> None:
        """Show what is known of an item."""
        self.title.show_text(screen.title, limit=4000)
        self.variant.show_text(screen.variant)
        self.codes.show_text(screen.codes)
        self.price.show_text(screen.price)
        self.says.show_words(screen.reason, screen.comment)
        self.wish.show_text(screen.photo_wish, "offline")
        self.held.show_text(screen.held, "accent")
        self.note.show_text(screen.note)

    def set_small(self, small: bool) -> None:
        """Write the title smaller in a low bench."""
        mark(self.title, "role", "strong" if small else "heading")

    def space(self) -> None:
        """Set the spacing for the scale."""
        self._column.setContentsMargins(0, 0, look().px(4), 0)
        self._column.setSpacing(look().px(4))
        self.says.space()


class ItemCard(Card):
    """The selected line, large.

    Signals:
        requested(str): A command was pressed; carries its id.
        photo_opened(int): A photo was pressed; carries its place, from 0, the oldest first.
    """

    requested = Signal(str)
    photo_opened = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._screen: ItemScreen | None = None
        self._bench_height = 0
        self._gives_way = False
        self.picture = PictureView(self)
        self.facts = Facts(self)
        self.photo = KeyCapButton("photo", icon="camera", parent=self)
        self.thumbs = [PhotoThumb(self) for _ in range(5)]
        self.decisions = Decisions(self)
        for thumb in self.thumbs:
            thumb.clicked.connect(self._open)
        self.photo.requested.connect(self.requested)
        self.decisions.requested.connect(self.requested)

    def render(self, screen: ItemScreen | None) -> None:  # type: ignore[override]
        """Draw this item; none leaves the card empty."""
        if screen == self._screen:
            return
        self._screen = screen
        for part in (self.facts, self.photo, self.decisions):
            part.setVisible(screen is not None)
        self.give_way(self._gives_way)
        if screen is None:
            self._place()
            return
        self.setAccessibleName(texts.clean(screen.title))
        self.picture.show_picture(screen.picture, screen.title)
        self.facts.show_item(screen)
        count = len(screen.photos)
        words = f"{screen.photo.text} ({count})" if count else screen.photo.text
        self.photo.show_words(words, screen.photo.key, enabled=screen.photo.enabled)
        for number, thumb in enumerate(self.thumbs):
            path = screen.photos[-1 - number] if number < count else ""
            thumb.show_photo(path, _("Photo {n}", n=count - number), count - 1 - number)
        self.decisions.show_buttons(screen.grades, screen.exceptions, screen.dispositions)
        self._place()

    def set_bench_height(self, height: int) -> None:
        """Know how high the bench is: a higher one has higher buttons."""
        self._bench_height = height
        self._place()

    def give_way(self, to_live: bool) -> None:
        """Hide the picture while the live picture of the camera stands over it, which may be lower."""
        self._gives_way = to_live
        self.picture.setVisible(self._screen is not None and not to_live)

    def room_for_live(self, *, is_large: bool) -> QRect:
        """Return where the live picture of the camera stands: in place of the picture; while somebody
        aims over what is known of the item too; over no button.
        """
        picture, facts = self.picture.geometry(), self.facts.geometry()
        if not is_large:
            return picture
        return QRect(
            picture.topLeft(),
            QSize(facts.right() + 1 - picture.left(), min(picture.height(), facts.height())),
        )

    def _open(self) -> None:
        thumb = self.sender()
        if isinstance(thumb, PhotoThumb):
            self.photo_opened.emit(thumb.number)

    def buttons(self) -> list[KeyCapButton]:
        """Return all buttons in tab order."""
        return [*self.decisions.buttons(), self.photo]

    def _place(self) -> None:
        """Put the decisions at the foot, the picture at the left above them, and the facts beside it."""
        now = look()
        pad, gap, between = item_gaps(self._bench_height, now)
        inner = self.rect().adjusted(pad, pad, -pad, -pad)
        heights = decision_height(self._bench_height, now)
        decided = sum(heights) + 2 * between
        foot = inner.bottom() + 1 - decided
        self.decisions.place(QRect(inner.left(), foot, inner.width(), decided), heights, between)
        above = QRect(inner.left(), inner.top(), inner.width(), foot - gap - inner.top())
        tall = now.px(_PHOTO_ROW)
        is_low = above.height() < now.px(_THUMBS)
        under = tall + now.px(8) if is_low and above.height() >= now.px(_UNDER) else 0
        widest = max(round(above.width() * _PICTURE_SHARE), above.width() - now.px(_FACTS))
        edge = max(0, min(above.height() - under, widest))
        self.picture.setGeometry(above.left(), above.top(), edge, edge)
        column = max(edge, min(self.photo.sizeHint().width(), above.width() // 3)) if under else edge
        left = above.left() + column + now.px(12)
        beside = QRect(left, above.top(), above.right() + 1 - left, above.height())
        self.facts.set_small(is_low)
        shown = self._place_latest(above, beside, column) if is_low else 0
        self._place_photos(beside, shown, has_row=not is_low)

    def _place_latest(self, above: QRect, beside: QRect, column: int) -> int:
        """Place the photo button and the latest photo where a row has no room. Returns how many are shown.

        Args:
            column: The width of the picture's column, in which no word of the button is broken.
        """
        now = look()
        gap, tall = now.px(8), now.px(_PHOTO_ROW)
        has_any = self._screen is not None and bool(self._screen.photos)
        if above.height() >= now.px(_UNDER):  # below the picture
            under = self.picture.geometry().bottom() + 1 + gap
            self.photo.setGeometry(above.left(), under, column, tall)
            corner = (
                self.picture.geometry().bottomRight()
            )  # in the picture, so that the caption has its width
            self.thumbs[0].setGeometry(corner.x() + 1 - tall, corner.y() + 1 - tall, tall, tall)
            self.thumbs[0].raise_()
            self.facts.setGeometry(beside)
            return int(has_any)
        self.photo.setGeometry(beside.right() + 1 - tall, beside.top(), tall, min(tall, beside.height()))
        self.thumbs[0].setGeometry(beside.right() + 1 - tall, beside.top() + tall + gap, tall, tall)
        self.facts.setGeometry(beside.adjusted(0, 0, -tall - now.px(6), 0))
        return int(has_any and beside.height() >= 2 * tall + gap)

    def _place_photos(self, beside: QRect, shown: int, *, has_row: bool) -> None:
        """Show the latest photos in a row below the facts, where there is one."""
        now = look()
        gap, tall = now.px(8), now.px(_PHOTO_ROW)
        count = len(self._screen.photos) if self._screen is not None else 0
        if has_row:
            top = beside.bottom() + 1 - tall
            wide = min(beside.width(), max(now.px(140), self.photo.capless_width() + now.px(8)))
            shown = min(count, len(self.thumbs), max(0, (beside.width() - wide) // (tall + gap)))
            for number, thumb in enumerate(self.thumbs[:shown]):
                thumb.setGeometry(beside.left() + number * (tall + gap), top, tall, tall)
            self.photo.setGeometry(beside.left() + shown * (tall + gap), top, wide, tall)
            self.facts.setGeometry(beside.adjusted(0, 0, 0, -tall - gap))
        for number, thumb in enumerate(self.thumbs):
            thumb.setVisible(number < shown)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new size."""
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        """Follow scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange and hasattr(self, "decisions"):
            self.facts.space()
            self._place()
        elif event.type() is QEvent.Type.LanguageChange:
            self.picture.retranslate()

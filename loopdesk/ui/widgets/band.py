"""The signal band: one color, one big word, a sentence, and a shape that shows from three meters away.

At its right the progress, as large as the word. Neither is ever smaller than ``LEAST`` pixels at 100 %: a
long word takes two lines, or stands over its sentence; it is the sentence that gives way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.window import BandScreen
from loopdesk.presenters.screens.window import Signal as BandSignal
from loopdesk.ui import texts
from loopdesk.ui.theme import look, mark
from loopdesk.ui.widgets.fitted import FittedLabel, draw_lines, line_spacing
from loopdesk.ui.widgets.signal_shapes import TONE_OF, SignalShape

LEAST: Final = 48
"""The least size of word and progress, in px at 100 %: readable at three meters."""

_SIZES = (64, 56, LEAST)
_PITCH = 1.1
"""The distance of two lines of the word, in its size."""

_HEIGHT, _TOP, _FOOT = 120, 5, 8
_MARGIN, _GAP = 20, 18
_CAPTION = 190
"""The width of what stands below the progress, in px at 100 %, where the progress needs less."""

_URGENT = (
    BandSignal.BLOCKED,
    BandSignal.ATTENTION,
    BandSignal.UNKNOWN,
    BandSignal.STRAY,
    BandSignal.CANCELLED,
)


class BigText(QLabel):
    """A word, or the progress: one or two lines of a size that does not depend on the rest of the screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._lines: list[str] = []
        self._size = LEAST

    def show_lines(self, lines: list[str], size: int) -> None:
        """Draw these lines of its text at a size in px at 100 %."""
        if (lines, size) != (self._lines, self._size):
            self._lines, self._size = lines, size
            self.update()

    def shown_font(self) -> QFont:
        """Return the font that it is drawn in."""
        return look().font(self._size, QFont.Weight.Bold)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the lines in the ink of the tone."""
        painter = QPainter(self)
        font, ink = self.shown_font(), self.palette().color(self.foregroundRole())
        metrics, pitch = QFontMetrics(font), _pitch(self._size)
        align = self.alignment() & Qt.AlignmentFlag.AlignHorizontal_Mask
        top = (self.height() - pitch * len(self._lines)) / 2
        for number, line in enumerate(self._lines):
            room = QRectF(0, top + number * pitch, self.width(), pitch)
            shown = metrics.elidedText(line, Qt.TextElideMode.ElideRight, self.width())
            draw_lines(painter, room, [shown], font, ink, align or Qt.AlignmentFlag.AlignLeft)
        painter.end()


def _pitch(size: int) -> int:
    return round(look().px(size) * _PITCH)


def _width_of(lines: list[str], size: int) -> int:
    """Return the width below which a line would be cut."""
    metrics = QFontMetrics(look().font(size, QFont.Weight.Bold))
    return max((metrics.horizontalAdvance(line) for line in lines), default=0) + 4


def _ways(text: str) -> list[list[str]]:
    """Return a text on one line, and on two as even ones as its words allow."""
    words = text.split(" ")
    halves = [[" ".join(words[:n]), " ".join(words[n:])] for n in range(1, len(words))]
    if not halves:
        return [[text]]
    return [[text], min(halves, key=lambda lines: max(len(line) for line in lines))]


@dataclass(frozen=True, slots=True)
class _Share:
    """How the room between shape and progress is shared.

    Attributes:
        lines, size: The word as it is drawn.
        is_over: It stands over the sentence, not beside it.
        most: The lines of sentence and detail.
    """

    lines: list[str]
    size: int
    is_over: bool
    most: tuple[int, int]


class SignalBand(QFrame):
    """The band across the window.

    Signals:
        announced(str): What a screen reader was told.
    """

    announced = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._screen: BandScreen | None = None
        self._tone = "plain"
        self._practice = False
        self._serial = 0
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(1)
        self.shape = SignalShape(self)
        self.word = BigText(self)
        self.sentence = FittedLabel("sentence", 2, self)
        self.detail = FittedLabel("secondary", 1, self)
        self.progress = BigText(self)
        self.progress.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.progress_detail = FittedLabel("secondary", 2, self, lines=True)
        self.progress_detail.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.practice_mark = QLabel(self)
        self.practice_mark.setProperty("role", "practice")
        self.practice_mark.hide()
        self._space()
        self.retranslate()

    @property
    def shown(self) -> BandScreen | None:
        """What it was told to show last, None before the first time."""
        return self._screen

    def retranslate(self) -> None:
        """Set the band's own texts in the window's language."""
        texts.plain(self.practice_mark, _("PRACTICE"))
        self._arrange()

    def render(self, screen: BandScreen) -> None:  # type: ignore[override]
        """Draw this band; a new ``serial`` is announced to screen readers."""
        before, self._screen = self._screen, screen
        if before is None or before.taken is not screen.taken:
            # At once: what came of the act is worked out before the window would be painted otherwise.
            (self.repaint if screen.taken else self.update)(self._foot().toRect())
        if before is not None and replace(screen, taken=before.taken) == before:
            return
        tone = TONE_OF[screen.signal]
        if (tone, screen.practice) != (self._tone, self._practice):
            self._tone, self._practice = tone, screen.practice
            self.update()
        self.shape.show_signal(screen.signal, screen.letter)
        mark(self.word, "tone", self._tone)
        texts.plain(self.word, screen.word, 60)
        texts.plain(self.progress, screen.progress, 24)
        self.sentence.show_text(screen.sentence)
        self.detail.show_text(screen.detail)
        self.progress_detail.show_text(screen.progress_detail.replace(" · ", "\n"))
        self.progress.setVisible(bool(screen.progress))
        self.practice_mark.setVisible(screen.practice)
        self.setAccessibleName(texts.clean(texts.sentences((screen.word, screen.sentence))))
        self.setAccessibleDescription(texts.clean(f"{screen.progress} {screen.progress_detail}".strip()))
        self._arrange()
        self._announce(screen)

    def _announce(self, screen: BandScreen) -> None:
        """Announce a new message of the band to screen readers."""
        if screen.serial == self._serial:
            return
        self._serial = screen.serial
        # Imported late: the window is painted before it speaks.
        from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent  # noqa: PLC0415

        said = texts.clean(texts.sentences((screen.word, screen.sentence)))
        event = QAccessibleAnnouncementEvent(self, said)
        if screen.signal in _URGENT:
            event.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
        QAccessible.updateAccessibility(event)
        self.announced.emit(said)

    # --- room ---------------------------------------------------------------------------------------------

    def _space(self) -> None:
        """Set the height for the scale; it is the same in every window."""
        self.setFixedHeight(look().px(_HEIGHT))

    def _arrange(self) -> None:
        """Give everything its place."""
        now = look()
        margin, gap, edge = now.px(_MARGIN), now.px(_GAP), self.shape.sizeHint().width()
        middle = (now.px(_TOP) + self.height() - now.px(_FOOT)) // 2
        self.shape.setGeometry(margin, middle - edge // 2, edge, edge)
        room, share = self._share_from(margin + edge + gap)
        self.word.show_lines(share.lines, share.size)
        self.sentence.set_most(share.most[0])
        self.detail.set_most(share.most[1])
        wide, tall = _width_of(share.lines, share.size), _pitch(share.size) * len(share.lines)
        if share.is_over:
            said = self._said_height(room.width())
            top = room.top() + max(0, (room.height() - tall - said) // 2)
            reach = now.px(5)  # of accents and tails, over the line itself
            self.word.setGeometry(room.left(), top - reach, room.width(), tall + 2 * reach)
            self._place_said(QRect(room.left(), top + tall, room.width(), said))
        else:
            wide = min(wide, room.width())
            self.word.setGeometry(room.left(), room.top(), wide, room.height())
            beside = room.adjusted(wide + gap, 0, 0, 0)
            said = self._said_height(beside.width())
            top = beside.top() + max(0, (beside.height() - said) // 2)
            self._place_said(QRect(beside.left(), top, beside.width(), said))

    def _share_from(self, left: int) -> tuple[QRect, _Share]:
        """Share the room from here on; what stands below the progress gives way before a word is lost."""
        top, tall = look().px(_TOP), self._tall()
        for caption in (_CAPTION, 0):
            right = self._place_progress(caption)
            if caption == 0 and not self._is_captioned():
                break
            room = QRect(left, top, max(1, right - left), tall)
            if (share := self._share(room.width())) is not None:
                return room, share
        room = QRect(left, top, max(1, self._place_progress(_CAPTION) - left), tall)
        return room, self._cut(room.width())

    def _is_captioned(self) -> bool:
        """Say whether what stands below the progress is seen whole."""
        label = self.progress_detail
        lines = label.lines_at(label.width(), 2)
        return lines is not None and label.heightForWidth(label.width()) <= label.height()

    def _place_progress(self, caption_width: int) -> int:
        """Stand progress and practice mark at the right, and return where their room begins.

        Args:
            caption_width: What stands below the progress has at least so much, in px at 100 %.
        """
        now = look()
        end = self.width() - now.px(_MARGIN)
        mark_size = self.practice_mark.sizeHint()
        top = now.px(_TOP)
        if self._practice:
            self.practice_mark.setGeometry(end - mark_size.width(), 0, mark_size.width(), mark_size.height())
            top = mark_size.height()
        words = self.progress.text()
        if not words:
            return end - (mark_size.width() + now.px(_GAP) if self._practice else 0)
        pitch = _pitch(LEAST)
        self.progress.show_lines([words], LEAST)
        wide = max(_width_of([words], LEAST), now.px(caption_width))
        caption = min(self.progress_detail.heightForWidth(wide), self.height() - now.px(_FOOT) - top - pitch)
        spare = max(0, (self.height() - now.px(_FOOT) - top - pitch - caption) // 2)
        self.progress.setGeometry(end - wide, top + spare, wide, pitch)
        self.progress_detail.setGeometry(end - wide, top + spare + pitch, wide, caption)
        return end - wide - now.px(_GAP)

    def _share(self, room: int) -> _Share | None:
        """Choose the biggest word that leaves room for the sentence and the detail; None if none does."""
        for role in ("sentence", "body"):
            mark(self.sentence, "role", role)
            if (share := self._fitting(room)) is not None:
                return share
        return None

    def _fitting(self, room: int) -> _Share | None:
        """Return the biggest word with which everything fits, None if nothing does."""
        gap, least = look().px(_GAP), self.sentence.minimumSizeHint().width()
        word = self.word.text()
        for size in _SIZES:
            for lines in _ways(word):
                beside = room - _width_of(lines, size) - gap
                tall = _pitch(size) * len(lines)
                if tall > self._tall():
                    continue
                if beside >= least and (most := self._lines_in(beside, self._tall())) is not None:
                    return _Share(lines, size, is_over=False, most=most)
                fits = _width_of(lines, size) <= room
                if fits and (most := self._lines_in(room, self._tall() - tall)) is not None:
                    return _Share(lines, size, is_over=True, most=most)
        return None

    def _cut(self, room: int) -> _Share:
        """Share the room for texts of any length: the word keeps its size, the sentence what it needs of what
        is left, and the detail the rest.
        """
        ways = [lines for lines in _ways(self.word.text()) if _width_of(lines, LEAST) <= room * 0.7]
        if ways:
            said, quiet = line_spacing(self.sentence.font()), line_spacing(self.detail.font())
            beside, most = room - _width_of(ways[0], LEAST) - look().px(_GAP), (self._tall() - quiet) // said
            sentence = max(1, self.sentence.lines_at(beside, most) or most)
            detail = max(1, (self._tall() - sentence * said) // quiet)
            return _Share(ways[0], LEAST, is_over=False, most=(sentence, detail))
        return _Share(_ways(self.word.text())[0], LEAST, is_over=True, most=(1, 1))

    def _lines_in(self, width: int, tall: int) -> tuple[int, int] | None:
        """Return the lines of sentence and detail at a width; None if they do not fit there."""
        sentence = self.sentence.lines_at(width, 4)
        detail = self.detail.lines_at(width, 3)
        if sentence is None or detail is None:
            return None
        height = sentence * line_spacing(self.sentence.font()) + detail * line_spacing(self.detail.font())
        return (max(1, sentence), max(1, detail)) if height <= tall else None

    def _said_height(self, width: int) -> int:
        """Return the height of sentence and detail."""
        return sum(self._said_heights(width))

    def _said_heights(self, width: int) -> tuple[int, int]:
        pairs = (self.sentence, self.detail)
        first, second = (label.heightForWidth(width) if label.text() else 0 for label in pairs)
        return first, second

    def _place_said(self, room: QRect) -> None:
        """Stand sentence and detail below each other."""
        sentence, detail = self._said_heights(room.width())
        self.sentence.setGeometry(room.left(), room.top(), room.width(), sentence)
        self.detail.setGeometry(room.left(), room.top() + sentence, room.width(), detail)

    def _tall(self) -> int:
        """Return the height that word and sentence may have."""
        return self.height() - look().px(_TOP + _FOOT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Follow theme, scale and language."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange and hasattr(self, "practice_mark"):
            self._space()
            self._arrange()
        elif event.type() is QEvent.Type.LanguageChange:
            self.retranslate()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the soft background and the strong edge, which is hatched in practice mode."""
        now = look()
        painter = QPainter(self)
        painter.fillRect(self.rect(), now.soft(self._tone))
        foot = self._foot()
        is_taken = self._screen is not None and self._screen.taken
        painter.fillRect(foot, now.color("text") if is_taken else now.tone(self._tone, "line"))
        if self._practice:
            self._hatch(painter, QRectF(0, 0, self.width(), now.px(8)))
            self._hatch(painter, foot.adjusted(0, -now.px(4), 0, 0))
        painter.end()

    def _foot(self) -> QRectF:
        """Return the strong edge; it is darker while what was done is worked on."""
        edge = look().px(4 if look().border == 1 else 6)
        return QRectF(0, self.height() - edge, self.width(), edge)

    def _hatch(self, painter: QPainter, room: QRectF) -> None:
        """Draw the diagonal stripes of practice mode."""
        now = look()
        painter.save()
        painter.setClipRect(room)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(room, now.color("on_practice"))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(now.color("practice"))
        step, tall = now.px(24), room.height()
        for x in range(-step, self.width() + step, step):
            corners = ((x, tall), (x + step / 2, tall), (x + step / 2 + tall, 0), (x + tall, 0))
            painter.drawPolygon(QPolygonF([QPointF(a, room.top() + b) for a, b in corners]))
        painter.restore()

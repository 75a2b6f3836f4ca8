"""Where the parts of an open return stand, for every size of the bench. Pure arithmetic.

Beside each other (landscape): the lines at the left, the item in hand in the middle, what will happen with
the commands at the right. Below each other (portrait, and narrow windows): lines and plan above, the item
below them, its decisions and the commands at the foot, where both hands are.

Confirm is at the lower right and Undo at the lower left, in every size: no other place moves with a text.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Final

from PySide6.QtCore import QPoint, QRect

from loopdesk.ui.theme import Look

TOUCH: Final = 56
"""The least edge of what a gloved finger presses, in px at 100 %."""

LEAST: Final = (880, 380)
"""The smallest bench that shows everything beside each other, in px at 100 %."""

LEAST_STACKED: Final = (560, 900)
"""The smallest bench that shows everything below each other, in px at 100 %."""

_GRADE, _CONFIRM, _COMMAND = 94, 64, 56
_LOW = 520
"""A bench lower than this, in px at 100 %, has narrower gaps."""

_HEAD = 72
"""The height of a head that shows order, promise and state, in px at 100 %."""

_SLENDER, _LINES, _BROAD = 236, 200, 420
"""The least width of the commands and of the lines, and the greatest of both, in px at 100 %."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The rectangle of each part, in the bench's pixels.

    Attributes:
        more: Where the further commands open, over the plan.
        asked: Where a question stands that is seen in full there; every other one needs the whole bench.
        abreast: How many commands stand beside each other.
    """

    header: QRect
    lines: QRect
    undo: QRect
    item: QRect
    plan: QRect
    commands: QRect
    confirm: QRect
    more: QRect
    asked: QRect
    abreast: int

    def parts(self) -> tuple[QRect, ...]:
        """Return the parts that are all on screen at once; none lies over another."""
        return (self.header, self.lines, self.undo, self.item, self.plan, self.commands, self.confirm)


def is_stacked(width: int, height: int, now: Look) -> bool:
    """Say whether the parts stand below each other."""
    return width < height or width < now.px(LEAST[0] - 60)


def least_size(width: int, height: int, now: Look) -> tuple[int, int]:
    """Return the smallest bench for a window of this size; a smaller window scrolls."""
    least = LEAST_STACKED if is_stacked(width, height, now) else LEAST
    return now.px(least[0]), now.px(least[1])


def decision_height(height: int, now: Look) -> tuple[int, int, int]:
    """Return the heights of grades, exceptions and dispositions in a bench of this height."""
    other = now.px(64 if height >= now.px(900) else TOUCH)
    return now.px(_GRADE), other, other


def item_gaps(height: int, now: Look) -> tuple[int, int, int]:
    """Return the margin of the item in hand, the gap above its decisions, and that between their rows."""
    margin, above, between = (8, 6, 6) if height < now.px(_LOW) else (12, 12, 8)
    return now.px(margin), now.px(above), now.px(between)


def arrange(room: QRect, header: int, buttons: int, now: Look) -> Arrangement:
    """Arrange the bench.

    Args:
        room: The bench without its margins.
        header: The height that the head of the return wants at a width of its column.
        buttons: How many commands stand above Confirm.
    """
    if is_stacked(room.width(), room.height(), now):
        return _stacked(room, header, buttons, now)
    return _beside(room, header, buttons, now)


def _beside(room: QRect, header: int, buttons: int, now: Look) -> Arrangement:
    gap = now.px(8 if room.height() < now.px(_LOW) or room.width() < now.px(1000) else 12)
    right = max(now.px(_SLENDER), min(now.px(_SLENDER + 20), room.width() - now.px(640)))
    right = _between(right, round(room.width() * 0.27), now.px(_BROAD))
    left = _between(now.px(_LINES), round(room.width() * 0.225), now.px(_BROAD))
    work = room.width() - right - gap
    # The item keeps what it needs; a long head gives way and is read in full beside the plan.
    margin, above, between = item_gaps(room.height(), now)
    decided = sum(decision_height(room.height(), now)) + 2 * (margin + between)
    item_least = decided + above + now.px(TOUCH)
    head = max(now.px(_HEAD), min(header, room.height() - item_least - gap))
    top = room.top() + head + gap
    tall = room.bottom() + 1 - top
    undo = now.px(TOUCH)
    lines = QRect(room.left(), top, left, tall - undo - gap)
    item = QRect(room.left() + left + gap, top, work - left - gap, tall)
    column = QRect(room.left() + work + gap, room.top(), right, room.height())
    plan, commands, confirm = _column(column, buttons, 2, gap, now)
    return Arrangement(
        header=QRect(room.left(), room.top(), work, head),
        lines=lines,
        undo=QRect(room.left(), room.bottom() + 1 - undo, left, undo),
        item=item,
        plan=plan,
        commands=commands,
        confirm=confirm,
        more=QRect(column.topLeft(), confirm.topRight() - QPoint(0, gap + 1)),
        asked=column,
        abreast=2,
    )


def _column(column: QRect, buttons: int, abreast: int, gap: int, now: Look) -> tuple[QRect, QRect, QRect]:
    """Return plan, commands and Confirm from top to bottom; the plan takes what is left."""
    rows = ceil(buttons / abreast)
    confirm = now.px(_CONFIRM if column.height() < now.px(640) else 84)
    commands = rows * now.px(_COMMAND) + max(0, rows - 1) * now.px(8)
    foot = column.bottom() + 1
    plan = column.height() - confirm - commands - 2 * gap
    left, width = column.left(), column.width()
    return (
        QRect(left, column.top(), width, plan),
        QRect(left, foot - confirm - gap - commands, width, commands),
        QRect(left, foot - confirm, width, confirm),
    )


def _stacked(room: QRect, header: int, buttons: int, now: Look) -> Arrangement:
    gap = now.px(12)
    abreast = 3 if room.width() < now.px(860) else 5
    rows = ceil(buttons / abreast)
    commands = rows * now.px(_COMMAND) + max(0, rows - 1) * now.px(8)
    foot = now.px(84)
    decided = sum(decision_height(room.height(), now)) + now.px(16 + 24)
    fixed = commands + foot + 5 * gap + decided
    head = max(now.px(_HEAD), min(header, room.height() - fixed - now.px(260)))
    free = room.height() - fixed - head
    upper = round(free * 0.44)
    top = room.top() + head + gap
    left = round((room.width() - gap) * 0.5)
    right = room.width() - gap - left
    under = top + upper + gap
    below = room.bottom() + 1 - foot
    item = QRect(room.left(), under, room.width(), below - gap - commands - gap - under)
    x = room.left()
    return Arrangement(
        header=QRect(x, room.top(), room.width(), head),
        lines=QRect(x, top, left, upper),
        undo=QRect(x, below, round(room.width() * 0.3), foot),
        item=item,
        plan=QRect(x + left + gap, top, right, upper),
        commands=QRect(x, below - gap - commands, room.width(), commands),
        confirm=QRect(room.right() + 1 - round(room.width() * 0.6), below, round(room.width() * 0.6), foot),
        more=QRect(x + left + gap, top, right, upper),
        asked=QRect(x + left + gap, top, right, upper),
        abreast=abreast,
    )


def _between(least: int, wanted: int, most: int) -> int:
    return max(least, min(wanted, most))


def shares(width: int, count: int, gap: int) -> list[tuple[int, int]]:
    """Return the left edges and the widths of equal cells, to the pixel."""
    edges = [round(number * (width + gap) / count) for number in range(count + 1)]
    return [(first, second - gap - first) for first, second in pairwise(edges)]

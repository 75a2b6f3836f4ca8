"""Where the parts of a question stand: title and hint above, the answers, and its two ends at the foot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect

from loopdesk.ui.bench.answer_field import AnswerField
from loopdesk.ui.bench.arrangement import TOUCH, shares
from loopdesk.ui.theme import look
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.card import Card
from loopdesk.ui.widgets.coded import AnswerGrid, CodedButton, code_height
from loopdesk.ui.widgets.fitted import FittedLabel
from loopdesk.ui.widgets.keypad import Keypad

_GAP = 10
_FOOT = 64
_END = 130
"""What a button at the foot needs beside its code, in px at 100 %."""

_FOOT_GAP = 8
_ALONE = 420
_LIVE = 240
_SIDE_BY_SIDE = 560
_WORDS = 200
"""A field beside the buttons at the foot is at least so wide, in px at 100 %."""

_COLUMNS = 3


@dataclass(slots=True)
class PromptParts:
    """What a question is made of; what one does not have is hidden.

    Attributes:
        has_answers: Numbered answers come before the field.
    """

    card: Card
    title: FittedLabel
    hint: FittedLabel
    answers: AnswerGrid
    field: AnswerField
    pad_button: KeyCapButton
    pad: Keypad
    browse: KeyCapButton
    second_caption: FittedLabel
    second: AnswerField
    more: CodedButton
    cancel: CodedButton
    accept: CodedButton
    has_answers: bool = False

    def ends(self) -> list[CodedButton]:
        """Return the buttons at the foot that the question has."""
        return [button for button in (self.more, self.cancel, self.accept) if not button.isHidden()]


class PromptArrangement:
    """Arranges a question for any width and height; what has no room gives way: first the codes at the
    foot become small, or go where they would cost a word, then the hint.

    Attributes:
        inset: The width of the lower left corner that is left free for Undo.
    """

    def __init__(self, parts: PromptParts) -> None:
        self._parts = parts
        self.inset = 0

    def needed(self, width: int) -> int:
        """Return the height at which the question is seen in full at a width."""
        return self._needed(width, has_codes=True)

    def _needed(self, width: int, *, has_codes: bool) -> int:
        now, own = look(), self._parts
        heights = [self._card_height(width), self._foot_height(width, has_codes=has_codes)]
        if self._has_pad():
            heights.append(own.pad.needed(width))
        elif own.has_answers:
            heights.append(own.answers.needed(width, _COLUMNS))
        if own.has_answers and not self._is_beside(width):
            heights.append(own.field.needed())
        return sum(heights) + (len(heights) - 1) * now.px(_GAP)

    def room_for_live(self) -> QRect:
        """Return what the question leaves free; beside its title where it leaves nothing."""
        own = self._parts
        if not own.has_answers and not self._has_pad():
            return own.answers.geometry()
        card = own.card.geometry()
        return card.adjusted(card.width() - look().px(_LIVE), 0, 0, 0)

    def _has_pad(self) -> bool:
        return not self._parts.pad.isHidden()

    def _is_tight(self, width: int, height: int) -> bool:
        """Whether the keys of the keypad have room only without the title, which the band says too."""
        fixed = self._place_card(width, has_hint=False, is_trial=True) + look().px(_FOOT + 2 * _GAP)
        return self._has_pad() and fixed + self._parts.pad.needed(width) > height

    def _foot_width(self, width: int) -> int:
        return width - self.inset

    def _ends_width(self) -> int:
        """Return the width of the buttons at the foot beside each other."""
        now, count = look(), len(self._parts.ends())
        return count * (code_height(now) + now.px(_END)) + (count - 1) * now.px(_FOOT_GAP)

    def _is_beside(self, width: int) -> bool:
        """Whether the field has room beside the buttons at the foot, and is an answer among others."""
        words = look().px(_WORDS + TOUCH + _FOOT_GAP + _GAP)
        return self._parts.field.isHidden() or self._foot_width(width) >= self._ends_width() + words

    def _is_stacked(self, width: int, *, has_codes: bool) -> bool:
        """Whether the buttons at the foot stand one below the other."""
        return has_codes and self._foot_width(width) < self._ends_width()

    def _foot_height(self, width: int, *, has_codes: bool) -> int:
        now, count = look(), len(self._parts.ends())
        tall = code_height(now) if has_codes and self._parts.cancel.has_code else now.px(_FOOT)
        is_stacked = self._is_stacked(width, has_codes=has_codes)
        return count * tall + (count - 1) * now.px(_FOOT_GAP) if is_stacked else tall

    def _card_height(self, width: int) -> int:
        """Return the height of title, hint, and the fields of a question without numbered answers."""
        return self._place_card(width, has_hint=bool(self._parts.hint.text()), is_trial=True)

    def place(self, width: int, height: int) -> None:
        """Give every part its place: the question above, its ends at the foot, what answers it between."""
        now, hint = look(), self._parts.hint
        gap = now.px(_GAP)
        has_codes = self._parts.cancel.has_code and self.needed(width) <= height
        has_hint = bool(hint.text()) and self._needed(width, has_codes=False) <= height
        hint.setVisible(has_hint)
        self._parts.title.setVisible(has_hint or not self._is_tight(width, height))
        foot = self._foot_height(width, has_codes=has_codes)
        top = self._place_card(width, has_hint=has_hint) + gap
        bottom = height - foot - gap
        is_beside = self._is_beside(width)
        self._place_foot(
            width, QRect(self.inset, height - foot, self._foot_width(width), foot), has_codes=has_codes
        )
        if self._parts.has_answers and not is_beside and not self._parts.field.isHidden():
            tall = self._parts.field.needed()
            self._place_field(QRect(0, bottom - tall, width, tall))
            bottom -= tall + gap
        room = QRect(0, top, width, max(0, bottom - top))
        self._parts.answers.setVisible(self._parts.has_answers and not self._has_pad())
        self._parts.answers.setGeometry(room)
        self._parts.pad.setGeometry(room)

    def _place_card(self, width: int, *, has_hint: bool, is_trial: bool = False) -> int:
        """Place title and hint, and the fields where nothing is numbered. Returns the card's height."""
        now = look()
        pad, gap = now.px(16), now.px(6)
        inner, top = width - 2 * pad, now.px(12)
        titled = is_trial or not self._parts.title.isHidden()
        for part in (*((self._parts.title,) if titled else ()), *((self._parts.hint,) if has_hint else ())):
            tall = part.heightForWidth(inner)
            if not is_trial:
                part.setGeometry(pad, top, inner, tall)
            top += tall + gap
        if not self._parts.has_answers:
            top = self._place_fields(QRect(pad, top, inner, 0), is_trial=is_trial)
        height = top + now.px(12) - gap
        if not is_trial:
            self._parts.card.setGeometry(0, 0, width, height)
            self._parts.card.lower()
        return height

    def _place_fields(self, room: QRect, *, is_trial: bool) -> int:
        """Place one or two fields from a top edge on, and the way to a picture. Returns where they end."""
        now, own = look(), self._parts
        gap, top = now.px(6), room.top()
        second, caption = QRect(), 0
        field = QRect(room.left(), top, room.width(), own.field.needed())
        if not own.second.isHidden():
            caption = own.second_caption.heightForWidth(room.width())
            second = QRect(
                room.left(), field.bottom() + 1 + gap, room.width(), caption + gap + own.second.needed()
            )
            if room.width() >= now.px(_SIDE_BY_SIDE):
                half = room.width() * 2 // 5
                second.moveTop(top)
                second.setLeft(room.right() + 1 - half)
                field = QRect(room.left(), top, room.width() - half - now.px(_GAP), second.height())
        end = max(field.bottom(), second.bottom()) + 1 + gap if not own.field.isHidden() else top
        picture = QRect(room.left(), end, room.width(), now.px(TOUCH))
        if not is_trial:
            self._place_field(field)
            own.second_caption.setGeometry(second.left(), second.top(), second.width(), caption)
            own.second.setGeometry(second.adjusted(0, caption + gap, 0, 0))
            own.browse.setGeometry(picture)
        return end if own.browse.isHidden() else picture.bottom() + 1 + gap

    def _place_field(self, room: QRect) -> None:
        """Place the field, with the button of its keypad at the right."""
        now = look()
        beside = 0 if self._parts.pad_button.isHidden() else now.px(TOUCH + 8)
        self._parts.field.setGeometry(room.adjusted(0, 0, -beside, 0))
        self._parts.pad_button.setGeometry(
            room.right() + 1 - now.px(TOUCH), room.top(), now.px(TOUCH), room.height()
        )

    def _place_foot(self, width: int, room: QRect, *, has_codes: bool) -> None:
        """Place the two ends, and beside them the field where numbered answers come first."""
        now, ends = look(), self._parts.ends()
        gap = now.px(_FOOT_GAP)
        for button in ends:
            button.use_code(has_codes)
        if self._is_stacked(width, has_codes=has_codes):
            tall = (room.height() - (len(ends) - 1) * gap) // len(ends)
            for number, button in enumerate(ends):
                button.setGeometry(room.left(), room.top() + number * (tall + gap), room.width(), tall)
            return
        left = room.left()
        if self._parts.has_answers and not self._parts.field.isHidden() and self._is_beside(width):
            free = room.width() - self._ends_width()
            words = max(now.px(_WORDS + TOUCH + _FOOT_GAP), min(room.width() // 2, free - now.px(_GAP)))
            self._place_field(QRect(left, room.top(), words, room.height()))
            left += words + now.px(_GAP)
        elif len(ends) == 1:  # as wide as a hand, where the others have it
            left = max(left, room.right() + 1 - now.px(_ALONE))
        for button, (at, wide) in zip(ends, shares(room.right() + 1 - left, len(ends), gap), strict=True):
            button.setGeometry(left + at, room.top(), wide, room.height())
        if not has_codes:
            _use_small_codes(ends)


def _use_small_codes(ends: Sequence[CodedButton]) -> None:
    """Show the codes of low buttons, unless a word would be cut for them."""
    for button in ends:
        button.use_code(True)
    if not all(button.is_whole() for button in ends):
        for button in ends:
            button.use_code(False)

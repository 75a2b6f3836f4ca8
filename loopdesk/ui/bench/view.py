"""The bench: draws a ``BenchScreen`` and says what was pressed. It knows nothing of returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QVBoxLayout, QWidget

from loopdesk.presenters.screens.window import BenchScreen
from loopdesk.ui.bench.arrangement import TOUCH, Arrangement, arrange, least_size
from loopdesk.ui.bench.empty import EmptyBench
from loopdesk.ui.theme import Look, look
from loopdesk.ui.widgets.buttons import KeyCapButton
from loopdesk.ui.widgets.undo import UndoBar

if TYPE_CHECKING:
    from loopdesk.presenters.screens.returns import HeaderScreen, Prompt
    from loopdesk.ui.bench.commands import CommandPanel
    from loopdesk.ui.bench.header import HeaderCard
    from loopdesk.ui.bench.item import ItemCard
    from loopdesk.ui.bench.lines_view import LinesList
    from loopdesk.ui.bench.parts import BenchPanels
    from loopdesk.ui.bench.prompt import PromptPanel

_MARGIN, _LOW_MARGIN, _LOW = 14, 8, 520
_IDLE = 112
"""What a command of a bench without a return needs at least, with its gap, in px at 100 %."""

_ROOMY = (860, 760)
"""From this size on the further commands that lead to another parcel stand beside the others."""

_LEAST_ASKED = (520, 400)
"""The smallest bench that shows a question, in px at 100 %."""

_LEAST_LIVE = 120
"""With less height nobody can aim, in px at 100 %: the live picture stands over the lines then."""

_BESIDE = 316
"""The width of the column beside a bench without a return, in px at 100 %."""


class BenchView(QWidget):
    """The open return: its lines, the item in hand, what will happen and the commands.

    The invitation to scan is there at once; everything else is made by ``prepare``, so that the first paint
    does not wait for it.

    Args:
        icons: Icon name by command id, for the command buttons.

    Signals:
        command_requested(str): A command's button was pressed; carries its id.
        line_selected(int): A line was chosen; carries its index in the return.
        filter_chosen(str): A part of the lines is to be shown; carries its name.
        settlement_chosen(str): Another way to finish was chosen; carries its kind.
        place_wanted(str): Another view is wanted; carries its name.
        return_picked(str): A candidate, sibling or parked return; carries its id.
        prompt_answered(str): The words in the prompt's field.
        template_chosen(int): A ready answer of the prompt; carries its place, from 0.
        prompt_cancelled(): The prompt was left.
        prompt_edited(str): What the prompt's field holds now.
        prompt_second_edited(str): What its second field holds now.
        return_painted(str): The open return was painted; carries its id.
        photo_opened(int): A photo of the item was pressed; carries its place, from 0.
    """

    command_requested = Signal(str)
    line_selected = Signal(int)
    filter_chosen = Signal(str)
    settlement_chosen = Signal(str)
    place_wanted = Signal(str)
    return_picked = Signal(str)
    prompt_answered = Signal(str)
    template_chosen = Signal(int)
    prompt_cancelled = Signal()
    prompt_edited = Signal(str)
    prompt_second_edited = Signal(str)
    return_painted = Signal(str)
    photo_opened = Signal(int)

    def __init__(self, icons: Mapping[str, str] | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._screen: BenchScreen | None = None
        self._ordered: tuple[QWidget, ...] = ()
        self._icons = icons or {}
        self._parts: BenchPanels | None = None
        self._is_open = False
        self._build_page()

    def _build_page(self) -> None:
        """Make the page; it scrolls as a whole on a screen that is too small for it."""
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(False)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        outer.addWidget(self._scroll)
        self._sheet = QWidget()
        self._sheet.setObjectName("page")
        self._scroll.setWidget(self._sheet)
        self.empty = EmptyBench(self._sheet)
        self.empty.picked.connect(self.return_picked)
        self.empty.place_wanted.connect(self.place_wanted)
        self.undo = UndoBar(self._sheet)
        self.undo.requested.connect(self.command_requested)
        self.undo.hide()

    def prepare(self) -> BenchPanels:
        """Make what a return needs, if it was not made before, and return it."""
        if self._parts is None:
            # Not at the top: the window is painted without it.
            from loopdesk.ui.bench.parts import BenchPanels  # noqa: PLC0415

            self._parts = BenchPanels(self._sheet, self._icons)
            self._parts.commands.render(None, (), (), "")
            self.undo.raise_()  # a question over the whole bench leaves its corner free
            self._connect(self._parts)
            self._lay_out()
            self._order_focus()
        return self._parts

    def _connect(self, parts: BenchPanels) -> None:
        """Forward the signals of the parts."""
        parts.commands.requested.connect(self.command_requested)
        parts.commands.settlement_chosen.connect(self.settlement_chosen)
        parts.item.requested.connect(self.command_requested)
        parts.item.photo_opened.connect(self.photo_opened)
        parts.lines.list.line_selected.connect(self.line_selected)
        parts.lines.filter_chosen.connect(self.filter_chosen)
        parts.header.picked.connect(self.return_picked)
        parts.header.painted.connect(self.return_painted)
        parts.prompt.answered.connect(self.prompt_answered)
        parts.prompt.template_chosen.connect(self.template_chosen)
        parts.prompt.more_wanted.connect(self.command_requested)
        parts.prompt.rearranged.connect(self._lay_out)
        parts.prompt.cancelled.connect(self.prompt_cancelled)
        parts.prompt.edited.connect(self.prompt_edited)
        parts.prompt.second_edited.connect(self.prompt_second_edited)

    @property
    def header(self) -> HeaderCard:
        """The head of the open return."""
        return self.prepare().header

    @property
    def lines(self) -> LinesList:
        """The list of the open return's lines."""
        return self.prepare().lines.list

    @property
    def item(self) -> ItemCard:
        """The selected line, large."""
        return self.prepare().item

    @property
    def commands(self) -> CommandPanel:
        """What can be done."""
        return self.prepare().commands

    @property
    def prompt(self) -> PromptPanel:
        """A question, in place of the commands or of everything."""
        return self.prepare().prompt

    def render(self, screen: BenchScreen) -> None:  # type: ignore[override]
        """Draw this screen; unchanged parts are left alone."""
        before, self._screen = self._screen, screen
        if before is not None and replace(screen, band=before.band) == before:
            self._show_undo(screen)
            return
        if self._parts is None and not _needs_parts(screen):
            self.empty.show_parked(screen.parked)
            self._lay_out()
            return
        focused = QApplication.focusWidget()
        if focused is not None and not self.isAncestorOf(focused):
            focused = None
        self._show_work(screen, screen.header)
        return_id = screen.header.return_id if screen.header else ""
        self.commands.set_shown(screen.prompt is None or not self._is_open)
        self.commands.render(screen.plan, screen.commands, screen.more, return_id)
        self._show_undo(screen)
        self._show_prompt(screen.prompt)
        self.prepare().live.render(screen.live)
        self.item.give_way(screen.live is not None)
        self._lay_out()
        self._order_focus()
        self._keep_focus(focused)

    def _show_undo(self, screen: BenchScreen) -> None:
        """Show what can be undone, in its place."""
        self.undo.render(screen.band)
        self.undo.setVisible(screen.header is not None or self.undo.has_any)

    def show_frame(self, frame: QImage) -> None:
        """Draw a frame of the camera; a null image for none."""
        if self._parts is not None:
            self._parts.live.show_frame(frame)

    def show_pending(self, keys: tuple[str, ...]) -> None:
        """Mark the buttons whose keys were pressed and decide in a moment."""
        if self._parts is not None:
            for button in (*self.item.buttons(), *self.commands.buttons()):
                if isinstance(button, KeyCapButton):
                    button.show_pending(keys)

    def _keep_focus(self, before: QWidget | None) -> None:
        """Take the focus back from a widget that is gone: Qt would hand it to whatever button is next."""
        if before is None or before.isVisible() or self.prompt.home().hasFocus():
            return
        home = self.lines if self.lines.isVisible() else self
        home.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_work(self, screen: BenchScreen, header: HeaderScreen | None) -> None:
        """Show the page of the work area that the screen is about."""
        self._is_open, parts = header is not None, self.prepare()
        if screen.prompt is None:  # in sight before it is measured
            self._show_parts(parts, is_whole=False)
        if header is None:
            self.empty.show_parked(screen.parked)
            return
        self.header.render(header)
        parts.lines.render(screen.lines, screen.selected, screen.filters)
        parts.item.render(screen.item)
        parts.commands.plan.show_notes(header.notes)

    def _show_prompt(self, prompt: Prompt | None) -> None:
        """Put the question in place of the commands, and the focus into its field."""
        self.prompt.setVisible(prompt is not None)
        large = prompt if prompt is not None and self.header.isVisibleTo(self) else None
        self.prepare().enlarged.show_photo(large.photo if large else "", large.title if large else "")
        if prompt is None:
            self.prompt.forget()
        elif self.prompt.render(prompt):
            self.prompt.home().setFocus(Qt.FocusReason.OtherFocusReason)

    def hide_codes(self, hidden: bool) -> None:
        """Leave the places of a question's codes white, in a picture that is kept."""
        if self._parts is not None:
            self._parts.prompt.hide_codes(hidden)

    def leave_more(self) -> bool:
        """Close the further commands; False if they are not open."""
        return self._parts is not None and self._parts.commands.leave_more()

    def focus_widgets(self) -> tuple[QWidget, ...]:
        """Return the widgets that take the focus, in tab order."""
        return (
            *self.empty.ways,
            self.empty.parked.list,
            *self.header.siblings.chips(),
            *self.prepare().lines.filters.buttons(),
            self.lines,
            *self.item.buttons(),
            *self.item.thumbs,
            *self.commands.buttons(),
            *self.prompt.buttons(),
            self.undo.button,
        )

    def _order_focus(self) -> None:
        """Let Tab go from the lines to the decision and on to the commands."""
        wanted = self.focus_widgets()
        if wanted == self._ordered:
            return
        self._ordered = wanted
        for first, second in pairwise(wanted):
            QWidget.setTabOrder(first, second)

    def _lay_out(self) -> None:
        """Give every part its place; a screen that is too small for all of them scrolls."""
        now, seen = look(), self._scroll.maximumViewportSize()
        least = least_size(seen.width(), seen.height(), now)
        size = seen.expandedTo(QSize(*least))
        self._sheet.resize(size)
        room = _inside(size, now)
        undo = QRect(room.left(), room.bottom() + 1 - now.px(TOUCH), now.px(_BESIDE - 40), now.px(TOUCH))
        if self._parts is None:
            self.empty.setGeometry(room)
            self.undo.setGeometry(undo)
        elif not self._is_open:
            self._lay_out_closed(self._parts, room, undo)
        else:
            self._lay_out_open(self._parts, room)

    def _lay_out_closed(self, parts: BenchPanels, room: QRect, undo: QRect) -> None:
        """Arrange a bench without a return: the invitation or a choice, a column beside it, and at the foot
        Undo and the commands, in the corners where they are beside a return.
        """
        now, is_asking = look(), not parts.prompt.isHidden()
        beside = min(now.px(_BESIDE), room.width() // 3)
        column = QRect(room.right() + 1 - beside, room.top(), beside, room.height())
        left = room.width() - beside - now.px(12) - (0 if self.undo.isHidden() else undo.width() + now.px(12))
        is_narrow = left < parts.commands.count() * now.px(_IDLE)  # the commands have no room beside it
        is_whole = is_asking and (is_narrow or not _is_seen(parts.prompt, column))
        work = room.adjusted(0, 0, -beside - now.px(12), 0) if is_asking and not is_whole else room
        commands = parts.commands.commands
        commands.setVisible(parts.commands.count() > 0 and not parts.prompt.has_pad)
        has_foot = not (self.undo.isHidden() and commands.isHidden())
        foot = undo.height() + now.px(12) if has_foot else 0
        above = work.adjusted(0, 0, 0, -foot)
        self._show_parts(parts, is_whole=is_whole)
        if parts.prompt.has_pad:  # its keys need the height of the commands
            self._lay_out_whole(parts, 0 if self.undo.isHidden() else undo.width())
            return
        self.empty.setGeometry(above)
        parts.prompt.place(above if is_whole else column, 0)
        asked = parts.prompt.room_for_live().translated(above.topLeft())
        parts.live.setGeometry(asked if is_whole else _room_for_live(above, is_large=parts.live.is_large))
        beside_undo = work.width() if self.undo.isHidden() else work.right() - undo.right() - now.px(12)
        wide = min(now.px(184) * parts.commands.count(), beside_undo)
        commands.set_most(max(1, parts.commands.count()))
        commands.setGeometry(work.right() + 1 - wide, undo.top(), wide, undo.height())
        self.undo.setGeometry(undo)

    def _lay_out_open(self, parts: BenchPanels, room: QRect) -> None:
        """Arrange an open return."""
        now = look()
        if parts.commands.set_roomy(room.height() >= now.px(_ROOMY[1]) and room.width() >= now.px(_ROOMY[0])):
            self._order_focus()
        count = parts.commands.count()
        work = arrange(room, 0, count, now).header.width()
        where = arrange(room, parts.header.wanted_height(work), count, now)
        is_whole = not parts.prompt.isHidden() and not _is_seen(parts.prompt, where.asked)
        self._show_parts(parts, is_whole=is_whole)
        if is_whole:
            self._lay_out_whole(parts, where.undo.width())
            return
        parts.header.fit(work, where.header.height())
        parts.header.setGeometry(where.header)
        parts.lines.setGeometry(where.lines)
        parts.item.set_bench_height(room.height())
        parts.item.setGeometry(where.item)
        parts.enlarged.setGeometry(_room_for_photo(where))
        parts.live.setGeometry(self._live_beside(parts, where))
        parts.commands.place(where)
        parts.prompt.place(where.asked, 0)
        self.undo.setGeometry(where.undo)

    def _live_beside(self, parts: BenchPanels, where: Arrangement) -> QRect:
        """Return where the camera's picture stands beside an open return, and beside a photo that is open."""
        is_large = parts.live.is_large
        if not parts.enlarged.isHidden():
            return _room_for_live(_room_for_photo(where), is_large=is_large)
        room = parts.item.room_for_live(is_large=is_large).translated(where.item.topLeft())
        return where.lines if is_large and room.height() < look().px(_LEAST_LIVE) else room

    def _lay_out_whole(self, parts: BenchPanels, beside: int) -> None:
        """Give the bench to a question, with Undo in its corner. It needs less room than a return."""
        now, seen = look(), self._scroll.maximumViewportSize()
        size = seen.expandedTo(QSize(now.px(_LEAST_ASKED[0]), now.px(_LEAST_ASKED[1])))
        self._sheet.resize(size)
        room = _inside(size, now)
        tall = now.px(TOUCH)
        self.undo.setGeometry(room.left(), room.bottom() + 1 - tall, beside, tall)
        parts.prompt.place(room, beside + now.px(12) if beside else 0)
        parts.live.setGeometry(parts.prompt.room_for_live().translated(room.topLeft()))

    def _show_parts(self, parts: BenchPanels, *, is_whole: bool) -> None:
        """Show what the bench is about; a question that needs it all stands alone."""
        for part in (parts.header, parts.lines, parts.item):
            part.setVisible(self._is_open and not is_whole)
        self.empty.setVisible(not self._is_open and not is_whole)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange everything for the new size."""
        super().resizeEvent(event)
        self._lay_out()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the scale."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange and hasattr(self, "undo"):
            # The parts have their new fonts only after this event.
            QApplication.postEvent(self, QEvent(QEvent.Type.LayoutRequest))

    def event(self, event: QEvent) -> bool:
        """Arrange everything once the parts are restyled."""
        done = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self._lay_out()
        return done


def _room_for_photo(where: Arrangement) -> QRect:
    """Return where an open photo stands: over lines and item, as far as its question is not among them."""
    whole = where.lines.united(where.item)
    return where.item if whole.intersects(where.asked) else whole


def _room_for_live(room: QRect, *, is_large: bool) -> QRect:
    """Return where the camera's picture stands in a room of the bench: all of it, or a corner."""
    if is_large:
        return room
    width, height = room.width() // 3, room.height() // 3
    return QRect(room.right() + 1 - width, room.bottom() + 1 - height, width, height)


def _inside(size: QSize, now: Look) -> QRect:
    """Return a bench of this size without its margins."""
    margin = now.px(_LOW_MARGIN if size.height() < now.px(_LOW) else _MARGIN)
    return QRect(margin, margin, size.width() - 2 * margin, size.height() - 2 * margin)


def _is_seen(prompt: PromptPanel, column: QRect) -> bool:
    """Say whether a question is seen in full beside the work, or is about what is shown there."""
    is_full = prompt.needed(column.width()) <= column.height()
    return not prompt.wants_all and (is_full or prompt.shows_photo)


def _needs_parts(screen: BenchScreen) -> bool:
    """Say whether a screen shows more than the invitation to scan."""
    return any((screen.header, screen.plan, screen.commands, screen.prompt, screen.live))

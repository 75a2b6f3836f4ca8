"""The parts of the bench beside the invitation to scan; made after the first paint, or when first needed."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QVBoxLayout, QWidget

from loopdesk.ui.bench.commands import CommandPanel
from loopdesk.ui.bench.header import HeaderCard
from loopdesk.ui.bench.lines_view import LinesView
from loopdesk.ui.bench.prompt import PromptPanel
from loopdesk.ui.widgets.links import PickerBench


class BenchPanels:
    """Picker, header and lines below the invitation; commands and prompt in the column.

    Args:
        work: The work area's layout; the invitation is in it.
        column: Where the commands stand.
        icons: Icon name by command id, for the command buttons.
    """

    def __init__(self, work: QVBoxLayout, column: QWidget, icons: Mapping[str, str]) -> None:
        area = work.parentWidget()
        self.picker = PickerBench(area)
        self.header = HeaderCard(area)
        self.lines = LinesView(area)
        for part in (self.picker, self.header, self.lines):
            part.hide()
        work.addWidget(self.picker, 100)
        work.addWidget(self.header)
        # The lines take all the room there is, up to their last row; what is left stays empty below them.
        work.addWidget(self.lines, 100)
        work.addStretch(1)
        self.commands = CommandPanel(icons, column)
        self.prompt = PromptPanel(column)
        self.prompt.hide()
        inside = QVBoxLayout(column)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addWidget(self.commands)
        inside.addWidget(self.prompt)

"""The parts of an open return; made after the first paint, or when first needed."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtWidgets import QWidget

from loopdesk.ui.bench.commands import CommandPanel
from loopdesk.ui.bench.header import HeaderCard
from loopdesk.ui.bench.item import ItemCard
from loopdesk.ui.bench.kept_photos import EnlargedPhoto
from loopdesk.ui.bench.lines_view import LinesCard
from loopdesk.ui.bench.live import LivePicture
from loopdesk.ui.bench.prompt import PromptPanel


class BenchPanels:
    """Head, lines, item in hand, commands, the question, the camera's picture; none is shown yet.

    Args:
        sheet: What they stand in.
        icons: Icon name by command id, for the command buttons.
    """

    def __init__(self, sheet: QWidget, icons: Mapping[str, str]) -> None:
        self.header = HeaderCard(sheet)
        self.lines = LinesCard(sheet)
        self.item = ItemCard(sheet)
        self.commands = CommandPanel(icons, sheet)
        self.prompt = PromptPanel(sheet)
        self.enlarged = EnlargedPhoto(sheet)
        self.live = LivePicture(sheet)  # on top: nothing hides its light
        for part in (self.header, self.lines, self.item, self.prompt, self.enlarged):
            part.hide()

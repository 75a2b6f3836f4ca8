"""The printed sheets of this station: its command codes, and in practice mode labels to scan."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from loopdesk.app.runtime import Runtime
from loopdesk.services.bench.intake import CommandCodes
from loopdesk.services.ports.station import Station

COMMANDS_FILE, LABELS_FILE = "command-codes.pdf", "practice-labels.pdf"
"""The sheets, in the profile's folder, which only this user can read."""


class Sheets:
    """Writes and opens the sheets, and voids old ones.

    Args:
        station: Returns who works where, now.
    """

    def __init__(
        self, ground: Runtime, codes: CommandCodes, station: Callable[[], Station], *, practice: bool
    ) -> None:
        self._ground = ground
        self._codes = codes
        self._station = station
        self._practice = practice

    async def show(self) -> str:
        """Write the sheets, open them in the system's viewer, and return their folder.

        Raises:
            OSError: They cannot be written.
        """
        from loopdesk.presenters.bench.code_sheet import sheet_pages
        from loopdesk.ui.printing.sheets import open_sheet, write_command_sheet, write_label_sheet

        folder = self._ground.profile.folder
        sheet = sheet_pages(self._ground.vocabulary, self._codes.printed)
        write_command_sheet(folder / COMMANDS_FILE, sheet)
        if self._practice:
            from loopdesk.simulator.samples import practice_labels

            write_label_sheet(folder / LABELS_FILE, practice_labels())
            open_sheet(folder / LABELS_FILE)
        open_sheet(folder / COMMANDS_FILE)
        return str(folder)

    async def renew_codes(self) -> None:
        """Void the printed codes, and delete the file of the old sheet.

        Raises:
            OSError: The codes are unchanged.
        """
        ground, where = self._ground, self._station()
        await asyncio.to_thread(ground.station_secret.renew)
        (ground.profile.folder / COMMANDS_FILE).unlink(missing_ok=True)
        await ground.store.audit.write(
            "codes_renewed", ground.clock.now(), operator=where.operator, station=where.station
        )

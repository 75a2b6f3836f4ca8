"""The file in the profile that remembers how fast this station's scanner types."""

from __future__ import annotations

import json
from pathlib import Path

from loopdesk.domain.scanner.rhythm import REMEMBERED, SLOWEST_GAP_MS, GunPace
from loopdesk.system.host.files import replace_file


class GunFile:
    """Stores a ``GunPace`` as JSON. A malformed file counts as missing: the station learns again."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def load(self) -> GunPace | None:
        """Return the stored pace; None if there is no readable one."""
        try:
            kept = json.loads(self._file.read_text("utf-8"))
            gap_ms, recent = int(kept["gap_ms"]), tuple(float(each) for each in kept["recent"])
        except (OSError, ValueError, TypeError, KeyError):
            return None
        is_sound = 0 < gap_ms <= SLOWEST_GAP_MS and all(0 <= each <= 1000 for each in recent)
        return GunPace(gap_ms, recent[-REMEMBERED:]) if is_sound else None

    def save(self, pace: GunPace) -> None:
        """Store it. Raises ``OSError``."""
        replace_file(self._file, json.dumps({"gap_ms": pace.gap_ms, "recent": list(pace.recent)}) + "\n")

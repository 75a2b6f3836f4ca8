"""A desk and the shop that it works for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from loopdesk.simulator.settings import Settings
from tests.scenarios.desk import Desk
from tests.simulator_thread import SimulatorThread

PROCESSING_SECONDS = 0.5
"""How long Loop takes for what it queued."""


@pytest.fixture
def shop() -> Iterator[SimulatorThread]:
    """Serve the practice shop over TCP, in a thread of its own."""
    with SimulatorThread(settings=Settings(processing_seconds=PROCESSING_SECONDS)) as shop:
        yield shop


@pytest.fixture
def desk(qapp: QApplication, tmp_path: Path, shop: SimulatorThread) -> Desk:
    """Return a new desk that works for the shop; ``desk.play`` runs its program."""
    return Desk(qapp, tmp_path / "profile", f"{shop.url}/api", key=shop.key)

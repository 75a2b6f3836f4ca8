"""A real store in a folder of its own."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from loopdesk.store.store import Store, open_store
from tests.builders import rebuild

if os.name != "posix":
    collect_ignore = ["test_kill.py", "test_posix.py"]  # they kill, fork, or look at POSIX rights


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store; ``store.database.path`` is its file."""
    opened = await open_store(tmp_path, rebuild)
    yield opened
    await opened.close()

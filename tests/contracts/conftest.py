"""Every contract runs on the in-memory fake and on the real file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

import pytest

from loopdesk.app.compose import Kept
from loopdesk.store.store import open_store
from tests.builders import rebuild
from tests.fakes.memory_store import MemoryStore


class AnyStore(Kept, Protocol):
    """What both stores offer."""

    async def close(self) -> None: ...


async def _opened(kind: str, folder: Path) -> AnyStore:
    return MemoryStore() if kind == "memory" else await open_store(folder, rebuild)


@pytest.fixture(params=["memory", "sqlite"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AnyStore]:
    """An empty store of each kind."""
    opened = await _opened(request.param, tmp_path)
    yield opened
    await opened.close()

"""Stands for a part that is costly to load until it is first used, so that the window paints before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Late:
    """Builds the real thing at the first use of any of its attributes, once."""

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = build
        self._built: Any = None

    def __getattr__(self, name: str) -> Any:
        if self._built is None:
            self._built = self._build()
        return getattr(self._built, name)

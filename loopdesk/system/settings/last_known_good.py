"""A settings file and the copy of it that last worked: reading one, and keeping the other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from loopdesk.domain.errors import SettingsWrong
from loopdesk.system.host.files import replace_file
from loopdesk.system.settings.toml_text import read_text

log = logging.getLogger("loopdesk.start")

Check = Callable[[str, Path], dict[str, Any]]
"""Parses and checks a file's text. Raises ``SettingsWrong``."""


class GoodText:
    """The text of one file that others write, with the copy that stands in for it when it is damaged.

    Args:
        file: The file itself; it may be missing.
        last_good: Where the copy is kept.
        check: What the text must pass.
    """

    def __init__(self, file: Path, last_good: Path, check: Check) -> None:
        self._file = file
        self._last_good = last_good
        self._check = check

    def read(self) -> tuple[dict[str, Any], SettingsWrong | None]:
        """Read the file, or what stands in for it, and keep a copy of what worked.

        Returns:
            The tables, and why the file itself was not used; None when it was.

        Raises:
            SettingsWrong: The file cannot be used and there is no copy.
        """
        if not self._file.exists():
            return {}, None
        try:
            text, tree = self._sound()
        except SettingsWrong as problem:
            if not self._last_good.exists():
                raise
            log.warning("settings_damaged line=%d key=%s used=last_good", problem.line, problem.key)
            return self._check(read_text(self._last_good), self._last_good), problem
        self._keep_copy(text)
        return tree, None

    def base(self) -> tuple[str, bool]:
        """Return the text to change, and whether the file itself is damaged.

        Raises:
            SettingsWrong: The file cannot be used and there is no copy.
        """
        if not self._file.exists():
            return "", False
        try:
            text, _ = self._sound()
        except SettingsWrong:
            if not self._last_good.exists():
                raise
            return read_text(self._last_good), True
        return text, False

    def _sound(self) -> tuple[str, dict[str, Any]]:
        text = read_text(self._file)
        tree = self._check(text, self._file)
        self._refuse_cut(text)
        return text, tree

    def _refuse_cut(self, text: str) -> None:
        """Refuse a file that is the beginning of the last good one, broken off inside a line.

        Such a file may be valid and say something else: ``hold_seconds = 60`` cut to ``hold_seconds = 6``.
        """
        if not self._last_good.exists():
            return
        whole = read_text(self._last_good)
        rest = whole[len(text) :]
        if whole.startswith(text) and rest.strip() and not text.endswith("\n"):
            line = max(1, len(text.splitlines()))
            raise SettingsWrong("the file ends in the middle of a line", file=str(self._file), line=line)

    def _keep_copy(self, text: str) -> None:
        try:
            if not self._last_good.exists() or self._last_good.read_text(encoding="utf-8") != text:
                replace_file(self._last_good, text)
        except (
            OSError,
            UnicodeDecodeError,
        ) as error:  # the copy is a comfort; without it the file still counts
            log.warning("settings_copy_failed error=%s", type(error).__name__)

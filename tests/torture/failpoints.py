"""Points at which the program can be made to die or fail, counted as they are passed."""

from __future__ import annotations

import apsw
import httpx


class Killed(BaseException):
    """The process was killed here: nothing after this line happened."""


class Points:
    """Counts the statements and transport steps of one station, and strikes at the n-th.

    Attributes:
        passed: How many were passed since ``arm``.
        struck_at: The name of the one that was struck, "" while none was.
        is_dead: The process was killed: whatever still runs of it gets nothing done.
    """

    def __init__(self) -> None:
        self.passed = 0
        self.struck_at = ""
        self.is_dead = False
        self._at = 0
        self._how = ""
        self._where = ""

    def arm(self, at: int, how: str, where: str = "") -> None:
        """Strike at the n-th from now.

        Args:
            how: ``kill``, ``error`` or ``full`` (the disk).
            where: Count only places of this name; "" counts all.
        """
        self.passed, self.struck_at, self._at, self._how, self._where = 0, "", at, how, where

    def disarm(self) -> None:
        """Disarm."""
        self._at = 0

    def pass_by(self, name: str) -> None:
        """Pass a place; ``name`` begins with ``sql`` or ``net``.

        Raises:
            Killed: The process dies here, or has died before.
            apsw.IOError, apsw.FullError, httpx.ConnectError, httpx.ReadError: It fails here.
        """
        if self.is_dead:
            raise Killed(name)
        if self._where and name != self._where:
            return
        self.passed += 1
        if self.passed != self._at:
            return
        if self._how == "full" and name == "sql committed":
            self._at += 1  # a full disk shows before a commit is on disk, never afterwards
            return
        self.struck_at = name
        if self._how == "kill":
            self.is_dead = True
            raise Killed(name)
        if name.startswith("net"):
            raise httpx.ConnectError("refused") if name == "net connect" else httpx.ReadError("cut")
        raise apsw.FullError("full") if self._how == "full" else apsw.IOError("no")

"""What ``--smoke`` found, written down after every check so that even a killed run leaves its traces."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from loopdesk import __version__


@dataclass(frozen=True, slots=True)
class Finding:
    """How one check ended.

    Attributes:
        found: What was found, or what went wrong.
        milliseconds: How long it took.
    """

    name: str
    ok: bool
    found: str
    milliseconds: int


@dataclass(slots=True)
class Report:
    """The findings so far, kept in a file of UTF-8 JSON where one was named.

    Args:
        file: Where it is kept; None to print it at the end.
        monotonic: Seconds that never go back.
    """

    file: Path | None
    monotonic: Callable[[], float]
    findings: list[Finding] = field(default_factory=list)
    running: str = ""

    def check(self, name: str, look: Callable[[], str]) -> bool:
        """Make one check; whatever it raises is a finding, and the next one is made all the same."""
        with self.taking(name) as say:
            say(look())
        return self.findings[-1].ok

    @contextmanager
    def taking(self, name: str) -> Iterator[Callable[[str], None]]:
        """Take the time of a check whose parts cannot be one function; what is said is what was found."""
        around, self.running = self.running, name
        self._keep()
        began, said, ok = self.monotonic(), [""], True
        try:
            yield said.append
        except Exception as failure:  # noqa: BLE001 - a broken copy fails in ways that nobody listed
            ok, said = False, [f"{type(failure).__name__}: {failure}"]
        self.findings.append(Finding(name, ok, said[-1], round((self.monotonic() - began) * 1000)))
        self.running = around
        self._keep()

    @property
    def ok(self) -> bool:
        """Whether everything that was looked at is as it should be, and nothing is under way."""
        return not self.running and bool(self.findings) and all(finding.ok for finding in self.findings)

    def text(self) -> str:
        """Return the report as JSON."""
        said = {
            "program": "loopdesk",
            "version": __version__,
            "frozen": bool(getattr(sys, "frozen", False)),
            "system": platform.platform(),
            "python": platform.python_version(),
            "ok": self.ok,
            "running": self.running or None,
            "checks": [asdict(finding) for finding in self.findings],
        }
        return json.dumps(said, ensure_ascii=False, indent=2) + "\n"

    def _keep(self) -> None:
        if self.file is not None:
            self.file.write_text(self.text(), encoding="utf-8")

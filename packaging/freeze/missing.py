"""Reads which modules PyInstaller did not find from its file of warnings."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Iterator

_LINE = re.compile(r"^(?:missing|excluded) module named '?(?P<name>[\w.]+)'? - imported by (?P<by>.+)$")
_IMPORTER = re.compile(r"(?P<name>'[^']+'|[^ ,]+) \((?P<how>[^)]*)\)")
_OWN = "loopdesk"


def unexpected(warnings: str, expected: Collection[str]) -> Iterator[str]:
    """Return the missing modules that something needs unconditionally.

    What a library tries to import and can do without is of no interest. What the program's own modules
    import is always wanted.

    What is missing of the standard library belongs to other systems.

    Args:
        warnings: The text of PyInstaller's file.
        expected: Modules that may be missing, with all inside them: ``h2``, ``loopdesk.hub``.
    """
    for line in warnings.splitlines():
        found = _LINE.match(line)
        if found is None or _is_expected(found["name"], expected):
            continue
        importers = [(x["name"].strip("'"), x["how"]) for x in _IMPORTER.finditer(found["by"])]
        own = {name for name, _ in importers if name.partition(".")[0] == _OWN}
        firm = {name for name, how in importers if "optional" not in how and "conditional" not in how}
        if own | firm:
            yield f"{found['name']} is missing; {', '.join(sorted(own | firm))} imports it"


def _is_expected(name: str, expected: Collection[str]) -> bool:
    parts = name.split(".")
    above = {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
    return parts[0] in sys.stdlib_module_names or not above.isdisjoint(expected)

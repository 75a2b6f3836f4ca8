"""Prints what the torture counted, at the end of every session that ran any of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from tests.torture import figures


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Write the table and the lines of JSON."""
    if not figures.ALL:
        return
    terminalreporter.section("torture")
    for line in (*figures.table(), *figures.write_lines()):
        terminalreporter.write_line(line)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand the figures to the session that runs this one beside others."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["torture"] = [asdict(each) for each in figures.ALL]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take the figures of a session that ran beside others."""
    figures.ALL.extend(
        figures.Figures(**each) for each in getattr(node, "workeroutput", {}).get("torture", ())
    )


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Put up with a whole storm of warnings: a program under torture says that it is."""
    if "tests/torture/" in item.nodeid:
        item.add_marker(pytest.mark.expects_log)

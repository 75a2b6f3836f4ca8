"""Prints what the torture counted, at the end of every session that ran any of it."""

from __future__ import annotations

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


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Put up with a whole storm of warnings: a program under torture says that it is."""
    if "tests/torture/" in item.nodeid:
        item.add_marker(pytest.mark.expects_log)

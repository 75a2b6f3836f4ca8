"""Writes down what each run counted when it ends, and prints all of it at the end of the session."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pytest

from tests.torture import figures

LONGEST = (
    "seeded_walk",
    "kills_at_any_moment",
    "no_power_loss",
    "dying_or_failing",
    "ends_at_any_byte",
    "kills_inside_system_calls",
    "at_each_system_call",
    "kills_of_the_window",
    "hubs_killed_at_random",
    "stopped_hard_under_load",
    "two_benches_two_hubs",
    "whatever_is_scanned",
    "whatever_people_loop",
    "stays_flat",
)
"""Parts of the names of the runs that take longest, the longest first."""


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Write the table and the lines of JSON."""
    if not figures.ALL:
        return
    terminalreporter.section("torture")
    for line in (*figures.table(), *(each.as_line() for each in figures.ALL)):
        terminalreporter.write_line(line)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin a long session with its longest runs, so that no worker stands idle beside one at the end."""
    if figures.is_full():
        items.sort(key=lambda item: _place(item.name))


def _place(name: str) -> int:
    return next((n for n, part in enumerate(LONGEST) if part in name), len(LONGEST))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Write the figures of the run that ends: a session that is stopped keeps what it had."""
    figures.write_new()


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
    """Accept any number of warnings: a program under torture logs many."""
    if "tests/torture/" in item.nodeid:
        item.add_marker(pytest.mark.expects_log)

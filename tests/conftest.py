"""What holds for every test: its surroundings, and that it leaves nothing behind.

A test fails that leaves threads, tasks, windows, running timers or exception hooks, or that made the
program log a warning or an error without saying so::

    @pytest.mark.expects_log("refresh_failed", "gone")     # these words, in any of the lines
    @pytest.mark.expects_log                                # whatever it is

A test that takes ``caplog`` looks at the log itself.
"""

from __future__ import annotations

import atexit
import inspect
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator

# Before anything loads Qt or keyring, here and in every process that a test starts.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
# The window follows the language of the computer unless it is told otherwise, and tests read English.
os.environ.update(LC_ALL="C.UTF-8", LANGUAGE="en")
# The system's place for state, where each profile has its tally: not this user's own.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="loopdesk-tests-state-")

# Where the machine forbids bytecode, each process that a test starts would compile every module again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

import pytest
from hypothesis import HealthCheck, settings

from loopdesk.i18n import catalogue, formats
from tests.leftovers import Listener, left_since, look, register_timers, tasks_left

sys.dont_write_bytecode = False  # the same for this process, whose tests are compiled after this line
atexit.register(shutil.rmtree, os.environ["XDG_STATE_HOME"], ignore_errors=True)

# No test is timed: other work may keep the machine busy. A commit is judged by the same examples everywhere
# and each time; new ones are drawn where they are looked for, in ``make torture``.
_calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("commit", _calm, derandomize=True)
settings.register_profile("torture", _calm, max_examples=1000, print_blob=True)
settings.load_profile("torture" if os.environ.get("TORTURE") == "full" else "commit")

PROVOKED = {
    "tests/unit/store/": r" loopdesk\.store: ",
    "tests/unit/services/": r" loopdesk\.(outbox|api): ",
    "tests/scenarios/": r"WARNING loopdesk\.(outbox|api|lookup): ",
    "tests/unit/system/test_logs.py": "",
}
"""What whole folders of tests provoke on purpose: they break the store, the line to Loop, the log."""


def pytest_configure(config: pytest.Config) -> None:
    """Name our marks, and see every timer from its making on."""
    register_timers()
    config.addinivalue_line(
        "markers", "expects_log(*patterns): the program logs warnings or errors that match, or any"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Watch the tasks of every test that is a coroutine."""
    for item in items:
        if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
            # After what looks at threads, so that the loop and its threads have ended by then.
            place = item.fixturenames.index("nothing_left") + 1
            item.fixturenames.insert(place, "no_tasks_left")


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep this machine's settings of the program away from the test."""
    for name in [name for name in os.environ if name.startswith("LOOPDESK_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    """Forget the language that a window chose: the next test in this process reads English and ISO dates."""
    yield
    catalogue.use(None)
    formats.use()


@pytest.fixture(autouse=True)
def nothing_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves something behind, or a warning that nobody expected."""
    before = look()
    with Listener() as listener:
        yield
        left = left_since(before)
    stray = _stray(request, listener.records)
    if left:
        pytest.fail(f"left behind: {', '.join(left)}", pytrace=False)
    if stray:
        pytest.fail("logged, but not expected:\n" + "\n".join(stray), pytrace=False)


@pytest.fixture
async def no_tasks_left() -> AsyncIterator[None]:
    """Fail a test that leaves tasks running in its loop."""
    yield
    left = await tasks_left()
    if left:
        pytest.fail(f"left behind: {', '.join(left)}", pytrace=False)


def _stray(request: pytest.FixtureRequest, records: list[str]) -> list[str]:
    """Return the records that the test did not expect."""
    if "caplog" in request.fixturenames:
        return []
    marks = list(request.node.iter_markers("expects_log"))
    if any(not mark.args for mark in marks):
        return []
    patterns = [pattern for mark in marks for pattern in mark.args]
    patterns += [pattern for place, pattern in PROVOKED.items() if request.node.nodeid.startswith(place)]
    return [each for each in records if not any(re.search(pattern, each) for pattern in patterns)]

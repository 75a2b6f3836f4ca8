"""The checks for leftovers work: each thing left behind on purpose fails its test."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import ROOT

BAD = """
import asyncio, logging, os, sys, threading
import pytest
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget

kept = []

class Ticker(QTimer):
    def __eq__(self, other):
        return self is other

def test_bad_thread():
    threading.Thread(target=threading.Event().wait, name="astray", daemon=True).start()

async def test_bad_task():
    kept.append(asyncio.get_running_loop().create_task(asyncio.sleep(3600), name="astray"))

def test_bad_window(qapp):
    kept.append(QWidget())

def test_bad_timer(qapp):
    timer = QTimer()
    timer.start(3_600_000)
    kept.append(timer)

def test_bad_timer_of_the_application(qapp):
    QTimer(qapp).start(3_600_000)

def test_bad_timer_of_an_object(qapp):
    kept.append(QObject())
    QTimer(kept[-1]).start(3_600_000)

def test_bad_timer_of_another_class(qapp):
    kept.append(Ticker(interval=3_600_000))
    kept[-1].start()

def test_good_timer_that_was_stopped(qapp):
    kept.append(QTimer())
    kept[-1].start(3_600_000)
    kept[-1].stop()

def test_bad_timer_from_before(qapp):
    kept[-1].start()

def test_bad_timer_that_a_signal_starts(qapp):
    kept.append(QTimer(interval=3_600_000))
    qapp.applicationNameChanged.connect(kept[-1].start)
    qapp.setApplicationName("astray")

def test_bad_window_below_a_window_from_before(qapp):
    kept.append(QDialog(next(each for each in kept if isinstance(each, QWidget))))

def test_bad_hook(monkeypatch):
    sys.excepthook = print

def test_bad_log():
    logging.getLogger("loopdesk.api").warning("astray n=1")

@pytest.mark.expects_log("something else")
def test_bad_other_log():
    logging.getLogger("loopdesk.api").error("astray n=1")

async def test_bad_forgotten_failure():
    async def fail():
        raise ValueError("astray")
    asyncio.get_running_loop().create_task(fail())
    await asyncio.sleep(0)
    await asyncio.sleep(0)

@pytest.mark.expects_log("astray")
def test_good_log():
    logging.getLogger("loopdesk.api").warning("astray n=1")

def test_good_caplog(caplog):
    logging.getLogger("loopdesk.api").warning("astray n=1")

def test_good_info():
    logging.getLogger("loopdesk.api").info("n=1")

def test_good_window(qtbot):
    widget = QWidget()
    qtbot.addWidget(widget)
    QTimer(widget).start(1000)
    widget.show()

def test_good_timer_in_a_cycle(qapp):
    timer = QTimer()
    timer.itself = timer
    timer.start(3_600_000)

def test_good_thread():
    threading.Thread(target=threading.Event().wait, args=(0.2,)).start()

async def test_good_task():
    task = asyncio.get_running_loop().create_task(asyncio.sleep(3600))
    await asyncio.sleep(0)
    task.cancel()

def test_good_environment():
    assert [name for name in os.environ if name.startswith("LOOPDESK_")] == []
    assert os.environ["QT_QPA_PLATFORM"]

def test_good_keyring():
    import keyring
    from loopdesk.system.keys import refused_backend
    assert refused_backend(keyring.get_keyring())
"""


@pytest.mark.fault(128)
def test_what_is_left_behind_fails_its_test_and_nothing_else_does(tmp_path: Path) -> None:
    (tmp_path / "test_planted.py").write_text(BAD, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-rA", "-q", "-p", "tests.conftest", "-p", "no:cacheprovider"]
    command += ["-o", "asyncio_mode=auto", "-o", "qt_api=pyside6", "-c", os.devnull, str(tmp_path)]
    environ = {**os.environ, "LOOPDESK_OPERATOR": "Somebody"}
    ran = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    verdicts: dict[str, set[str]] = {}
    for verdict, name in re.findall(r"^(ERROR|PASSED|FAILED) \S+::(\w+)", ran.stdout, re.MULTILINE):
        verdicts.setdefault(name, set()).add(verdict)
    planted = set(re.findall(r"def (test_\w+)", BAD))
    assert set(verdicts) == planted, ran.stdout + ran.stderr
    wrong = {name: found for name, found in verdicts.items() if ("good" in name) != (found == {"PASSED"})}
    assert wrong == {}, ran.stdout

"""The simulator behind practice mode misbehaves as each drill says, and stops when all is well."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopdesk.app.practice import Practice
from loopdesk.app.runtime import Options, open_profile, prepare_runtime
from loopdesk.presenters.pages.settings import ALL_WELL, DRILLS
from loopdesk.system.settings.desk import SettingsDesk
from loopdesk.system.settings.machine import MACHINE_VARIABLE

KINDS = {
    ALL_WELL: [],
    "offline": ["offline"],
    "lost": ["lose_answer"],
    "slow": ["slow"],
    "errors": ["error_before"],
    "login": ["portal"],
}


@pytest.mark.parametrize("drill", [drill for drill, _, _ in DRILLS])
def test_each_drill_switches_on_its_fault_and_no_other(drill: str) -> None:
    practice = Practice()
    practice.play("slow")
    practice.play(drill)
    assert [fault.kind for fault in practice.shop.faults] == KINDS[drill]
    practice.play(ALL_WELL)
    assert list(practice.shop.faults) == []


def test_the_settings_say_what_practice_brought_along_and_it_wins_over_it_for_the_address(
    tmp_path: Path,
) -> None:
    machine = tmp_path / "machine.toml"
    machine.write_text('locked = true\n[api]\nurl = "https://loop.test/api"\n', encoding="utf-8")
    environ = {MACHINE_VARIABLE: str(machine), "LOOPDESK_OPERATOR": "Kim"}
    given = Options(str(tmp_path / "bench"), {"station.name": "dock 7"}, practice=True)
    options = given.in_practice("http://127.0.0.1:1/api", {"hold_seconds": "2"})
    profile = open_profile(options, environ)
    runtime = prepare_runtime(profile, options, environ)
    try:
        desk = SettingsDesk(runtime.settings_file, runtime.loaded, lambda _: None)
        shown = {x.key: (x.value, x.source, x.locked) for _, fields in desk.sections() for x in fields}
    finally:
        runtime.logs.close()
    said = "practice"
    assert shown["api.url"] == ("http://127.0.0.1:1/api", said, True)
    assert shown["station.operator"] == ("you", said, True)
    assert shown["hold_seconds"] == ("2", said, True)
    assert shown["station.name"] == ("dock 7", "command line", True)

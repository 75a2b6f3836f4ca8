"""The simulator behind practice mode misbehaves as each drill says, and stops when all is well."""

from __future__ import annotations

from pathlib import Path

import pytest

from loopdesk.app.practice import Practice
from loopdesk.app.runtime import Options, open_profile, prepare_runtime
from loopdesk.presenters.pages.settings import DRILLS, Drill, DrillsPresenter
from loopdesk.system.settings.desk import SettingsDesk
from loopdesk.system.settings.machine import MACHINE_VARIABLE

KINDS = {
    Drill.WELL: [],
    Drill.OFFLINE: ["offline"],
    Drill.LOST: ["lose_answer"],
    Drill.SLOW: ["slow"],
    Drill.ERRORS: ["error_before"],
    Drill.LOGIN: ["portal"],
}


@pytest.mark.parametrize("drill", Drill)
def test_each_drill_switches_on_its_fault_and_no_other(drill: Drill) -> None:
    practice = Practice()
    practice.play(Drill.SLOW)
    practice.play(drill)
    assert [fault.kind for fault in practice.shop.faults] == KINDS[drill]
    practice.play(Drill.WELL)
    assert list(practice.shop.faults) == []


def test_a_drill_that_there_is_not_is_an_error_and_what_was_switched_on_stays() -> None:
    practice = Practice()
    practice.play(Drill.SLOW)
    presenter = DrillsPresenter(practice)
    with pytest.raises(ValueError, match="flood"):
        presenter.choose("flood")
    with pytest.raises(ValueError, match="flood"):
        practice.play("flood")  # type: ignore[arg-type]
    assert [fault.kind for fault in practice.shop.faults] == ["slow"]
    assert presenter.screen().playing == Drill.WELL


def test_every_drill_has_its_button() -> None:
    assert [drill for drill, _, _ in DRILLS] == list(Drill)


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
        desk = SettingsDesk(runtime.settings_file, lambda: runtime.loaded, lambda _: None, str)
        shown = {x.key: (x.value, x.source, x.locked) for _, fields in desk.sections() for x in fields}
    finally:
        runtime.logs.close()
    said = "practice"
    assert shown["api.url"] == ("http://127.0.0.1:1/api", said, True)
    assert shown["station.operator"] == ("you", said, True)
    assert shown["hold_seconds"] == ("2", said, True)
    assert shown["station.name"] == ("dock 7", "command line", True)

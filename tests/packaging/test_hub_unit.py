"""The hub's unit for systemd: nothing of it keeps a hub down that could work."""

from __future__ import annotations

import shlex
from collections import defaultdict
from pathlib import Path

from loopdesk.hub.commands.command_line import ATTENTION, STORE, parser

UNIT = Path(__file__).parents[2] / "packaging" / "hub" / "loopdesk-hub.service"


def read_unit(text: str) -> dict[str, dict[str, list[str]]]:
    """Return what a unit says: its sections, and the values of each name in the order in which they stand."""
    found: dict[str, dict[str, list[str]]] = {}
    section: dict[str, list[str]] = {}
    for line in (each.strip() for each in text.splitlines()):
        if line.startswith("["):
            section = found.setdefault(line.strip("[]"), defaultdict(list))
        elif line and line[0] not in "#;":
            name, _, value = line.partition("=")
            section[name].append(value)
    return found


def test_nothing_stands_before_the_hub_but_its_settings() -> None:
    unit = read_unit(UNIT.read_text("utf-8"))
    before = ("Exec", "Condition", "Assert", "Require", "Requisite", "BindsTo")
    found = {
        name: values for part in unit.values() for name, values in part.items() if name.startswith(before)
    }
    assert found == {
        "ConditionPathExists": ["/etc/loopdesk/hub.toml"],
        "ExecStart": ["/opt/loopdesk/bin/loopdesk hub serve"],
    }


def test_what_it_runs_is_a_command_of_the_hub() -> None:
    [started] = read_unit(UNIT.read_text("utf-8"))["Service"]["ExecStart"]
    assert parser().parse_args(shlex.split(started)[2:]).command == "serve"


def test_only_what_trying_again_cannot_mend_ends_it() -> None:
    service = read_unit(UNIT.read_text("utf-8"))["Service"]
    assert service["Restart"] == ["on-failure"]
    [given_up] = service["RestartPreventExitStatus"]
    assert {int(code) for code in given_up.split()}.isdisjoint({ATTENTION, STORE})


def test_a_line_before_the_start_is_found() -> None:
    unit = read_unit("[Service]\nExecStartPre=/bin/false\n# ExecStop=x\nExecStart=a\nExecStart=b\n")
    assert unit == {"Service": {"ExecStartPre": ["/bin/false"], "ExecStart": ["a", "b"]}}

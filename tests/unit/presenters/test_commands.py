"""The table of commands is whole and free of contradictions."""

from __future__ import annotations

import string
from pathlib import Path

import pytest

from loopdesk.domain.scanner.burst import PREFIX
from loopdesk.presenters.commands import COMMANDS, Command, Group, by_code, by_id, in_group

ICONS = Path(__file__).parents[3] / "resources" / "icons"

PRINTED = {
    "LDCMDGRADEA": "1",
    "LDCMDGRADEB": "2",
    "LDCMDGRADEC": "3",
    "LDCMDGRADED": "4",
    "LDCMDWRONG": "5",
    "LDCMDMISSING": "6",
    "LDCMDJUNK": "7",
    "LDCMDSTOCK": "Ctrl+1",
    "LDCMDHOLD": "Ctrl+2",
    "LDCMDRECYCLE": "Ctrl+3",
    "LDCMDDONATE": "Ctrl+4",
    "LDCMDALL": "Ctrl+A",
    "LDCMDRESTA": "Shift+1",
    "LDCMDNEXT": "Down",
    "LDCMDPREV": "Up",
    "LDCMDEXTRA": "Ctrl+E",
    "LDCMDEMPTY": "Ctrl+0",
    "LDCMDNOTE": "F2",
    "LDCMDFLAG": "F4",
    "LDCMDCONFIRM": "F12",
    "LDCMDUNDO": "F10",
    "LDCMDPARK": "F9",
    "LDCMDPHOTO": "F8",
    "LDCMDREFRESH": "F5",
    "LDCMDDISMISS": "Esc",
}
"""The words of the sheets that hang at the docks; changing one makes every sheet wrong."""


@pytest.mark.parametrize(("code", "key"), PRINTED.items())
def test_what_hangs_at_the_docks_keeps_its_code_and_key(code: str, key: str) -> None:
    command = by_code(code)
    assert command is not None
    assert command.code == code
    assert command.key == key


def test_ids_codes_and_keys_are_each_used_once() -> None:
    for values in (
        [command.id for command in COMMANDS],
        [command.code for command in COMMANDS],
        [command.key for command in COMMANDS if command.key],
    ):
        assert len(values) == len(set(values))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_codes_survive_any_layout_that_keeps_letters(command: Command) -> None:
    assert command.code.startswith(PREFIX)
    assert set(command.code) <= set(string.ascii_uppercase + string.digits)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_every_icon_is_in_the_resources(command: Command) -> None:
    assert (ICONS / f"{command.icon}.svg").is_file()


def test_an_unknown_code_or_id_is_no_command() -> None:
    assert by_code("LDCMDFORMATDISK") is None
    assert by_code("") is None
    assert by_id("format_disk") is None


def test_groups_divide_the_table_and_keep_its_order() -> None:
    assert [by_id(command.id) for command in COMMANDS] == list(COMMANDS)
    assert [command for group in Group for command in in_group(group)] == list(COMMANDS)

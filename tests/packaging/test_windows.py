"""The Windows installer's description is one that wixl builds as it is meant and that Windows accepts."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from windows import gather, msi
from windows.msi import WXS
from windows.running import Failed, Log, Runner, expect, rehearse

from loopdesk.cli import _parser
from loopdesk.system.settings.machine import FILE_VALUE, INSTALLED_FOLDER
from loopdesk.system.settings.model import setting
from tests.architecture import ROOT

_NAMESPACE = "{http://schemas.microsoft.com/wix/2006/wi}"
_GUID = re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}")

HONOURED = {
    "Wix": set(),
    "Product": {"Id", "Name", "Language", "Version", "Manufacturer", "UpgradeCode"},
    "Package": {"InstallerVersion", "Compressed", "InstallScope", "Description", "Comments"},
    "MajorUpgrade": {"DowngradeErrorMessage"},
    "MediaTemplate": {"EmbedCab"},
    "Condition": {"Message"},
    "Icon": {"Id", "SourceFile"},
    "Property": {"Id", "Value"},
    "RegistrySearch": {"Id", "Root", "Key", "Name", "Type", "Win64"},
    "Binary": {"Id", "SourceFile"},
    "CustomAction": {"Id", "BinaryKey", "DllEntry", "Property", "Value", "Execute", "Impersonate", "Return"},
    "Directory": {"Id", "Name"},
    "Component": {"Id", "Guid", "Win64"},
    "RegistryValue": {"Root", "Key", "Name", "Type", "Value", "KeyPath"},
    "Shortcut": {"Id", "Directory", "Name", "Target", "WorkingDirectory", "Icon", "Description"},
    "Feature": {"Id", "Level", "Title"},
    "ComponentRef": {"Id"},
    "ComponentGroupRef": {"Id"},
    "InstallExecuteSequence": set(),
    "Custom": {"Action", "After", "Before"},
}
"""What wixl reads; anything else it ignores with a warning, or dies of."""


@pytest.fixture(scope="module")
def product() -> ET.Element:
    """Return the description's product."""
    found = ET.parse(WXS).getroot().find(f"{_NAMESPACE}Product")
    assert found is not None
    return found


def _named(product: ET.Element, name: str) -> list[ET.Element]:
    return list(product.iter(f"{_NAMESPACE}{name}"))


def test_only_what_wixl_honours_is_used() -> None:
    for element in ET.parse(WXS).iter():
        name = element.tag.removeprefix(_NAMESPACE)
        assert name in HONOURED
        assert set(element.attrib) <= HONOURED[name], name


def test_the_upgrade_code_is_constant_and_every_guid_in_capitals(product: ET.Element) -> None:
    assert f"{{{product.get('UpgradeCode')}}}" == msi.UPGRADE_CODE == "{E8916508-AA0B-40D8-A338-9245298433B0}"
    guids = [component.get("Guid") or "" for component in _named(product, "Component")]
    assert len(set(guids)) == len(guids) > 0
    assert all(_GUID.fullmatch(guid) for guid in guids)


def test_it_is_for_the_whole_machine_and_no_version_stands_in_it(product: ET.Element) -> None:
    (package,) = _named(product, "Package")
    assert package.get("InstallScope") == "perMachine"
    assert product.get("Version") == "$(var.Version)"
    assert all(component.get("Win64") == "yes" for component in _named(product, "Component"))


def test_every_own_action_has_its_place_and_runs_where_it_may(product: ET.Element) -> None:
    actions = {action.get("Id"): action for action in _named(product, "CustomAction")}
    placed = {custom.get("Action") for custom in _named(product, "Custom")}
    assert set(actions) == placed == set(msi.SEQUENCE) - {"RemoveExistingProducts"}
    for name, action in actions.items():
        assert name is not None
        is_deferred = action.get("Execute") == "deferred"
        assert is_deferred == (1500 < msi.SEQUENCE[name] < 6600), "deferred ones run inside the transaction"
        # Inside the transaction nothing but this is known; an action before sets it.
        assert not is_deferred or f'Property="{name}"' in WXS.read_text("utf-8")


def test_a_running_program_is_refused_before_anything_is_looked_at_or_changed() -> None:
    cost_finalize, install_validate, install_initialize = 1000, 1400, 1500
    assert cost_finalize < msi.SEQUENCE["RefuseWhileRunning"] < install_validate
    own = [place for name, place in msi.SEQUENCE.items() if place > install_initialize]
    assert msi.SEQUENCE["RemoveExistingProducts"] == min(own), (
        "the former version goes before anything is written"
    )


def test_every_action_of_the_library_is_called_and_every_called_one_is_there(
    product: ET.Element,
) -> None:
    called = {action.get("DllEntry") for action in _named(product, "CustomAction")} - {None}
    written = set(
        re.findall(r"__declspec\(dllexport\) UINT __stdcall (\w+)\(", msi.ACTIONS.read_text("utf-8"))
    )
    assert called == written


def test_what_was_told_before_stands_in_for_what_is_not_told(product: ET.Element) -> None:
    searched = {search.get("Name"): search.get("Key") for search in _named(product, "RegistrySearch")}
    written = {value.get("Name"): value.get("Key") for value in _named(product, "RegistryValue")}
    assert searched == dict.fromkeys(("station.name", "settings_file", "autostart"), INSTALLED_FOLDER)
    assert searched.items() <= written.items()
    assert set(msi.CONDITIONS) <= {component.get("Id") for component in _named(product, "Component")}


def test_the_registry_is_written_where_the_program_reads_it(product: ET.Element) -> None:
    own = {
        x.get("Name"): x.get("Value")
        for x in _named(product, "RegistryValue")
        if x.get("Key") == INSTALLED_FOLDER
    }
    assert own[FILE_VALUE] == "[SETTINGSFILE]"
    assert own[setting("station.name").key] == "[STATION]"


def test_the_command_that_counts_is_one_of_the_program(product: ET.Element) -> None:
    (counter,) = (
        x.get("Value") or "" for x in _named(product, "CustomAction") if x.get("Id") == "NameCounter"
    )
    words = counter.split('"')[2].split()
    assert _parser().parse_args(words).machine is True


def test_the_interpreter_and_pyinstaller_are_pinned_by_hash() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", gather.PYTHON[2])
    pinned = gather._PINNED.search((ROOT / "requirements" / "package.txt").read_text("utf-8"))
    assert pinned is not None
    assert "--hash=sha256:" in pinned[2]


def test_the_msi_may_be_no_larger_than_was_promised() -> None:
    assert msi.MSI_MB <= 50


# --- the rehearsal itself ---------------------------------------------------------------------------


def test_a_step_that_fails_ends_the_rehearsal_and_names_its_log(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made: list[str] = []

    def first() -> str:
        made.append("first")
        return "done"

    def second() -> str:
        expect(False, "something is missing")
        return ""

    runner = Runner(Log(tmp_path / "00.log"))
    steps = {"first": first, "second": second, "third": first}
    assert not rehearse(steps, runner, tmp_path)
    said = capsys.readouterr().out
    assert made == ["first"]
    assert "FAILED: something is missing" in said
    assert str(tmp_path / "02-second.log") in said
    assert rehearse(steps, runner, tmp_path, start_at="third")


def test_a_program_that_hangs_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    runner = Runner(Log(tmp_path / "step.log"))
    with pytest.raises(Failed, match="did not end"):
        runner.run("bash", "-c", "sleep 600 & sleep 600", limit=0.2)
    assert "[killed after 0.2 s]" in (tmp_path / "step.log").read_text("utf-8")


def test_another_exit_code_than_expected_is_a_failure_with_its_words(tmp_path: Path) -> None:
    runner = Runner(Log(tmp_path / "step.log"))
    with pytest.raises(Failed, match="no such thing"):
        runner.run("bash", "-c", "echo no such thing; exit 3", limit=20)
    assert runner.run("bash", "-c", "exit 3", limit=20, code=3).code == 3

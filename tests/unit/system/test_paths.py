"""Where the profile is, its permissions, and which folders are refused."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from loopdesk.domain.errors import SettingsWrong
from loopdesk.system.host.paths import Profile, choose_profile, folder_risk, resources_dir


def test_the_argument_wins_over_the_environment(tmp_path: Path) -> None:
    chosen = choose_profile(str(tmp_path / "a"), {"LOOPDESK_PROFILE": str(tmp_path / "b")})
    assert chosen.folder == tmp_path / "a"


def test_the_environment_names_the_profile(tmp_path: Path) -> None:
    assert choose_profile(None, {"LOOPDESK_PROFILE": f" {tmp_path} "}).folder == tmp_path


def test_without_a_name_the_systems_data_folder_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    bench, practice = choose_profile(None, {}), choose_profile(None, {}, practice=True)
    assert (bench.folder.name, practice.folder.name) == ("bench", "practice")
    assert bench.folder.parent == practice.folder.parent
    assert bench.folder.parent.name == "loopdesk"


def test_practice_never_shares_a_folder_with_the_bench(tmp_path: Path) -> None:
    bench = choose_profile(str(tmp_path), {})
    practice = choose_profile(str(tmp_path), {}, practice=True)
    assert practice.folder == tmp_path / "practice"
    assert {practice.settings_file, practice.lock_file, practice.store_folder}.isdisjoint(
        {bench.settings_file, bench.lock_file, bench.store_folder}
    )


def test_a_relative_profile_is_fixed_to_where_the_program_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert choose_profile("here", {}).folder == tmp_path / "here"


@pytest.mark.fault(122)
def test_the_folders_are_made_for_this_user_alone(tmp_path: Path) -> None:
    profile = Profile(tmp_path / "new" / "bench")
    profile.create()
    for folder in (profile.folder, profile.store_folder, profile.log_folder, profile.photo_folder):
        assert folder.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_stood_open_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o755)
    Profile(folder).create()
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_profile_that_is_a_file_is_refused_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SettingsWrong) as caught:
        Profile(tmp_path / "file").create()
    assert caught.value.file == str(tmp_path / "file")
    assert caught.value.key == "profile"


@pytest.mark.fault(69)
@pytest.mark.parametrize(
    "name", ["OneDrive", "OneDrive - Example GmbH", "Dropbox", "Google Drive", "iCloud Drive"]
)
def test_a_folder_that_a_cloud_synchronizes_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsWrong, match="folder_synchronized"):
        Profile(tmp_path / name / "bench").create()
    assert not (tmp_path / name).exists()


MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
server:/export /srv/shared nfs4 rw 0 0
//nas/dock /mnt/dock\\040one cifs rw 0 0
/dev/sdb1 /srv/shared/local ext4 rw 0 0
"""


@pytest.mark.fault(70)
@pytest.mark.parametrize(
    ("folder", "network"),
    [
        ("/home/op/bench", False),
        ("/srv/shared/bench", True),
        ("/mnt/dock one/bench", True),
        ("/srv/shared/local/bench", False),
        ("/srv/sharedish", False),
    ],
)
def test_a_network_drive_is_told_from_the_machines_own(folder: str, network: bool) -> None:
    risk = folder_risk(Path(folder), MOUNTS)
    assert (risk is not None and risk.why == "folder_on_network") is network


def test_resources_are_found_in_a_checkout() -> None:
    found = resources_dir()
    assert (found / "vocab" / "default.toml").is_file()
    assert (found / "icons" / "LICENSE").is_file()


def test_resources_are_found_in_a_frozen_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resources_dir() == tmp_path / "resources"


def test_resources_inside_the_package_come_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    package = tmp_path / "site" / "loopdesk"
    (package / "resources").mkdir(parents=True)
    monkeypatch.setattr("loopdesk.__file__", str(package / "__init__.py"))
    assert resources_dir() == package / "resources"


@pytest.mark.fault(163)
def test_each_profile_has_a_tally_of_its_own_outside_of_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    monkeypatch.setattr("platformdirs.user_state_dir", lambda *_, **__: str(state / "loopdesk"))
    (tmp_path / "a").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a", target_is_directory=True)
    files = [Profile(tmp_path / name).tally_file for name in ("a", "b", "link")]
    assert files[0] == files[2] != files[1]
    for file in files:
        assert file is not None
        assert file.is_relative_to(state)
    assert Profile(tmp_path / "a" / "practice").tally_file is None


@pytest.mark.fault(163)
def test_without_a_home_there_is_no_tally(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("platformdirs.user_state_dir", lambda *_, **__: "~/.local/state/loopdesk")
    assert Profile(tmp_path).tally_file is None

"""``--smoke`` reports what works and what does not, and ends in time whatever hangs."""

from __future__ import annotations

import json
import shutil
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from PySide6.QtWidgets import QApplication

from loopdesk.domain.errors import StoreError
from loopdesk.selfcheck import smoke
from loopdesk.selfcheck.smoke import NotWhole, Report
from loopdesk.store import open_database
from loopdesk.system.host.paths import resources_dir
from loopdesk.system.keys import found_stores
from loopdesk.ui import camera
from loopdesk.ui.assets import add_search_paths
from loopdesk.ui.language import qts_own_words
from tests.fakes.multimedia import FakeMultimedia


def _report(file: Path | None) -> Report:
    ticks = iter(range(1000))
    return Report(file, lambda: next(ticks))


def _raise() -> str:
    raise NotWhole("the Straße is missing")


def test_a_report_without_a_finding_is_not_well() -> None:
    assert not _report(None).ok


def test_every_finding_is_on_disk_in_utf8_and_the_others_are_made_all_the_same(tmp_path: Path) -> None:
    report = _report(tmp_path / "report.json")
    assert not report.check("broken", _raise)
    assert report.check("whole", lambda: "as it should be")
    said = json.loads((tmp_path / "report.json").read_bytes().decode("utf-8"))
    assert [(x["name"], x["ok"], x["found"]) for x in said["checks"]] == [
        ("broken", False, "NotWhole: the Straße is missing"),
        ("whole", True, "as it should be"),
    ]
    assert said["ok"] is False
    assert said["running"] is None


def test_a_run_that_is_killed_leaves_the_name_of_what_it_was_at(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    report = _report(file)
    seen: list[tuple[str | None, bool]] = []

    def look() -> str:
        said = json.loads(file.read_text("utf-8"))
        seen.append((said["running"], said["ok"]))
        return ""

    report.check("first", lambda: "well")
    with report.taking("outer"):
        report.check("inner", look)
        look()
    assert seen == [("inner", False), ("outer", False)]


HANG = """
import sys, threading
from pathlib import Path
from loopdesk.selfcheck import smoke
smoke.LIMIT_SECONDS = 0.2
with smoke._hard_limit(Path(sys.argv[1]), Path(sys.argv[1]) / "report.json"):
    threading.Event().wait()
"""


def test_what_hangs_is_ended_and_where_it_hung_is_written_beside_the_report(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", HANG, str(tmp_path)], check=False, timeout=60, capture_output=True
    )
    assert ran.returncode == 1
    assert "threading.py" in (tmp_path / "report.json.stuck").read_text("utf-8")


# --- what each check finds --------------------------------------------------------------------------


def test_a_keyring_that_names_no_back_end_is_found_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: ())
    with pytest.raises(NotWhole, match="names no back end"):
        smoke.look_at_key_store(tmp_path)


def test_a_missing_back_end_of_this_system_is_found_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(smoke.EXPECTED_STORES, sys.platform, "keyring.backends.Nowhere")
    with pytest.raises(NotWhole, match=r"keyring\.backends\.Nowhere is missing"):
        smoke.look_at_key_store(tmp_path)


class _Memory:
    """A key store that keeps in memory, or gives back something else."""

    def __init__(self, given: Callable[[str | None], str | None] = lambda kept: kept) -> None:
        self.kept: dict[str, str] = {}
        self._given = given

    def get_password(self, _service: str, username: str) -> str | None:
        return self._given(self.kept.get(username))

    def set_password(self, _service: str, username: str, password: str) -> None:
        self.kept[username] = password

    def delete_password(self, _service: str, username: str) -> None:
        del self.kept[username]


def test_a_key_store_that_works_has_nothing_left_afterwards(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = _Memory()
    monkeypatch.setattr(keyring, "get_keyring", lambda: store)
    assert "a key was kept and forgotten" in smoke.look_at_key_store(tmp_path)
    assert store.kept == {}


def test_a_key_store_that_gives_back_another_key_is_found_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = _Memory(lambda kept: kept and "another")
    monkeypatch.setattr(keyring, "get_keyring", lambda: store)
    with pytest.raises(NotWhole, match="another key"):
        smoke.look_at_key_store(tmp_path)


def test_a_key_store_that_keeps_nothing_safely_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_keyring", NoKeyring)
    found = found_stores()
    assert found.refused == found.chosen == "keyring.backends.fail.Keyring"
    assert "keyring.backends.Windows" in found.entry_points


def test_connections_that_demand_no_certificate_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    lax = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    lax.check_hostname, lax.verify_mode = False, ssl.CERT_NONE
    monkeypatch.setattr("loopdesk.api.connections.trusting_context", lambda: lax)
    with pytest.raises(NotWhole, match="not demanded"):
        smoke.look_at_tls()


def test_an_empty_trust_store_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smoke, "_roots", lambda: "")
    with pytest.raises(NotWhole, match="ca-certificates"):
        smoke.look_at_tls()


def test_a_missing_sound_is_found_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(resources_dir() / "sounds", tmp_path / "sounds")
    monkeypatch.setattr(smoke, "resources_dir", lambda: tmp_path)
    assert smoke.look_at_sounds() == "19 sounds"
    (tmp_path / "sounds" / "done.wav").unlink()
    with pytest.raises(FileNotFoundError, match=r"done\.wav"):
        smoke.look_at_sounds()


def test_a_missing_icon_is_found_out(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    add_search_paths()
    assert "points drawn" in smoke.look_at_drawings()
    monkeypatch.setattr(smoke, "_ICON", "no-such-icon")
    with pytest.raises(NotWhole, match="no-such-icon"):
        smoke.look_at_drawings()


def test_an_old_database_engine_is_found_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "loopdesk.db-wal").touch()
    assert "write-ahead log" in smoke.look_at_store(tmp_path)
    monkeypatch.setattr(open_database, "sqlite_version", lambda: "3.51.2")
    with pytest.raises(StoreError, match=r"3\.51\.2"):
        smoke.look_at_store(tmp_path)


def test_a_store_without_its_log_is_found_out(tmp_path: Path) -> None:
    with pytest.raises(NotWhole, match="wal"):
        smoke.look_at_store(tmp_path)


def test_a_language_lacks_neither_qts_words_nor_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert smoke.look_at_languages() == "en, de"
    monkeypatch.setattr(smoke, "resources_dir", lambda: tmp_path)
    with pytest.raises(NotWhole, match=r"de: .*loopdesk\.mo is missing"):
        smoke.look_at_languages()
    with pytest.raises(FileNotFoundError, match="qtbase_xx"):
        qts_own_words("xx")


@pytest.mark.fault(192)
@pytest.mark.parametrize(("ships", "is_whole"), [(False, True), (True, False)])
def test_what_reads_cameras_may_be_missing_only_where_it_is_not_shipped(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch, ships: bool, is_whole: bool
) -> None:
    def lacking(_name: str) -> None:
        raise ImportError

    monkeypatch.setattr(camera, "importlib", SimpleNamespace(import_module=lacking))
    monkeypatch.setattr(sys, "frozen", ships, raising=False)
    monkeypatch.setattr(camera, "BACK_ENDS", {sys.platform: "any"})
    monkeypatch.setenv("QT_MEDIA_BACKEND", "any")
    if is_whole:
        assert "not read" in smoke.look_at_camera()
    else:
        with pytest.raises(NotWhole, match="cameras cannot be read"):
            smoke.look_at_camera()


def test_a_machine_without_a_camera_is_no_fault_of_the_program(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(camera, "importlib", SimpleNamespace(import_module=lambda _name: FakeMultimedia()))
    assert smoke.look_at_camera() == "0 found"

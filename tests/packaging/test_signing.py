"""Signing for Windows: by a key in a file, or by the command of a signing service or a hardware key."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from windows import signing

from tests.architecture import ROOT

SERVICE = """\
import os, pathlib, sys
assert os.environ["SIGN_TOKEN"] == "of the service"
file = pathlib.Path(sys.argv[-1])
file.write_bytes(file.read_bytes() + b" signed" + sys.argv[1].encode())
"""

OSSLSIGNCODE = """\
#!/bin/sh
# Stands in for the tool that takes signatures out: there is one where the word is.
for last; do :; done
case "$*" in *extract-signature*) shift 2; grep signed "$1" >"$last" || exit 1 ;; esac
"""


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A command that signs as a service does, and a program that tells what is signed."""
    script = tmp_path / "sign service.py"
    script.write_text(SERVICE, encoding="utf-8")
    tool = tmp_path / "bin" / "osslsigncode"
    tool.parent.mkdir()
    tool.write_text(OSSLSIGNCODE, encoding="utf-8")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("SIGN_TOKEN", "of the service")
    monkeypatch.setattr(signing, "LOG", tmp_path / "build" / "signing.log")
    return f"{sys.executable} '{script}'"


pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the MSI is made and signed on Linux")


def test_a_signing_service_signs_each_file_in_its_place(service: str, tmp_path: Path) -> None:
    files = [tmp_path / "loopdesk.exe", tmp_path / "a name with spaces.dll"]
    for file in files:
        file.write_bytes(b"a program")
    assert signing.main([*map(str, files), "--command", f"{service} -x"]) == 0
    assert [file.read_bytes() for file in files] == [b"a program signed-x"] * 2


def test_the_file_stands_where_the_command_wants_it(service: str, tmp_path: Path) -> None:
    file = tmp_path / "loopdesk.exe"
    file.write_bytes(b"a program")
    assert signing.main([str(file), "--command", f"{service} first={{}} {{}}"]) == 0
    assert file.read_bytes() == b"a program signed" + f"first={file}".encode()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("true", "changed nothing"),
        ("sh -c 'echo more >>\"$0\"'", "without a signature"),
        ("false", "ended with 1"),
        ("  ", "either --certificate"),
    ],
)
def test_what_is_left_unsigned_stops_the_release(
    service: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, words: str
) -> None:
    file = tmp_path / "loopdesk.exe"
    file.write_bytes(b"a program")
    if command.strip():
        assert signing.main([str(file), "--command", command]) == 1
    else:
        with pytest.raises(SystemExit):
            signing.main([str(file), "--command", ""])
    assert words in capsys.readouterr().err


def test_a_key_in_a_file_and_a_command_at_once_are_refused(service: str) -> None:
    with pytest.raises(SystemExit):
        signing.main(["x.exe", "--certificate", "c.pem", "--key", "k.pem", "--command", service])


def test_the_release_signs_programs_and_msi_by_the_command(service: str, tmp_path: Path) -> None:
    """The workflow's script, with a stub in place of what makes the MSI."""
    folder, out, stand_in = tmp_path / "folder", tmp_path / "out", tmp_path / "bin" / "python3"
    folder.mkdir()
    for name in ("loopdesk.exe", "loopdesk-cli.exe"):
        (folder / name).write_bytes(b"a program")
    (folder / "signed.dll").write_bytes(b"signed by its maker")
    stand_in.write_text(
        f'#!/bin/sh\n[ "$2" != windows.msi ] || {{ echo msi >"$4"; exit; }}\nexec {sys.executable} "$@"\n',
        encoding="utf-8",
    )
    stand_in.chmod(0o755)
    ended = subprocess.run(
        ["bash", str(ROOT / "packaging/windows/release.sh"), str(folder), str(out)],
        env={**os.environ, "SIGN_COMMAND": f"{service} -y", "CERTIFICATE": "", "KEY": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert {file.name: file.read_bytes()[-9:] for file in folder.iterdir()} == {
        "loopdesk.exe": b" signed-y",
        "loopdesk-cli.exe": b" signed-y",
        "signed.dll": b"its maker",
    }
    (msi,) = out.glob("*.msi")
    assert msi.read_bytes() == b"msi\n signed-y"

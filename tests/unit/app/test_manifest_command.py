"""`loopdesk manifest`: whoever has only the package can name the version that benches shall have."""

from __future__ import annotations

import hashlib
import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from loopdesk.api.manifest import understood, verify
from loopdesk.app.commands.console import Exit
from loopdesk.cli import main
from loopdesk.domain.release import Version


def test_a_pair_of_keys_and_a_manifest_are_made_and_fit(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    private, folder, package = tmp_path / "updates.key", tmp_path / "www", tmp_path / "loopdesk-1.2.3.msi"
    package.write_bytes(b"a package")
    assert main(["manifest", "keys", str(private)]) == Exit.DONE
    public = capsys.readouterr().out.strip()
    code = main(
        ["manifest", "sign", str(private), "1.2.3", str(folder), str(package), "--notes", "Quieter beeps."]
    )
    assert code == Exit.DONE
    written = capsys.readouterr().out.split()
    assert written == [str(folder / "manifest.json"), str(folder / "manifest.json.sig")]
    text = (folder / "manifest.json").read_bytes()
    verify(text, (folder / "manifest.json.sig").read_bytes(), public)
    first = understood(text)
    assert first.version == Version.of("1.2.3")
    assert first.expires_at is not None
    assert timedelta(days=89) < first.expires_at - datetime.now(UTC) < timedelta(days=91)
    assert main(["manifest", "sign", str(private), "1.2.2", str(folder), "--days", "5"]) == Exit.DONE
    again = understood((folder / "manifest.json").read_bytes())
    assert again.number > first.number, "going back is the newer word"
    assert again.expires_at is not None
    assert again.expires_at < first.expires_at
    assert json.loads(text)["packages"] == {package.name: hashlib.sha256(b"a package").hexdigest()}


def test_the_private_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    main(["manifest", "keys", str(tmp_path / "updates.key")])
    assert stat.S_IMODE((tmp_path / "updates.key").stat().st_mode) == 0o600


def test_a_private_key_is_not_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    private = tmp_path / "updates.key"
    private.write_text("the key of 40 machines")
    assert main(["manifest", "keys", str(private)]) == Exit.USAGE
    assert "is there already" in capsys.readouterr().err
    assert private.read_text() == "the key of 40 machines"


@pytest.mark.parametrize(
    ("key", "version", "package", "words"),
    [
        ("good", "tomorrow", "there", "three numbers"),
        ("good", "1.2.3", "missing.msi", "missing.msi"),
        ("bad", "1.2.3", "there", "holds no key"),
        ("none", "1.2.3", "there", "none.key"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str, version: str, package: str, words: str
) -> None:
    (tmp_path / "there").write_bytes(b"a package")
    (tmp_path / "bad.key").write_text("no key at all")
    main(["manifest", "keys", str(tmp_path / "good.key")])
    folder = tmp_path / "www"
    arguments = [str(tmp_path / f"{key}.key"), version, str(folder), str(tmp_path / package)]
    assert main(["manifest", "sign", *arguments]) == Exit.USAGE
    assert words in capsys.readouterr().err
    assert not list(folder.glob("*"))

"""The hub's commands, as IT types them."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from pathlib import Path

import pytest

from loopdesk.cli import main
from loopdesk.domain.hub_join import parse_join_code
from loopdesk.hub.benches import qr_code
from loopdesk.hub.benches.certificate import check_pair, pinned_fingerprint


class It:
    """Who types the commands.

    Attributes:
        said: What the last command printed.
    """

    def __init__(self, settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self._settings = settings
        self._capsys = capsys
        self.said = ""

    def types(self, *arguments: str) -> int:
        """Run a command."""
        code = main(["hub", "--settings", str(self._settings), *arguments])
        out = self._capsys.readouterr()
        self.said = out.out + out.err
        return code


@pytest.fixture
def it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> It:
    """IT, with an empty folder for the hub's files."""
    return It(tmp_path / "etc" / "hub.toml", capsys)


def _init(it: It, url: str) -> None:
    arguments = ("init", "--database", url, "--site", "North", "--address", "https://hub.example:8443")
    assert it.types(*arguments) == 0, it.said


def test_init_writes_everything_once(it: It, tmp_path: Path, empty_hub_url: str) -> None:
    _init(it, empty_hub_url)
    files = sorted((tmp_path / "etc").iterdir())
    assert [(file.name, oct(file.stat().st_mode & 0o777)) for file in files] == [
        ("hub.crt", "0o644"),
        ("hub.key", "0o600"),
        ("hub.pem", "0o600"),
        ("hub.toml", "0o640"),
    ]
    before = [file.read_bytes() for file in files]
    token = re.search(r"once: (\S+)", it.said)
    assert token is not None
    assert token[1].encode() not in b"".join(before)
    _init(it, empty_hub_url)
    assert [file.read_bytes() for file in files] == before


def test_a_join_code_holds_address_and_certificate(it: It, tmp_path: Path, empty_hub_url: str) -> None:
    _init(it, empty_hub_url)
    picture = tmp_path / "dock3.svg"
    assert it.types("bench", "add", "Dock 3", "--file", str(picture)) == 0
    text = next(line for line in it.said.splitlines() if line.startswith("LOOPDESK-HUB-1-"))
    code = parse_join_code(text)
    assert code.url == "https://hub.example:8443"
    assert code.fingerprint == pinned_fingerprint(tmp_path / "etc" / "hub.crt")
    assert qr_code.for_terminal(text)[0] in it.said
    assert oct(picture.stat().st_mode & 0o777) == "0o600"
    assert it.types("bench", "list") == 0
    assert re.search(r"Dock 3 +has not joined +every shop", it.said)
    assert it.types("bench", "revoke", "Dock 3") == 0
    assert it.types("bench", "revoke", "Dock 3") == 1
    assert "There is no bench Dock 3." in it.said


def test_a_shop_is_added_and_given_its_key(
    it: It, empty_hub_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    _init(it, empty_hub_url)
    assert it.types("shop", "add", "acme", "Acme") == 0
    assert it.types("shop", "list") == 0
    assert re.search(r"acme +Acme +no key", it.said)
    (tmp_path / "key.txt").write_text("loop-key-of-acme\n", "ascii")
    with (tmp_path / "key.txt").open() as given:
        monkeypatch.setattr("sys.stdin", given)
        assert it.types("shop", "key", "acme") == 0
    assert "loop-key-of-acme" not in it.said
    assert it.types("shop", "list") == 0
    assert re.search(r"acme +Acme +key [0-9a-f]{16}", it.said)
    (tmp_path / "etc" / "hub.key").unlink()
    assert it.types("shop", "list") == 0
    assert "its key cannot be opened" in it.said


def test_a_mistake_in_the_settings_is_told_with_its_line(it: It, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "hub.toml").write_text('[database]\nurl = "x"\n\n[http]\nport = "many"\n', "utf-8")
    assert it.types("bench", "list") == 4
    assert re.search(r"hub\.toml:5: http\.port: is not right: .*integer", it.said)


def test_a_database_that_is_no_hubs_is_told(it: It, tmp_path: Path, empty_hub_url: str) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "hub.toml").write_text(f'[database]\nurl = "{empty_hub_url}"\n', "utf-8")
    assert it.types("bench", "list") == 5
    assert "loopdesk hub init" in it.said


def test_a_bench_without_a_hub_says_what_to_install(it: It, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "loopdesk.hub.commands", None)
    monkeypatch.setitem(__import__("sys").modules, "loopdesk.hub.commands.command_line", None)
    assert it.types("serve") == 2
    assert "Install loopdesk[hub]." in it.said


def test_a_pinned_certificate_passes_strict_checks(it: It, tmp_path: Path, empty_hub_url: str) -> None:
    _init(it, empty_hub_url)
    certificate, key = tmp_path / "etc" / "hub.crt", tmp_path / "etc" / "hub.pem"
    check_pair(certificate, key)
    serving = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    serving.load_cert_chain(certificate, key)
    asking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    asking.verify_flags |= ssl.VERIFY_X509_STRICT
    asking.load_verify_locations(cadata=ssl.PEM_cert_to_DER_cert(certificate.read_text("ascii")))
    here, there = socket.socketpair()
    thread = threading.Thread(target=lambda: serving.wrap_socket(there, server_side=True).close())
    thread.start()
    with asking.wrap_socket(here, server_hostname="hub.example") as line:
        assert line.version() == "TLSv1.3"
    thread.join()

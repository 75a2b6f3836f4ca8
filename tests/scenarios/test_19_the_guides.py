"""The guides' commands, word for word: each is run as printed, or the reason why not is given here."""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from loopdesk.cli import main
from tests.architecture import ROOT
from tests.simulator_thread import SimulatorThread

GUIDES = ("docs/it-guide.md", "packaging/README.md", "README.md")

_BEGINS = re.compile(
    r"(?:sudo|loopdesk|loopdesk-cli|make|msiexec|bash|python3?|export|cd|\.\\dev\.ps1) |\.venv/bin/"
)
_PATIENCE_SECONDS = 300

KEYS = """\
import json, os, pathlib
from keyring.backend import KeyringBackend

class Keys(KeyringBackend):
    priority = 1
    file = pathlib.Path(os.environ["KEYS_FILE"])

    def all(self):
        return json.loads(self.file.read_text()) if self.file.exists() else {}

    def get_password(self, service, username):
        return self.all().get(f"{service} {username}")

    def set_password(self, service, username, password):
        self.file.write_text(json.dumps({**self.all(), f"{service} {username}": password}))

    def delete_password(self, service, username):
        kept = self.all()
        kept.pop(f"{service} {username}")
        self.file.write_text(json.dumps(kept))
"""
"""A signed-in user's key store, kept in a file: the test machine may have none."""


_FENCE = r"^```(\w*)\n(.*?)^```$"
"""A block and its language; only those without one are commands."""


def commands(guide: str) -> list[str]:
    """Return the commands of a guide: the lines of its blocks, and those in its sentences and tables."""
    text = (ROOT / guide).read_text("utf-8")
    fenced = [block for kind, block in re.findall(_FENCE, text, re.MULTILINE | re.DOTALL) if not kind]
    indented = re.findall(r"(?<=\n\n)(?:    \S.*\n)+", text)
    blocks = [line.strip() for block in (*fenced, *indented) for line in block.splitlines()]
    spans = re.findall(r"`([^`\n]+)`", re.sub(_FENCE, "", text, flags=re.MULTILINE | re.DOTALL))
    found = [*blocks, *(span for span in spans if _BEGINS.match(span))]
    plain = [re.sub(r"\s+#\s.*", "", command).replace("\\|", "|") for command in found]
    return list(dict.fromkeys(" ".join(command.split()) for command in plain))


# --- what is run ------------------------------------------------------------------------------------

IN_TURN = {
    "loopdesk-cli key set < key.txt": {0},
    "loopdesk-cli key check": {0},
    "loopdesk-cli sync --once": {0},
    "loopdesk-cli queue": {0},
    "loopdesk-cli queue --machine": {0},
    "loopdesk-cli doctor": {0, 1},  # a test machine has no sound, maybe no fonts
    "loopdesk-cli doctor --bundle FILE": {0, 1},
    r'loopdesk-cli restore "%LOCALAPPDATA%\loopdesk\bench\store\backups\loopdesk-2026-11-01-v2.db"': {0},
    "loopdesk-cli key remove": {0},
    "loopdesk-cli manifest keys updates.key": {0},
    "loopdesk-cli manifest sign updates.key 1.2.3 /srv/www/loopdesk loopdesk-1.2.3.msi": {0},
    "loopdesk-cli --smoke --report smoke.json": {0},
}
"""The guide for IT from the key to the last check, as one person follows it, and the codes that may come."""

ON_WINDOWS = "a Windows: the rehearsal under wine gives the same properties, and install-check.ps1 there"
ON_A_MAC = "a Mac: macos/install-check.sh does it there"
AS_ROOT = "root and a package: linux/check-deb.sh does it after each build"
INSTALL = (
    r'msiexec /i loopdesk-1.2.3.msi /qn STATION="Dock 3" SETTINGSFILE="C:\fleet\loopdesk.toml" AUTOSTART=1'
)

WHY_NOT = {
    INSTALL: ON_WINDOWS,
    "msiexec /x loopdesk-1.2.3.msi /qn": ON_WINDOWS,
    "msiexec /x loopdesk-1.3.0.msi /qn": ON_WINDOWS,
    r".\dev.ps1 run": ON_WINDOWS,
    r".\dev.ps1 test": ON_WINDOWS,
    "sudo installer -pkg loopdesk-1.2.3-arm64.pkg -target /": ON_A_MAC,
    "sudo rm -rf /Applications/loopdesk.app": ON_A_MAC,
    "sudo pkgutil --forget com.loopdesk.loopdesk.pkg": ON_A_MAC,
    "sudo apt install ./loopdesk_1.2.3_amd64.deb": AS_ROOT,
    "sudo LOOPDESK_WAIT_SECONDS=600 apt install ./loopdesk_1.2.3_amd64.deb": AS_ROOT,
    "sudo apt install --allow-downgrades ./loopdesk_1.2.3_amd64.deb": AS_ROOT,
    "sudo apt purge loopdesk": AS_ROOT,
    "sudo usermod -aG dialout USER": "root: the machine that tests keeps its users",
    "loopdesk-cli key set --photos < secret.txt": "it needs a place for photos: test_photo_place.py has it",
    "loopdesk-cli evidence 91000123 --out sheet.pdf": "it needs a known return: test_25_photos.py has it",
    "loopdesk-cli sync": "it runs until it is told to end: test_command_line.py has it",
    "export PYTHONPATH=packaging": "it prepares the lines behind it",
    ".venv/bin/loopdesk": "it opens the window: every scenario does",
}
"""What is wanted for a command that is not run here."""


class Bench:
    """A user who follows the guide, in a folder of his own, with a shop that answers."""

    def __init__(self, folder: Path, shop: SimulatorThread) -> None:
        self.folder = folder
        self.profile = folder / "profile"
        (folder / "key.txt").write_text(f"{shop.key}\n", encoding="utf-8")
        (folder / "loopdesk-1.2.3.msi").write_bytes(b"a package")
        (folder / "bench_keys.py").write_text(KEYS, encoding="utf-8")
        self._environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("LOOPDESK_")},
            "LOOPDESK_PROFILE": str(self.profile),
            "LOOPDESK_API_URL": f"{shop.url}/api",
            "LOOPDESK_STATION": "dock 3",
            "PYTHON_KEYRING_BACKEND": "bench_keys.Keys",
            "KEYS_FILE": str(folder / "keys.json"),
            "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT))),
            "PYTHONUTF8": "1",
            "QT_QPA_PLATFORM": "offscreen",
        }

    def run(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the guide; only its places are others."""
        here = command.replace("/srv/www/loopdesk", str(self.folder / "www")).replace("FILE", "bundle.zip")
        here = here.replace(r"%LOCALAPPDATA%\loopdesk\bench", str(self.profile)).replace("\\", "/")
        words = shlex.split(here)
        given = None
        if "<" in words:
            given = (self.folder / words[-1]).read_text("utf-8")
            words = words[: words.index("<")]
        assert words[0] == "loopdesk-cli"
        return subprocess.run(
            [sys.executable, "-m", "loopdesk", *words[1:]],
            cwd=self.folder,
            env=self._environ,
            input=given or "",
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_PATIENCE_SECONDS,
            check=False,
        )

    def keep_a_backup(self) -> None:
        """Put a copy of the store where an update leaves one."""
        backups = self.profile / "store" / "backups"
        backups.mkdir(exist_ok=True)
        shutil.copy(self.profile / "store" / "loopdesk.db", backups / "loopdesk-2026-11-01-v2.db")


def test_the_guide_for_it_can_be_followed_from_the_key_to_the_last_check(
    shop: SimulatorThread, tmp_path: Path
) -> None:
    bench = Bench(tmp_path, shop)
    for command, codes in IN_TURN.items():
        if "restore" in command:
            bench.keep_a_backup()
        ran = bench.run(command)
        assert ran.returncode in codes, f"{command}\n{ran.stdout}{ran.stderr}"
        assert "Traceback" not in ran.stderr, command
    left = {"bundle.zip", "smoke.json", "updates.key", "www"}
    assert left <= {path.name for path in tmp_path.iterdir()}
    assert (tmp_path / "keys.json").read_text() == "{}", "the key was kept, checked and removed"


# --- what is looked at ------------------------------------------------------------------------------


def _a_target_of_make(command: str) -> None:
    words = command.split()
    assert len(words) == 2
    ran = subprocess.run(["make", "-n", words[1]], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def _a_module(command: str) -> None:
    """It is there, and knows the options that are named."""
    _, _, called = command.partition(" -m ")
    module, *arguments = called.split()
    place = "packaging" if module.partition(".")[0] in ("windows", "macos", "freeze") else "."
    if place == ".":
        assert importlib.util.find_spec(module)
    source = ROOT / place / Path(*module.split(".")).with_suffix(".py")
    assert source.is_file()
    text = source.read_text("utf-8")
    assert [option for option in arguments if option.startswith("--") and f'"{option}"' not in text] == []


def _a_script(command: str) -> None:
    assert (ROOT / command.split()[1]).is_file()


def _a_form_of_the_command_line(command: str) -> None:
    """The command knows every option and action that the form names."""
    _, *words = re.sub(r"[\[\]]", "", command).split()
    known = [word for word in words if re.fullmatch(r"[a-z]+", word)][:1]
    with pytest.raises(SystemExit) as ended:
        main([*known, "--help"])
    assert ended.value.code == 0


LOOKED_AT: tuple[tuple[str, Callable[[str], None]], ...] = (
    (r"make [a-z-]+", _a_target_of_make),
    (r"(?:cd packaging && )?\S*python3? -m .*", _a_module),
    (r"bash .*", _a_script),
    (r"loopdesk .*", _a_form_of_the_command_line),
)
"""What would take minutes to run, or prove no more: only that it exists under that name is checked."""


def _every() -> Iterator[tuple[str, str]]:
    for guide in GUIDES:
        yield from ((guide, command) for command in commands(guide))


def _look(command: str) -> Callable[[str], None] | None:
    return next((look for form, look in LOOKED_AT if re.fullmatch(form, command)), None)


def test_every_command_of_the_guides_is_run_or_looked_at_or_says_why_not() -> None:
    unknown = [
        f"{guide}: {command}"
        for guide, command in _every()
        if command not in IN_TURN and command not in WHY_NOT and _look(command) is None
    ]
    assert unknown == []
    named = {command for _, command in _every()}
    assert sorted((IN_TURN.keys() | WHY_NOT.keys()) - named) == [], "no guide says these any more"
    assert len(named) > 40


@pytest.mark.parametrize("command", sorted({command for _, command in _every() if _look(command)}))
def test_a_command_that_is_not_run_is_there_as_it_is_named(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    look = _look(command)
    assert look is not None
    look(command)
    if look is _a_form_of_the_command_line:
        told = capsys.readouterr().out
        assert [option for option in re.findall(r"--[a-z-]+", command) if option not in told] == []
        assert [
            action for action in re.findall(r"(?:[a-z]+\|)+[a-z]+", command) if not _actions(action, told)
        ] == []


def _actions(named: str, told: str) -> bool:
    return all(re.search(rf"^ +{action} ", told, re.MULTILINE) for action in named.split("|"))


@pytest.mark.parametrize("name", ["STATION", "SETTINGSFILE", "AUTOSTART", "WAITSECONDS"])
def test_the_installer_for_windows_takes_what_the_guide_gives_it(name: str) -> None:
    guide = (ROOT / "docs/it-guide.md").read_text("utf-8")
    assert f"{name}=" in guide
    assert f'"{name}"' in (ROOT / "packaging/windows/msi.py").read_text("utf-8")


def test_the_guide_names_the_places_where_the_packages_put_the_program() -> None:
    guide = (ROOT / "docs/it-guide.md").read_text("utf-8")
    deb = (ROOT / "packaging/freeze/deb.py").read_text("utf-8")
    mac = (ROOT / "packaging/macos/build.sh").read_text("utf-8")
    for place, source in (("/usr/lib/loopdesk", deb), ("usr/bin/loopdesk", deb), ("/Applications", mac)):
        assert place in guide
        assert place in source

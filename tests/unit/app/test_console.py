"""What the commands print: foreign text is harmless, and limited, closed or full outputs are handled."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from loopdesk.app.commands import console
from loopdesk.app.commands.console import Exit

HOSTILE = "#1\x1b[2J\x07\x9b31m\u202egnp\u200b\r\nA"
POOR = "#41002-注文"


class Full(io.StringIO):
    """An output on a full disk."""

    def __init__(self, failure: OSError) -> None:
        super().__init__()
        self.failure = failure

    def write(self, text: str) -> int:
        raise self.failure


@pytest.mark.fault(169)
def test_control_signs_in_printed_text_are_shown_and_do_not_act(capsys: pytest.CaptureFixture[str]) -> None:
    console.say(HOSTILE)
    console.complain(HOSTILE)
    out = capsys.readouterr()
    shown = r"#1\x1b[2J\x07\x9b31m\u202egnp\u200b\r\nA"
    assert out.out == f"{shown}\n"
    assert out.err == f"loopdesk: {shown}\n"


@pytest.mark.fault(169)
def test_json_says_the_same_text_without_a_sign_that_acts(capsys: pytest.CaptureFixture[str]) -> None:
    console.say_json([HOSTILE, POOR, "Zoë 👩\u200d🔧"])
    text = capsys.readouterr().out
    assert json.loads(text) == [HOSTILE, POOR, "Zoë 👩\u200d🔧"]
    assert not set(text) & set("\x1b\x07\x9b\u202e\u200b\u200d\r")
    assert POOR in text


@pytest.mark.fault(171)
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_an_output_that_knows_few_signs_gets_replaced_ones(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(raw, encoding))
    console.prepare()
    console.say(POOR)
    console.say_json(POOR)
    assert console.finish(Exit.DONE) == Exit.DONE
    line, document = raw.getvalue().decode(encoding).splitlines()
    assert line == (POOR if encoding == "utf-8" else "#41002-??")
    assert json.loads(document) == POOR


@pytest.mark.fault(171)
@pytest.mark.parametrize(
    ("failure", "code", "ends", "says"),
    [
        (OSError(28, "No space left on device"), Exit.DONE, Exit.ATTENTION, "No space left"),
        (OSError(28, "No space left on device"), Exit.STORE, Exit.STORE, "No space left"),
        (BrokenPipeError(32, "Broken pipe"), Exit.DONE, Exit.DONE, ""),
        (BrokenPipeError(32, "Broken pipe"), Exit.ATTENTION, Exit.ATTENTION, ""),
    ],
)
def test_an_output_that_breaks_ends_with_the_right_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    failure: OSError,
    code: int,
    ends: int,
    says: str,
) -> None:
    monkeypatch.setattr("sys.stdout", Full(failure))
    console.prepare()
    console.say("one")
    assert console.finish(code) == ends
    told = capsys.readouterr().err
    assert says in told
    assert bool(told) == bool(says)


@pytest.mark.fault(171)
def test_without_any_output_a_command_still_ends_with_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", None)
    monkeypatch.setattr("sys.stderr", None)
    console.prepare()
    console.say("one")
    console.complain("two")
    assert console.finish(Exit.DONE) == Exit.ATTENTION
    assert console.finish(Exit.STORE) == Exit.STORE


@pytest.mark.fault(171)
@pytest.mark.skipif(sys.platform == "win32", reason="closes the number of a stream, as shells do there")
def test_a_closed_output_is_never_the_number_of_the_next_file(tmp_path: Path) -> None:
    program = (
        "import os, sys\n"
        "from loopdesk.app.commands import console\n"
        "console.prepare()\n"
        "sys.exit(os.open(sys.argv[1], os.O_CREAT | os.O_RDWR))"
    )
    shell = f'exec "{sys.executable}" -c "$0" "$1" >&- 2>&- <&-'
    ran = subprocess.run(["sh", "-c", shell, program, str(tmp_path / "file")], check=False)
    assert ran.returncode > 2

"""The workflows of the hosted runners: their form, their permissions, and that the scripts they call
exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
TEXTS = {file.name: file.read_text("utf-8") for file in WORKFLOWS}


def _run(program: str, *arguments: str) -> None:
    path = Path(sys.executable).with_name(program)
    ended = subprocess.run([path, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_workflows_have_the_form_that_the_service_reads() -> None:
    _run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *map(str, WORKFLOWS))


def test_zizmor_finds_nothing_to_abuse_in_the_workflows() -> None:
    _run("zizmor", "--offline", "--no-progress", "--quiet", *map(str, WORKFLOWS))


@pytest.mark.parametrize("name", TEXTS)
def test_every_file_that_a_workflow_runs_is_there(name: str) -> None:
    called = re.findall(r"(?:bash |\.\\)([\w.\\/-]+\.(?:sh|ps1))|bash (\.ci/run)", TEXTS[name])
    paths = [ROOT / (script or other).replace("\\", "/") for script, other in called]
    assert paths
    assert [path for path in paths if not path.is_file()] == []


@pytest.mark.parametrize("name", TEXTS)
def test_every_target_that_a_workflow_makes_is_there(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(re.findall(r"make ([a-z-]+)$", TEXTS[name], re.MULTILINE)) <= targets


@pytest.mark.parametrize("name", TEXTS)
def test_every_action_is_pinned_to_one_commit(name: str) -> None:
    used = re.findall(r"uses: (\S+)", TEXTS[name])
    assert used
    assert [each for each in used if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", each)] == []


@pytest.mark.parametrize("script", sorted(ROOT.glob("packaging/**/*.sh")), ids=lambda path: path.name)
def test_every_script_of_the_shell_can_be_read(script: Path) -> None:
    ended = subprocess.run(["bash", "-n", str(script)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    strict = "set -eu\n" if script.read_text("utf-8").startswith("#!/bin/sh") else "set -euo pipefail\n"
    assert strict in script.read_text("utf-8")

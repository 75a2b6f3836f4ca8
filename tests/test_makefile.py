"""The developer's commands are the same, word for word, in Makefile, ``dev.ps1``, README and CONTRIBUTING."""

from __future__ import annotations

import re

import pytest

from tests.architecture import ROOT

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("", "docs", "docs/decisions", "packaging", "benchmarks")
    for path in (ROOT / folder).glob("*.md")
    if path.name != "CHANGELOG.md"
)


def _read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def _targets() -> dict[str, str]:
    """Return what each target does, as ``make help`` says it, without its options."""
    found = re.findall(r"^([a-z-]+):.*?##\s+(.*)$", _read("Makefile"), re.MULTILINE)
    return {name: text.partition("; ")[0] for name, text in found}


def _named(text: str) -> set[str]:
    """Return the targets that the code of a page names."""
    code = re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL)
    return {name for part in code for name in re.findall(r"(?:^|[\s`])make ([a-z][a-z-]*)", part)}


def _said() -> list[tuple[str, str]]:
    """Return each target with what a page or ``dev.ps1`` says that it does."""
    table = re.findall(r"^\| ([^|]+) \| `make ([a-z-]+)`", _read("CONTRIBUTING.md"), re.MULTILINE)
    block = re.findall(r"^make ([a-z-]+) +# (.*)$", _read("README.md"), re.MULTILINE)
    package = re.findall(r"`make (package)`: (.*?) \(\[", _read("README.md"))
    windows = re.findall(r"^#   \.\\dev\.ps1 (\w+) +(.*)$", _read("dev.ps1"), re.MULTILINE)
    return [*((name, text) for text, name in table), *block, *package, *windows]


@pytest.mark.parametrize("page", PAGES)
def test_every_target_that_a_page_names_exists(page: str) -> None:
    assert _named(_read(page)) - set(_targets()) == set()


def test_a_target_that_is_gone_is_noticed() -> None:
    assert _named("Run `make tset`, or make sure.\n```\nmake lint\n```") == {"tset", "lint"}


def test_a_target_is_said_to_do_the_same_everywhere() -> None:
    said, targets = _said(), _targets()
    assert {name for name, _ in said} >= {"run", "test", "setup", "package", "docs"}
    assert [(name, text) for name, text in said if targets.get(name) != text] == []


def test_every_target_is_in_the_list_of_those_that_are_no_files() -> None:
    phony = re.search(r"^\.PHONY: (.*)$", _read("Makefile"), re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == set(_targets())


def test_windows_has_the_commands_that_the_pages_promise() -> None:
    allowed = re.search(r"ValidateSet\(([^)]*)\)", _read("dev.ps1"))
    assert allowed is not None
    commands = set(re.findall(r'"(\w+)"', allowed[1]))
    assert commands == {"setup", "run", "test"}
    assert commands <= set(_targets())
    for page in ("README.md", "CONTRIBUTING.md", "dev.ps1"):
        assert set(re.findall(r"\.\\dev\.ps1 (\w+)", _read(page))) <= commands


def test_windows_checks_what_make_lint_checks() -> None:
    lint = re.search(r"^lint:.*\n((?:\t.*\n)+)", _read("Makefile"), re.MULTILINE)
    assert lint is not None
    here = re.findall(r"\$\(BIN\)/(.+)", lint[1])
    there = re.findall(r'Invoke-Step "\$bin\\([\w-]+)\.exe"(.*)', _read("dev.ps1"))
    assert here == [f"{tool}{rest}" for tool, rest in there if tool not in ("python", "loopdesk")]

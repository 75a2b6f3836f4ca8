"""The page about the architecture shows the house as it is, and no page names a module that is gone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import rooms
from tests.architecture import Module, modules

EXAMPLES = {"presenters/pages/shift", "ui/pages/shift"}
"""Modules of the worked examples that a reader makes."""


def test_every_package_is_on_a_floor() -> None:
    packages = {path for path in rooms.HOUSE.rglob("__init__.py") if path.parent != rooms.HOUSE}
    assert packages == set(rooms.every().values())


def test_the_page_shows_every_room_and_step_and_no_other() -> None:
    text = rooms.PAGE.read_text("utf-8")
    assert text == rooms.drawn(text), "run `make docs`"


def test_a_drawing_without_a_place_on_the_page_is_noticed() -> None:
    text = rooms.PAGE.read_text("utf-8")
    with pytest.raises(ValueError, match="substring not found"):
        rooms.drawn(text.replace("<!-- End of the action. -->", ""))


def test_every_room_says_in_one_line_what_it_is_for() -> None:
    words = {room: rooms.described(path) for room, path in rooms.every().items()}
    assert [room for room, line in words.items() if not 10 <= len(line) <= 94] == []
    assert len(set(words.values())) == len(words)


def test_no_room_has_more_files_than_one_idea_needs() -> None:
    crowded = {
        room: count for room, path in rooms.every().items() if (count := rooms.files(path)) > rooms.MOST_FILES
    }
    assert crowded == {}


@pytest.mark.parametrize("page", ["docs/architecture.md", "docs/glossary.md", "CONTRIBUTING.md"])
def test_every_module_that_a_page_names_exists(page: str) -> None:
    named = rooms.named((rooms.ROOT / page).read_text("utf-8"))
    assert {each for each in named - EXAMPLES if not rooms.exists(each)} == set()


_DOTTED = re.compile(r"``([a-z_]+(?:\.[A-Za-z_]+)+)``")


def _named_in_docstrings(module: Module) -> Iterator[str]:
    """Return the dotted names in a module's docstrings: ``domain.api_key``, ``effects.belief_of``."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield from _DOTTED.findall(str(node.value.value))


def _is_gone(name: str) -> bool:
    """Whether a name stands for a module that does not exist, or for what another module defines."""
    *holder, last = name.split(".")
    defined = re.compile(rf"^(?:(?:async )?def|class) {last}\b", re.MULTILINE)
    homes = [Path(each.path).with_suffix("").parts for each in modules() if defined.search(each.text)]
    if any(holder[-1] in home for home in homes):
        return False
    return bool(homes) or (holder[0] in _FLOORS and not rooms.exists(name.replace(".", "/")))


_FLOORS = {name for floor in rooms.floors() for name in floor}


def test_every_module_that_a_docstring_names_exists() -> None:
    gone = {f"{module.path}: {name}" for module in modules() for name in _named_in_docstrings(module)}
    assert {each for each in gone if _is_gone(each.partition(": ")[2])} == set()


@pytest.mark.parametrize("name", ["domain.binding", "witness.belief_of", "addresses.address"])
def test_a_docstring_that_names_a_module_that_is_gone_is_noticed(name: str) -> None:
    named = list(_named_in_docstrings(Module.of("loopdesk/domain/a.py", f"'See ``{name}``.'")))
    assert named == [name]
    assert _is_gone(name)


def test_a_room_that_is_missing_from_the_page_is_noticed() -> None:
    text = rooms.PAGE.read_text("utf-8")
    line = next(each for each in text.splitlines() if each.startswith("  recovery "))
    assert rooms.drawn(text.replace(f"{line}\n", "")) == rooms.drawn(text)
    assert text.replace(f"{line}\n", "") != rooms.drawn(text)


def test_paths_are_found_in_sentences_and_drawings() -> None:
    text = (
        "`services/bench/intake` then ui/input/scan_filter, docs/ui/x and loopdesk/store/migrations/0001.sql"
    )
    assert rooms.named(text) == {"services/bench/intake", "ui/input/scan_filter"}

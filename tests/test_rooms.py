"""The pages show the house as it is: its rooms, the modules that they name, and the words of the glossary."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests import rooms
from tests.architecture import Module, modules, public_classes, shared_names
from tests.plain_words import PLAIN

EXAMPLES = {"presenters/pages/shift", "ui/pages/shift"}
"""Modules of the worked examples that a reader makes."""

MADE_BY_A_READER = {"ShiftPresenter", "ShiftScreen", "ShiftView"}
"""Classes of these modules."""


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


def _classes_named(text: str) -> set[str]:
    """Return the names in a page's code that are written as classes are, of at least two words."""
    spans = re.findall(r"`[^`\n]+`", text)
    return {name for span in spans for name in re.findall(r"\b(?:[A-Z][a-z]+){2,}\b", span)}


def _gone_classes(text: str) -> set[str]:
    return _classes_named(text) - {name for module in modules() for name in public_classes(module)}


@pytest.mark.parametrize("page", ["docs/architecture.md", "docs/glossary.md", "CONTRIBUTING.md"])
def test_every_class_that_a_page_names_exists(page: str) -> None:
    assert _gone_classes((rooms.ROOT / page).read_text("utf-8")) - MADE_BY_A_READER == set()


def test_a_class_that_is_gone_is_noticed() -> None:
    assert _gone_classes("`PageView` in `BenchCommands(Step)`, not OldName") == {"BenchCommands"}


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


# --- the glossary -------------------------------------------------------------------------------------

GLOSSARY = rooms.ROOT / "docs" / "glossary.md"
SPOKEN = ("loopdesk/domain/", "loopdesk/services/")
"""The rooms whose classes are named in the dock's language; the others name what they adapt."""

REPLACED = {"imitation": "simulator"}
"""Words that meant what another word means, with the one that stayed."""


def _rows() -> list[tuple[str, str]]:
    """Return the words of the glossary with their names in the code."""
    lines = GLOSSARY.read_text("utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [(word.strip(), row[2]) for row in cells if row[0] != "Word" for word in row[0].split(",")]


def _stem(word: str) -> str:
    """Return what a word shares with its other forms: park, parked, parks."""
    return re.sub(r"(?:ies|ing|ers?|ed|es|y|s|e)$", "", word.lower())


def _terms() -> set[str]:
    """Return the stems of the glossary's words; of several words that are one, those of each and of all."""
    words = [word for word, _ in _rows()]
    return {_stem(part) for word in words for part in [*word.split(), re.sub(r"\W", "", word)]}


def _words(name: str) -> list[str]:
    """Return the words of a class's name."""
    return re.findall(r"[A-Z]+(?=[A-Z][a-z]|$)|[A-Z][a-z]+", name)


def _named_by(found: Iterable[Module]) -> dict[str, str]:
    """Return each word by which a public class of the spoken rooms is named, with such a class."""
    spoken = [module for module in found if module.path.startswith(SPOKEN)]
    return {word: name for module in spoken for name in public_classes(module) for word in _words(name)}


def _unexplained(found: Iterable[Module]) -> dict[str, str]:
    known = _terms() | {_stem(word) for word in PLAIN}
    return {word: name for word, name in _named_by(found).items() if _stem(word) not in known}


def test_a_word_of_the_glossary_has_one_meaning() -> None:
    words = [word for word, _ in _rows()]
    assert len(words) > 90
    assert sorted(words) == sorted(set(words))


def test_every_name_in_the_glossary_is_in_the_code() -> None:
    classes = {name for module in modules() for name in public_classes(module)}
    names = {name.strip("`") for _, name in _rows()}
    assert {name for name in names if name not in classes and not rooms.exists(name)} == set()


def test_every_word_that_names_a_class_is_in_the_glossary_or_plain() -> None:
    assert _unexplained(modules()) == {}, "explain it in docs/glossary.md, or add it to tests/plain_words.py"


def test_a_word_that_nobody_explains_is_noticed() -> None:
    planted = Module.of("loopdesk/services/sync/a.py", "class ReturnGubbins: ...")
    assert _unexplained([planted]) == {"Gubbins": "ReturnGubbins"}


def test_a_plain_word_is_used_and_not_explained_besides() -> None:
    used, terms = {_stem(word) for word in _named_by(modules())}, _terms()
    assert {word for word in PLAIN if _stem(word) not in used} == set()
    assert {word for word in PLAIN if _stem(word) in terms} == set()


@pytest.mark.parametrize("room", sorted(rooms.every()))
def test_a_second_class_of_one_name_is_found_in_every_room(room: str) -> None:
    folder = f"loopdesk/{room.replace('.', '/')}"
    planted = Module.of(f"{folder}/planted.py", "class Entry: ...\nclass Outbox: ...\nclass Planted: ...")
    assert sorted(shared_names([*modules(), planted])) == ["Entry", "Outbox"]


@pytest.mark.parametrize("word", REPLACED)
def test_a_word_that_another_one_replaced_is_gone(word: str) -> None:
    folders = ("loopdesk", "tests", "benchmarks", "packaging", "docs")
    files = [
        path for each in folders for path in (rooms.ROOT / each).rglob("*") if path.suffix in (".py", ".md")
    ]
    files += rooms.ROOT.glob("*.md")
    assert len(files) > 500
    here = rooms.ROOT / "tests" / "test_rooms.py"
    found = re.compile(rf"(?:\b|_){word}(?:\b|_)", re.IGNORECASE)
    assert [path for path in files if path != here and found.search(path.read_text("utf-8"))] == []

"""The glossary has one meaning a word, names what exists, and has the words that classes are named by."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from tests import rooms
from tests.architecture import Module, modules, public_classes, shared_names
from tests.plain_words import PLAIN

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


def test_a_word_has_one_meaning() -> None:
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
    here = rooms.ROOT / "tests" / "test_glossary.py"
    found = re.compile(rf"(?:\b|_){word}(?:\b|_)", re.IGNORECASE)
    assert [path for path in files if path != here and found.search(path.read_text("utf-8"))] == []

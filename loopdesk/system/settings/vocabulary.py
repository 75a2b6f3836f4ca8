"""Reads the vocabulary of a station: the meaning of its grades, and its texts."""

from __future__ import annotations

import string
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from loopdesk.domain.errors import SettingsWrong, ValueWrong
from loopdesk.domain.returns.grading import Disposition, Grade, GradeRule, PhotoRule, Vocabulary
from loopdesk.domain.returns.places import PlaceRule, Places, Tag
from loopdesk.system.settings.toml import Path_, nearest, parse, read_text

SITUATIONS = ("missing", "removed", "wrong_item", "extra_item", "damaged", "empty_box", "wrong_parcel")
"""The situations in which the program writes a note automatically."""

LONGEST_LABEL = 24
LONGEST_REASON = 120
LONGEST_NOTE = 200
LONGEST_DESCRIPTION = 255
LONGEST_CATEGORY = 100
"""Maximum lengths; the last two are Loop's own."""

_HIGHEST_PRICE = 10_000_000

LONGEST_CONDITION = 60
"""Maximum length of a shop, a tag and a SKU."""

_PLACEHOLDERS = frozenset({"items", "operator", "station"})
_TABLES = ("grade", "dispositions", "flag", "notes", "place", "tags", "photo", "serial")
_GRADE_KEYS = ("word", "label", "description", "suggests", "review", "photo", "category")
_PLACE_KEYS = ("name", "disposition", "shop", "tag", "price_from", "price_below", "currency")
_KNOWN_KEYS = frozenset(
    {
        *(*_TABLES, *_GRADE_KEYS, *_PLACE_KEYS),
        *("subject", "title", "required_for", "properties", "reasons", "templates", "fixed"),
        *(*SITUATIONS, *Disposition),
    }
)

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class _Mistake:
    """A mistake in one value; an unknown key also causes the right one to be missing."""

    place: Path_
    wrong: ValueWrong
    is_unknown: bool = False


class _Reader:
    """Reads tables of a file, recording every mistake and continuing with a harmless value."""

    def __init__(self) -> None:
        self.mistakes: list[_Mistake] = []

    def wrong(self, place: Path_, why: str, *, is_unknown: bool = False, **values: str | int) -> None:
        """Record a mistake."""
        self.mistakes.append(_Mistake(place, ValueWrong(why, **values), is_unknown))

    def table(self, value: Any, place: Path_, keys: Collection[str]) -> Mapping[str, Any]:
        """Return a table; every unknown key is a mistake."""
        if not isinstance(value, Mapping):
            self.wrong(place, "missing" if value is None else "must_be_plain_table")
            return {}
        for key in value:
            if key not in keys:
                near = nearest(key, _KNOWN_KEYS)
                self.wrong((*place, key), "unknown_key", is_unknown=True, near=near)
        return value

    def text(self, value: Any, place: Path_, longest: int) -> str:
        """Return a text without surrounding white space."""
        if not isinstance(value, str):
            self.wrong(place, "missing" if value is None else "must_be_text")
            return ""
        text = value.strip()
        if not text:
            self.wrong(place, "empty")
        elif len(text) > longest:
            self.wrong(place, "too_long", n=longest)
        return text

    def texts(self, value: Any, place: Path_) -> tuple[str, ...]:
        """Return a list of texts, empty if it is missing."""
        if not isinstance(value, list):
            if value is not None:
                self.wrong(place, "must_be_list_of_texts")
            return ()
        return tuple(self.text(one, (*place, n), LONGEST_REASON) for n, one in enumerate(value))

    def switch(self, value: Any, place: Path_) -> bool:
        """Return a bool, False if it is missing."""
        if value is not None and not isinstance(value, bool):
            self.wrong(place, "must_be_switch")
        return value is True

    def photo(self, value: Any, place: Path_) -> PhotoRule:
        """Return whether a photo is wanted or required, neither if it is missing."""
        if value == PhotoRule.REQUIRED:
            return PhotoRule.REQUIRED
        if value is not None and not isinstance(value, bool):
            self.wrong(place, "must_be_photo")
        return PhotoRule.WANTED if value is True else PhotoRule.NONE

    def amount(self, value: Any, place: Path_) -> Decimal | None:
        """Return an amount of money, None if it is missing."""
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < _HIGHEST_PRICE:
            self.wrong(place, "must_be_amount")
            return None
        return Decimal(str(value))

    def word(self, value: Any, place: Path_, words: type[Word], otherwise: Word) -> Word:
        """Return one of Loop's own words."""
        if isinstance(value, str) and value in set(words):
            return words(value)
        if value is None:
            self.wrong(place, "missing")
        else:
            near = nearest(str(value), [word.value for word in words])
            self.wrong(place, "unknown_word", word=str(value), near=near)
        return otherwise


def load_vocabulary(file: Path) -> Vocabulary:
    """Read a vocabulary file.

    Raises:
        SettingsWrong: With the line and the key of the first mistake: a word that Loop does not know, a grade
            that is missing or repeated, a text of the wrong length, an unknown placeholder.
    """
    return checked_vocabulary(read_text(file), file)


def checked_vocabulary(text: str, file: Path) -> Vocabulary:
    """Return the vocabulary that a text says, wherever it comes from.

    Args:
        file: What a message names as the place of a mistake.

    Raises:
        SettingsWrong: As ``load_vocabulary``.
    """
    reader = _Reader()
    found = _vocabulary(reader, parse(text, file))
    if reader.mistakes:
        from loopdesk.system.settings.toml import line_of  # noqa: PLC0415 - for a mistake alone

        first = min(reader.mistakes, key=lambda x: (not x.is_unknown, line_of(text, x.place)))
        raise _wrong(file, text, first.place, first.wrong)
    _check_grades(found.grades, file, text)
    _check_placeholders(found.fixed_notes, file, text)
    return found


def vocabulary_file(setting: str, profile_folder: Path, resources: Path) -> Path:
    """Return the file to read: the station's own (relative to the profile folder) or the shipped one."""
    if not setting:
        return resources / "vocab" / "default.toml"
    return profile_folder / Path(setting).expanduser()


def grades_without_category(vocabulary: Vocabulary) -> tuple[Grade, ...]:
    """List the grades that version 2026-10 of Loop's API does not support, for lack of a category pair."""
    return tuple(rule.grade for rule in vocabulary.grades if not (rule.subject and rule.title))


def _vocabulary(reader: _Reader, tree: Mapping[str, Any]) -> Vocabulary:
    tree = reader.table(tree, (), _TABLES)
    flag = reader.table(tree.get("flag", {}), ("flag",), ("reasons",))
    notes = reader.table(tree.get("notes"), ("notes",), ("templates", "fixed"))
    return Vocabulary(
        grades=_grades(reader, tree.get("grade")),
        dispositions=_dispositions(reader, tree.get("dispositions")),
        flag_reasons=reader.texts(flag.get("reasons"), ("flag", "reasons")),
        note_templates=reader.texts(notes.get("templates"), ("notes", "templates")),
        fixed_notes=_fixed_notes(reader, notes.get("fixed")),
        places=_places(reader, tree),
        photographed=_photographed(reader, tree.get("photo", {})),
        serials=_serials(reader, tree.get("serial", {})),
    )


def _grades(reader: _Reader, tables: Any) -> tuple[GradeRule, ...]:
    if not isinstance(tables, list):
        reader.wrong(("grade",), "missing" if tables is None else "must_be_grades")
        return ()
    return tuple(_rule(reader, table, ("grade", place)) for place, table in enumerate(tables))


def _rule(reader: _Reader, value: Any, at: Path_) -> GradeRule:
    table = reader.table(value, at, _GRADE_KEYS)
    place = (*at, "category")
    pair: Mapping[str, Any] = {}
    if "category" in table:
        pair = reader.table(table["category"], place, ("subject", "title"))

    def part(name: str) -> str:
        return reader.text(pair.get(name), (*place, name), LONGEST_CATEGORY) if "category" in table else ""

    return GradeRule(
        grade=reader.word(table.get("word"), (*at, "word"), Grade, Grade.JUNK),
        label=reader.text(table.get("label"), (*at, "label"), LONGEST_LABEL),
        description=reader.text(table.get("description"), (*at, "description"), LONGEST_DESCRIPTION),
        suggests=reader.word(table.get("suggests"), (*at, "suggests"), Disposition, Disposition.RECYCLE),
        review=reader.switch(table.get("review"), (*at, "review")),
        photo=reader.photo(table.get("photo"), (*at, "photo")),
        subject=part("subject"),
        title=part("title"),
    )


def _dispositions(reader: _Reader, value: Any) -> dict[Disposition, str]:
    place = ("dispositions",)
    table = reader.table(value, place, tuple(Disposition))
    return {word: reader.text(table.get(word), (*place, word.value), LONGEST_LABEL) for word in Disposition}


def _photographed(reader: _Reader, value: Any) -> frozenset[Disposition]:
    place = ("photo", "required_for")
    words = reader.table(value, ("photo",), place[1:]).get("required_for", [])
    if not isinstance(words, list):
        reader.wrong(place, "must_be_list_of_texts")
        return frozenset()
    return frozenset(
        reader.word(word, (*place, n), Disposition, Disposition.MISSING) for n, word in enumerate(words)
    )


def _serials(reader: _Reader, value: Any) -> tuple[str, ...]:
    table = reader.table(value, ("serial",), ("properties",))
    return reader.texts(table.get("properties"), ("serial", "properties"))


def _fixed_notes(reader: _Reader, value: Any) -> dict[str, str]:
    place = ("notes", "fixed")
    table = reader.table(value, place, SITUATIONS)
    return {name: reader.text(table.get(name), (*place, name), LONGEST_NOTE) for name in SITUATIONS}


def _places(reader: _Reader, tree: Mapping[str, Any]) -> Places:
    tables, named = tree.get("place", []), tree.get("tags", {})
    if not isinstance(tables, list):
        reader.wrong(("place",), "must_be_places")
        tables = []
    tags = named if isinstance(named, Mapping) else reader.table(named, ("tags",), ())
    known = tuple(Tag(str(name), _skus(reader, skus, ("tags", str(name)))) for name, skus in tags.items())
    rules = list[PlaceRule]()
    for number, table in enumerate(tables):
        at: Path_ = ("place", number)
        rule = _place(reader, table, at)
        if rule.tag and rule.tag not in tags:
            reader.wrong((*at, "tag"), "unknown_word", word=rule.tag, near=nearest(rule.tag, tags))
        if any(replace(rule, place="") == replace(other, place="") for other in rules):
            reader.wrong(at, "place_twice")
        rules.append(rule)
    return Places(tuple(rules), known)


def _skus(reader: _Reader, value: Any, place: Path_) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        reader.wrong(place, "must_be_list_of_texts")
        return ()
    return tuple(reader.text(one, (*place, n), LONGEST_CONDITION) for n, one in enumerate(value))


def _place(reader: _Reader, value: Any, at: Path_) -> PlaceRule:
    table = reader.table(value, at, _PLACE_KEYS)
    for name in ("shop", "tag", "currency"):
        if name in table:
            reader.text(table[name], (*at, name), LONGEST_CONDITION)
    least, most = (reader.amount(table.get(name), (*at, name)) for name in ("price_from", "price_below"))
    if least is not None and most is not None and least >= most:
        reader.wrong((*at, "price_below"), "price_below_nothing")
    if "currency" in table and least is None and most is None:
        reader.wrong((*at, "currency"), "currency_without_price")
    disposition = reader.word(
        table.get("disposition"), (*at, "disposition"), Disposition, Disposition.RECYCLE
    )
    if disposition is Disposition.MISSING:
        reader.wrong((*at, "disposition"), "missing_has_no_place")
    return PlaceRule(
        place=reader.text(table.get("name"), (*at, "name"), LONGEST_LABEL),
        disposition=disposition.value,
        shop=str(table.get("shop", "")).strip(),
        tag=str(table.get("tag", "")).strip(),
        price_from=least,
        price_below=most,
        currency=str(table.get("currency", "")).strip().upper(),
    )


def _check_grades(grades: Sequence[GradeRule], file: Path, text: str) -> None:
    seen: set[Grade] = set()
    for place, rule in enumerate(grades):
        if rule.grade in seen:
            raise _wrong(file, text, ("grade", place, "word"), "grade_twice", grade=rule.grade.value)
        seen.add(rule.grade)
    absent = [grade.value for grade in Grade if grade not in seen]
    if absent:
        words = ", ".join(f'"{word}"' for word in absent)
        raise _wrong(file, text, ("grade",), "grades_absent", grades=words)
    labels = [rule.label.casefold() for rule in grades]
    for place, label in enumerate(labels):
        if label in labels[:place]:
            raise _wrong(file, text, ("grade", place, "label"), "label_twice")
    for place, rule in enumerate(grades):  # a missing item cannot go anywhere, and vice versa
        if (rule.grade is Grade.MISSING) != (rule.suggests is Disposition.MISSING):
            raise _wrong(file, text, ("grade", place, "suggests"), "missing_goes_nowhere")


def _check_placeholders(fixed: Mapping[str, str], file: Path, text: str) -> None:
    for situation, note in fixed.items():
        path: Path_ = ("notes", "fixed", situation)
        try:
            names = [name for _, name, _, _ in string.Formatter().parse(note) if name is not None]
        except ValueError:
            raise _wrong(file, text, path, "lone_brace") from None
        for name in names:
            if name not in _PLACEHOLDERS:
                near = nearest(name, _PLACEHOLDERS)
                raise _wrong(file, text, path, "unknown_placeholder", name=f"{{{name}}}", near=near)


def _wrong(file: Path, text: str, path: Path_, wrong: ValueWrong | str, **values: str | int) -> SettingsWrong:
    from loopdesk.system.settings.toml import line_of  # noqa: PLC0415 - for a mistake alone

    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in path)
    return SettingsWrong(wrong, file=str(file), line=line_of(text, path), key=key, **values)

"""Reads the vocabulary of a station: what its grades mean and which texts it uses."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, Strict, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from loopdesk.domain.errors import SettingsWrong
from loopdesk.domain.grading import Disposition, Grade, GradeRule, Vocabulary
from loopdesk.system.toml_text import Path_, did_you_mean, line_of, parse, read_text

SITUATIONS = ("missing", "removed", "wrong_item", "extra_item", "damaged", "empty_box", "wrong_parcel")
"""The situations in which the program writes a note by itself."""

_PLACEHOLDERS = frozenset({"items", "operator", "station"})
_MODEL = ConfigDict(extra="forbid", strict=True)


def _text(most: int) -> Any:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=most)


_Label = Annotated[str, _text(24)]
_Reason = Annotated[str, _text(120)]
_FixedNote = Annotated[str, _text(200)]


class _Category(BaseModel):
    """The pair that version 2026-10 of Loop's API takes instead of one word, at most 100 characters each."""

    model_config = _MODEL
    subject: Annotated[str, _text(100)]
    title: Annotated[str, _text(100)]


class _GradeTable(BaseModel):
    model_config = _MODEL
    word: Annotated[Grade, Strict(False)]
    label: _Label
    description: Annotated[str, _text(255)]
    suggests: Annotated[Disposition, Strict(False)]
    review: bool = False
    photo: bool = False
    category: _Category | None = None


class _Flag(BaseModel):
    model_config = _MODEL
    reasons: list[_Reason] = Field(default_factory=list)


class _Fixed(BaseModel):
    model_config = _MODEL
    missing: _FixedNote
    removed: _FixedNote
    wrong_item: _FixedNote
    extra_item: _FixedNote
    damaged: _FixedNote
    empty_box: _FixedNote
    wrong_parcel: _FixedNote


class _Notes(BaseModel):
    model_config = _MODEL
    templates: list[_Reason] = Field(default_factory=list)
    fixed: _Fixed


class _Dispositions(BaseModel):
    model_config = _MODEL
    back_to_stock: _Label
    resale_hold: _Label
    recycle: _Label
    donate: _Label
    missing: _Label


class _File(BaseModel):
    model_config = _MODEL
    grade: list[_GradeTable]
    dispositions: _Dispositions
    flag: _Flag = Field(default_factory=_Flag)
    notes: _Notes


def load_vocabulary(file: Path) -> Vocabulary:
    """Read a vocabulary file.

    Raises:
        SettingsWrong: With the line and the key of the first mistake: a word that Loop does not know,
            a grade that is missing or there twice, a text of the wrong length, an unknown placeholder.
    """
    text = read_text(file)
    tree = parse(text, file)
    try:
        found = _File.model_validate(tree)
    except ValidationError as error:
        first = min(
            error.errors(
                include_url=False
            ),  # a misspelt key also makes the right one missing: it comes first
            key=lambda x: (x["type"] != "extra_forbidden", line_of(text, x["loc"])),
        )
        raise _wrong(file, text, first["loc"], _in_words(first)) from None
    _check_grades(found, file, text)
    _check_placeholders(found.notes.fixed, file, text)
    return _vocabulary(found)


def vocabulary_file(setting: str, profile_folder: Path, resources: Path) -> Path:
    """Return the file to read: the station's own (relative to the profile folder) or the shipped one."""
    if not setting:
        return resources / "vocab" / "default.toml"
    return profile_folder / Path(setting).expanduser()


def grades_without_category(vocabulary: Vocabulary) -> tuple[Grade, ...]:
    """List the grades that version 2026-10 of Loop's API cannot be told, for lack of a pair."""
    return tuple(rule.grade for rule in vocabulary.grades if not (rule.subject and rule.title))


def _vocabulary(found: _File) -> Vocabulary:
    return Vocabulary(
        grades=tuple(_rule(table) for table in found.grade),
        dispositions={Disposition(word): label for word, label in found.dispositions.model_dump().items()},
        flag_reasons=tuple(found.flag.reasons),
        note_templates=tuple(found.notes.templates),
        fixed_notes=found.notes.fixed.model_dump(),
    )


def _rule(table: _GradeTable) -> GradeRule:
    return GradeRule(
        grade=table.word,
        label=table.label,
        description=table.description,
        suggests=table.suggests,
        review=table.review,
        photo=table.photo,
        subject=table.category.subject if table.category else "",
        title=table.category.title if table.category else "",
    )


def _check_grades(found: _File, file: Path, text: str) -> None:
    seen: set[Grade] = set()
    for place, table in enumerate(found.grade):
        if table.word in seen:
            raise _wrong(file, text, ("grade", place, "word"), f'"{table.word}" is there twice')
        seen.add(table.word)
    absent = [grade.value for grade in Grade if grade not in seen]
    if absent:
        raise _wrong(file, text, ("grade",), "no [[grade]] for " + ", ".join(f'"{word}"' for word in absent))
    labels = [table.label.casefold() for table in found.grade]
    for place, label in enumerate(labels):
        if label in labels[:place]:
            raise _wrong(file, text, ("grade", place, "label"), "another grade has the same label")
    for place, table in enumerate(found.grade):  # an item that is not there can go nowhere, and the reverse
        if (table.word is Grade.MISSING) != (table.suggests is Disposition.MISSING):
            reason = 'only the grade "missing" suggests "missing", and it suggests nothing else'
            raise _wrong(file, text, ("grade", place, "suggests"), reason)


def _check_placeholders(fixed: _Fixed, file: Path, text: str) -> None:
    for situation, note in fixed.model_dump().items():
        path: Path_ = ("notes", "fixed", situation)
        try:
            names = [name for _, name, _, _ in string.Formatter().parse(note) if name is not None]
        except ValueError:
            raise _wrong(file, text, path, "has a brace { or } without its partner") from None
        for name in names:
            if name not in _PLACEHOLDERS:
                near = did_you_mean(name, _PLACEHOLDERS)
                raise _wrong(file, text, path, f"{{{name}}} is not a known placeholder{near}")


def _wrong(file: Path, text: str, path: Path_, reason: str) -> SettingsWrong:
    key = ".".join(str(part + 1) if isinstance(part, int) else part for part in path)
    return SettingsWrong(reason, file=str(file), line=line_of(text, path), key=key)


def _in_words(error: ErrorDetails) -> str:
    kind, last = error["type"], error["loc"][-1]
    match kind:
        case "extra_forbidden":
            return f"is not a known key{did_you_mean(str(last), _known_keys())}"
        case "missing":
            return "is missing"
        case "enum":
            words = [x.value for x in (Disposition if last == "suggests" else Grade)]
            near = did_you_mean(str(error["input"]), words)
            return f'"{error["input"]}" is not a word that Loop knows{near}'
        case "string_too_short":
            return "must not be empty"
        case "string_too_long":
            return f"must have at most {error['ctx']['max_length']} characters"
        case "bool_type":
            return "must be true or false"
        case _:
            return error["msg"].replace("Input", "it", 1)


def _known_keys() -> set[str]:
    models = (_File, _GradeTable, _Category, _Flag, _Notes, _Fixed, _Dispositions)
    return {name for model in models for name in model.model_fields}

"""One setting as the Settings page shows it: its words, what may be chosen, what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from loopdesk.domain.errors import SettingsWrong
from loopdesk.i18n import formats
from loopdesk.i18n.catalogue import _
from loopdesk.presenters.screens.pages import FieldScreen
from loopdesk.presenters.words import setting_words, words

PHOTO_SOURCE, CAMERA, DESTINATION = "evidence.source", "evidence.camera", "station.destination_id"
"""Where photos come from; and what is chosen by name: a camera that is connected, a destination of Loop's."""

OPERATOR = "station.operator"
"""Who works here: chosen by name where the people of the site are known, else typed."""

TRUE = "true"
"""A switch that is on."""


class Field(Protocol):
    """One setting of the settings file; every value is a text."""

    @property
    def key(self) -> str:
        """Dotted key."""
        ...

    @property
    def label(self) -> str:
        """Its label."""
        ...

    @property
    def kind(self) -> str:
        """``text``, ``secret``, ``number``, ``switch`` (``true`` / ``false``) or ``choice``."""
        ...

    @property
    def value(self) -> str:
        """The value in force."""
        ...

    @property
    def options(self) -> tuple[str, ...]:
        """For a choice, the options."""
        ...

    @property
    def unit(self) -> str:
        """What its numbers count, "" for none."""
        ...

    @property
    def source(self) -> str:
        """The code of the place that the value comes from."""
        ...

    @property
    def env(self) -> str:
        """Its name in the environment."""
        ...

    @property
    def help(self) -> str:
        """Its description."""
        ...

    @property
    def locked(self) -> bool:
        """Whether it cannot be changed here."""
        ...

    @property
    def for_operator(self) -> bool:
        """Whether it stands on the operator's page."""
        ...

    @property
    def at_start(self) -> bool:
        """Whether another value takes effect at the next start."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What this station knows of the things that settings name.

    Attributes:
        cameras: The names of the cameras that are connected.
        destinations: Loop's destinations that are known here, each with its name.
        shown_scale: The size that the screen has room for, in percent.
        people: The names of those who work at this site; none where nobody is set up.
    """

    cameras: Sequence[str] = ()
    destinations: Sequence[tuple[str, str]] = ()
    shown_scale: int = 200
    people: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class EnteredText:
    """What a person entered for a setting and has not saved.

    Attributes:
        text: As the language writes it.
        over: The value that was in force when it was entered.
    """

    text: str
    over: str


def field_screen(
    field: Field, entry: EnteredText | None, wrong: SettingsWrong | None, around: Surroundings
) -> FieldScreen:
    """Make the row of a setting.

    Args:
        entry: What was entered; of a setting that is locked by now it is not saved.
        wrong: What is wrong with that.
    """
    value = written(field) if entry is None or field.locked else entry.text
    is_unknown = field.key == DESTINATION and not around.destinations
    return FieldScreen(
        key=field.key,
        label=setting_words.label(field.label, field.unit),
        kind=_kind(field, around),
        value=value,
        options=_options(field, value, around),
        source=setting_words.source(field.source, field.env),
        help=_help(field, around),
        locked=field.locked or is_unknown,
        problem=words.sentence(setting_words.complaint(wrong)) if wrong is not None else "",
        news=_news(field, entry) if entry is not None and field.value != entry.over else "",
    )


def _news(field: Field, entry: EnteredText) -> str:
    """Say what was set elsewhere while something else was being entered here."""
    if field.locked:
        return _("What you entered is not saved: {value}.", value=_called(field, entry.text))
    return _("Meanwhile {value} was set elsewhere.", value=_called(field, written(field)))


def _called(field: Field, value: str) -> str:
    """Name a value as the editor shows it."""
    match field.kind:
        case "choice":
            return setting_words.option(value)
        case "switch":
            return _("On") if value == TRUE else _("Off")
        case _:
            return _("“{text}”", text=value)


def _kind(field: Field, around: Surroundings) -> str:
    is_by_name = field.key in (CAMERA, DESTINATION) or (field.key == OPERATOR and around.people)
    return "choice" if is_by_name else field.kind


def _options(field: Field, value: str, around: Surroundings) -> tuple[tuple[str, str], ...]:
    match field.key:
        case "evidence.camera":
            return setting_words.cameras(around.cameras, value)
        case "station.destination_id":
            return setting_words.destinations(around.destinations, value)
        case "station.operator":
            return setting_words.people(around.people, value) if around.people else ()
        case _:
            return setting_words.options(field.options)


def _help(field: Field, around: Surroundings) -> str:
    """Describe a setting, and say what this station cannot do for it now."""
    said = _(field.help)
    if field.key == DESTINATION and not around.destinations:
        unknown = _("Loop's destinations are not known here yet: sync first.")
        return f"{said} {unknown}"
    if field.at_start:
        said = _("{help} Another value takes effect at the next start.", help=said)
    if field.key == "scale" and int(field.value) > around.shown_scale:
        return f"{said} {setting_words.reduced(int(field.value), around.shown_scale)}"
    return said


def plain(field: Field, text: str) -> str:
    """Return what was entered as the settings have it: a number may be written as the language does."""
    return formats.current().read(text) if field.kind == "number" else text


def written(field: Field) -> str:
    """Return a value as the language writes it, so that it can be entered again."""
    if field.kind == "number":
        return formats.current().number(field.value, grouped=False)
    return _(field.value) if field.source == "practice" and field.kind == "text" else field.value

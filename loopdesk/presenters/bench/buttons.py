"""The commands beside a return, as buttons: grades, dispositions, and what else can be done with it. Pure."""

from __future__ import annotations

from loopdesk.domain.projection import LinePicture, Picture
from loopdesk.domain.returns.grading import Disposition, Grade, Vocabulary
from loopdesk.domain.returns.places import place_for
from loopdesk.i18n.catalogue import N_, _
from loopdesk.presenters.commands import ALWAYS, COLUMN_COMMANDS, IDLE_COMMANDS, MORE_COMMANDS, command_of
from loopdesk.presenters.screens.returns import CommandButton
from loopdesk.presenters.words import words

GRADE_CODES = {
    Grade.A: "LDCMDGRADEA",
    Grade.B: "LDCMDGRADEB",
    Grade.C: "LDCMDGRADEC",
    Grade.D: "LDCMDGRADED",
    Grade.WRONG: "LDCMDWRONG",
    Grade.MISSING: "LDCMDMISSING",
    Grade.JUNK: "LDCMDJUNK",
}
"""The printed code that gives each grade."""

DISPOSITION_CODES = {
    Disposition.BACK_TO_STOCK: "LDCMDSTOCK",
    Disposition.RESALE_HOLD: "LDCMDHOLD",
    Disposition.RECYCLE: "LDCMDRECYCLE",
    Disposition.DONATE: "LDCMDDONATE",
}
"""The printed code that sets each disposition."""


_EXCEPTIONS = (Grade.WRONG, Grade.MISSING, Grade.JUNK)
"""What is no condition of the item: these stand apart from the grades, with an extra item."""

MEANINGS = (
    *(N_("As new, complete"), N_("Light wear, saleable"), N_("Worn or repackaging needed"), N_("Damaged")),
    *(N_("A different product"), N_("Not in the parcel"), N_("Not a product")),
)
"""The meanings of the vocabulary that ships with the program; a station's own stay as they are."""


def button(code: str, *, enabled: bool) -> CommandButton:
    """Return a command as a button."""
    command = command_of(code)
    return CommandButton(command.id, _(command.text), command.key, enabled=enabled)


def grade_buttons(
    one: LinePicture, vocabulary: Vocabulary, *, enabled: bool
) -> tuple[tuple[CommandButton, ...], tuple[CommandButton, ...]]:
    """The grades and the exceptions of a line, each in the order of their digits, in the station's labels."""
    grades, exceptions = list[CommandButton](), list[CommandButton]()
    for rule in vocabulary.grades:
        command = command_of(GRADE_CODES[rule.grade])
        chosen = one.found is not None and one.found.grade is rule.grade
        made = CommandButton(command.id, _(rule.label), command.key, chosen, enabled, _(rule.description))
        (exceptions if rule.grade in _EXCEPTIONS else grades).append(made)
    return tuple(grades), (*exceptions, button("LDCMDEXTRA", enabled=enabled))


def disposition_buttons(
    picture: Picture, one: LinePicture, vocabulary: Vocabulary, *, enabled: bool
) -> tuple[CommandButton, ...]:
    """The dispositions of a line, with their places; only a graded item that is there has any to choose."""
    found = one.found
    has_any = found is not None and found.grade is not Grade.MISSING
    out = []
    for disposition, code in DISPOSITION_CODES.items():
        command = command_of(code)
        place = place_for(vocabulary.places, disposition, picture.ret, one.line)
        text = words.capitalized(words.goes_to(place, disposition, vocabulary))
        chosen = found is not None and has_any and found.disposition is disposition
        out.append(CommandButton(command.id, text, command.key, chosen, enabled and has_any))
    return tuple(out)


def column_buttons(picture: Picture, *, siblings: bool, prints: bool = False) -> tuple[CommandButton, ...]:
    """Return the commands above Confirm; those that only some returns need come first.

    They take the place of *note*, which stands behind the last button then: the plan keeps its room, and
    every exception stays one press away.

    Args:
        siblings: Other returns of the order are known.
        prints: A label printer is set.
    """
    first = _first(picture, siblings=siblings, prints=prints)
    rest = tuple(code for code in COLUMN_COMMANDS if not first or code != _GIVES_WAY)
    return _buttons((*first, *rest), free=_is_free(picture))


def more_buttons(picture: Picture, *, siblings: bool, prints: bool = False) -> tuple[CommandButton, ...]:
    """Return the commands that are needed now and then, and what gave way above Confirm."""
    gave_way = (_GIVES_WAY,) if _first(picture, siblings=siblings, prints=prints) else ()
    return _buttons((*gave_way, *MORE_COMMANDS), free=_is_free(picture))


_GIVES_WAY = "LDCMDNOTE"


def _first(picture: Picture, *, siblings: bool, prints: bool) -> tuple[str, ...]:
    """Return the commands that only some returns need."""
    return (
        *(("LDCMDWITHOUT",) if _is_free(picture) and _is_waiting(picture) else ()),
        *(("LDCMDOTHER",) if siblings else ()),
        *(("LDCMDLABEL",) if prints else ()),
    )


def idle_buttons(*, prints: bool = False) -> tuple[CommandButton, ...]:
    """Return what can be done with nothing open.

    Args:
        prints: A mystery parcel just got its number, and a label printer is set.
    """
    return _buttons((*(("LDCMDLABEL",) if prints else ()), *IDLE_COMMANDS), free=True)


def _buttons(codes: tuple[str, ...], *, free: bool) -> tuple[CommandButton, ...]:
    return tuple(button(code, enabled=free or code in ALWAYS) for code in codes)


def _is_free(picture: Picture) -> bool:
    """Whether anything may still be decided."""
    return not picture.closed_for_changes and picture.gate is None


def _is_waiting(picture: Picture) -> bool:
    return bool(picture.awaited) and not picture.draft.not_waiting

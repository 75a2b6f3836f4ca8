"""The commands beside a return, as buttons: grades, dispositions, and what else can be done with it. Pure."""

from __future__ import annotations

from loopdesk.domain.projection import Picture
from loopdesk.domain.returns.grading import Disposition, Grade, Vocabulary
from loopdesk.domain.returns.places import place_for
from loopdesk.i18n.catalogue import _
from loopdesk.presenters.commands import ALWAYS, SIDE_COMMANDS, command_of
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


def grade_buttons(picture: Picture, vocabulary: Vocabulary, *, enabled: bool) -> tuple[CommandButton, ...]:
    """The grades under the selected line, in the order of their digits, with the station's own labels."""
    found = picture.draft.inspection(picture.draft.selected)
    out = []
    for rule in vocabulary.grades:
        command = command_of(GRADE_CODES[rule.grade])
        chosen = found is not None and found.grade is rule.grade
        out.append(CommandButton(command.id, _(rule.label), command.key, chosen, enabled))
    return tuple(out)


def disposition_buttons(
    picture: Picture, vocabulary: Vocabulary, *, enabled: bool
) -> tuple[CommandButton, ...]:
    """The dispositions of the selected line, with their places; only a graded line has any to choose."""
    found = picture.draft.inspection(picture.draft.selected)
    if found is None or found.grade is Grade.MISSING:
        return ()
    line = picture.ret.line(found.line_item_id)
    out = []
    for disposition, code in DISPOSITION_CODES.items():
        command = command_of(code)
        place = place_for(vocabulary.places, disposition, picture.ret, line) if line else ""
        text = words.goes_to(place, disposition, vocabulary)
        chosen = found.disposition is disposition
        out.append(CommandButton(command.id, text[:1].upper() + text[1:], command.key, chosen, enabled))
    return tuple(out)


def side_buttons(picture: Picture, *, siblings: bool) -> tuple[CommandButton, ...]:
    """Return the further commands; those that only some returns need come first, where they are needed.

    Args:
        siblings: Other returns of the order are known.
    """
    free = not picture.closed_for_changes and picture.gate is None
    first = (
        *(("LDCMDWITHOUT",) if free and _is_waiting(picture) else ()),
        *(("LDCMDOTHER",) if siblings else ()),
    )
    out = []
    for code in (*first, *SIDE_COMMANDS):
        command = command_of(code)
        out.append(CommandButton(command.id, _(command.text), command.key, enabled=free or code in ALWAYS))
    return tuple(out)


def idle_buttons() -> tuple[CommandButton, ...]:
    """Return what can be done with nothing open: a label that no scanner reads is typed."""
    command = command_of("LDCMDTYPE")
    return (CommandButton(command.id, _(command.text), command.key),)


def _is_waiting(picture: Picture) -> bool:
    return bool(picture.awaited) and not picture.draft.not_waiting

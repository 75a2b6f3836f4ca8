"""What stands on the printed sheets of command codes: what is scanned together stands on one page. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from loopdesk.domain.returns.grading import Vocabulary
from loopdesk.i18n.catalogue import _
from loopdesk.presenters.bench.buttons import DISPOSITION_CODES, GRADE_CODES
from loopdesk.presenters.bench.questions import PAGE, flag_reasons, stray_answers
from loopdesk.presenters.commands import (
    BESIDE_GRADES,
    COMMANDS,
    TEXT_CODE,
    Command,
    Group,
    in_group,
)
from loopdesk.presenters.words.words import disposition


@dataclass(frozen=True, slots=True)
class SheetCode:
    """One code of a sheet.

    Attributes:
        code: What is encoded.
        key: The key that does the same, "" for none.
        meaning: What it stands for, below the bars; one line or several.
    """

    caption: str
    code: str
    key: str
    meaning: str


@dataclass(frozen=True, slots=True)
class SheetPage:
    """One page, read column by column."""

    title: str
    codes: tuple[SheetCode, ...]


def sheet_pages(vocabulary: Vocabulary, printed: Callable[[str], str]) -> tuple[SheetPage, ...]:
    """Return the pages: one that grades and confirms, one for all else, one that answers by number.

    Undo is not on the page of Confirm: a gun that slips must not take back what it just did.

    Args:
        vocabulary: The station's grades and texts.
        printed: Gives the code that is printed for a command's word.
    """
    by_code = {command.code: command for command in COMMANDS}
    grades = [by_code[GRADE_CODES[rule.grade]] for rule in vocabulary.grades]
    first = [
        *grades,
        *(by_code[code] for code in BESIDE_GRADES),
        *in_group(Group.DISPOSITIONS),
        by_code["LDCMDCONFIRM"],
    ]
    answers = in_group(Group.TEXTS)
    rest = [command for command in COMMANDS if command not in (*first, *answers)]
    meanings = _meanings(vocabulary)

    def page(title: str, commands: Sequence[Command]) -> SheetPage:
        return SheetPage(
            title,
            tuple(
                SheetCode(_(x.text), printed(x.code), x.key, meanings.get(x.code, x.code)) for x in commands
            ),
        )

    return (
        page(_("Grade, place, confirm"), first),
        page(_("The return and the window"), rest),
        page(_("Answers by their number"), answers),
    )


def _meanings(vocabulary: Vocabulary) -> dict[str, str]:
    """What each code stands for at this station, by its word."""
    captions = {command.code: _(command.text) for command in COMMANDS}
    grades = {}
    for rule in vocabulary.grades:
        code = GRADE_CODES[rule.grade]
        label, meaning = _(rule.label), _(rule.description)
        is_named = label in captions[code]
        grades[code] = meaning if is_named else _("{label}: {meaning}", label=label, meaning=meaning)
    places = {code: disposition(each, vocabulary) for each, code in DISPOSITION_CODES.items()}
    return grades | places | _answers(vocabulary)


def _answers(vocabulary: Vocabulary) -> dict[str, str]:
    """What each number answers, a question a line."""
    asked = (
        (_("Flag"), flag_reasons(vocabulary)),
        (_("Note"), vocabulary.note_templates),
        (_("Not on this return"), stray_answers()),
    )
    out = {f"{TEXT_CODE}0": _("when a question has more than nine")}
    for place in range(PAGE):
        told = [
            _("{question}: {answer}", question=name, answer=texts[place])
            for name, texts in asked
            if place < len(texts)
        ]
        out[f"{TEXT_CODE}{place + 1}"] = "\n".join(told)
    return {code: text for code, text in out.items() if text}

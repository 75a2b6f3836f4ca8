"""What stands on the printed sheets of command codes: what is scanned together stands on one page. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from loopdesk.domain.returns.grading import Vocabulary
from loopdesk.domain.returns.vocabularies import Vocabularies
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
from loopdesk.presenters.words.words import disposition, listed


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


def words_by_shop(vocabularies: Vocabularies, shops: Mapping[str, str]) -> tuple[tuple[str, Vocabulary], ...]:
    """Return every vocabulary that the bench works by, with the names of its shops; "" if there is only one.

    Args:
        shops: Their names by their ids; none where no hub told any.
    """
    found: list[tuple[list[str], Vocabulary]] = []
    for shop_id, name in shops.items() or (("", ""),):
        vocabulary = vocabularies.of(shop_id)
        names = next((names for names, known in found if known == vocabulary), None)
        if names is not None:
            names.append(name)
        else:
            found.append(([name], vocabulary))
    if len(found) == 1:
        return (("", found[0][1]),)
    return tuple((", ".join(names), vocabulary) for names, vocabulary in found)


def pages_by_shop(
    told: Sequence[tuple[str, Vocabulary]], printed: Callable[[str], str]
) -> tuple[SheetPage, ...]:
    """Return the pages of every vocabulary; what is the same for all shops stands there once.

    Args:
        told: As ``words_by_shop`` returns it.
    """
    pages: list[SheetPage] = []
    for shop, vocabulary in told:
        first, rest, answers = sheet_pages(vocabulary, printed)
        pages += [_of(first, shop), *((rest,) if not pages else ()), _of(answers, shop)]
    return tuple(pages)


def _of(page: SheetPage, shop: str) -> SheetPage:
    return replace(page, title=listed((page.title, shop)))


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

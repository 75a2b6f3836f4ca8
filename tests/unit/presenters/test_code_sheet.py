"""The sheet of command codes: codes that are used together are together, and undo is apart."""

from __future__ import annotations

from dataclasses import replace

from loopdesk.domain.labels.command_codes import printed
from loopdesk.domain.returns.vocabularies import Vocabularies
from loopdesk.presenters.bench.code_sheet import pages_by_shop, sheet_pages, words_by_shop
from loopdesk.presenters.commands import COMMANDS, Group, in_group
from tests.bench_rig import VOCABULARY

SECRET = "a secret"
PAGES = sheet_pages(VOCABULARY, lambda word: printed(word, SECRET))


def codes(page: int) -> list[str]:
    return [code.code for code in PAGES[page].codes]


def test_every_command_is_printed_once_with_its_letters() -> None:
    every = [code.code for page in PAGES for code in page.codes]
    assert sorted(every) == sorted(printed(command.code, SECRET) for command in COMMANDS)


def test_grades_items_places_and_confirm_are_on_one_page_and_undo_on_another() -> None:
    first = codes(0)
    for command in (*in_group(Group.GRADES), *in_group(Group.DISPOSITIONS)):
        assert printed(command.code, SECRET) in first
    for word in ("ALL", "RESTA", "NEXT", "EXTRA", "EMPTY", "ELSEWHERE"):
        assert printed(f"LDCMD{word}", SECRET) in first, word
    assert first[-1] == printed("LDCMDCONFIRM", SECRET)
    assert printed("LDCMDUNDO", SECRET) in codes(1)


def test_grades_say_what_they_mean_here() -> None:
    meanings = [code.meaning for code in PAGES[0].codes[:7]]
    assert meanings == [rule.description for rule in VOCABULARY.grades]
    other = replace(VOCABULARY.grades[0], label="Prime")
    renamed = replace(VOCABULARY, grades=(other, *VOCABULARY.grades[1:]))
    (page, *_) = sheet_pages(renamed, str)
    assert page.codes[0].meaning == f"Prime: {other.description}"


def test_each_shop_with_words_of_its_own_has_its_pages_and_says_whose_they_are() -> None:
    first = VOCABULARY.grades[0]
    shoes = replace(VOCABULARY, grades=(replace(first, label="Mint"), *VOCABULARY.grades[1:]))
    both = Vocabularies(VOCABULARY, given={"s": shoes})
    told = words_by_shop(both, {"a": "Acme", "s": "Shoes", "b": "Bags"})
    assert told == (("Acme, Bags", VOCABULARY), ("Shoes", shoes))
    pages = pages_by_shop(told, str)
    assert [page.title for page in pages] == [
        "Grade, place, confirm · Acme, Bags",
        "The return and the window",
        "Answers by their number · Acme, Bags",
        "Grade, place, confirm · Shoes",
        "Answers by their number · Shoes",
    ]
    assert pages[3].codes[0].meaning == f"Mint: {first.description}"
    for shops in ({}, {"s": "Shoes"}):
        [(name, words)] = words_by_shop(both, shops)
        assert (name, words) == ("", shoes if shops else VOCABULARY)


def test_answers_stand_by_their_numbers() -> None:
    one, two, *_ = (code.meaning for code in PAGES[2].codes)
    assert one.split("\n") == [
        f"Flag: {VOCABULARY.flag_reasons[0]}",
        f"Note: {VOCABULARY.note_templates[0]}",
        "Not on this return: Extra item",
    ]
    assert two.endswith("Not on this return: Wrong item")

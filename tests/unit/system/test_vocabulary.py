"""The vocabulary: the shipped one, and every way in which a station's own can be wrong."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from loopdesk.domain.errors import SettingsWrong
from loopdesk.domain.returns.grading import Disposition, Grade, GradeRule, PhotoRule
from loopdesk.domain.returns.places import PlaceRule, Places, Tag
from loopdesk.domain.settlement import fill
from loopdesk.presenters.words import errors
from loopdesk.system.host.paths import resources_dir
from loopdesk.system.settings.vocabulary import (
    SITUATIONS,
    grades_without_category,
    load_vocabulary,
    vocabulary_file,
)

DEFAULT = resources_dir() / "vocab" / "default.toml"


def changed(folder: Path, old: str, new: str) -> Path:
    """The shipped vocabulary with one change, as a station's own."""
    text = DEFAULT.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in it"
    file = folder / "words.toml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    return file


def line_with(file: Path, words: str) -> int:
    lines = file.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if line.startswith(words))


def test_the_shipped_grades_are_those_of_the_dock() -> None:
    rules = {
        rule.grade: (rule.label, rule.description, rule.suggests, rule.review)
        for rule in load_vocabulary(DEFAULT).grades
    }
    assert rules == {
        Grade.A: ("A", "As new, complete", Disposition.BACK_TO_STOCK, False),
        Grade.B: ("B", "Light wear, saleable", Disposition.BACK_TO_STOCK, False),
        Grade.C: ("C", "Worn or repackaging needed", Disposition.RESALE_HOLD, False),
        Grade.D: ("D", "Damaged", Disposition.RECYCLE, True),
        Grade.WRONG: ("Wrong item", "A different product", Disposition.RESALE_HOLD, True),
        Grade.MISSING: ("Missing", "Not in the parcel", Disposition.MISSING, False),
        Grade.JUNK: ("Junk", "Not a product", Disposition.RECYCLE, True),
    }
    assert list(rules) == list(Grade)


def test_only_the_published_category_pair_is_shipped() -> None:
    vocabulary = load_vocabulary(DEFAULT)
    rule = vocabulary.rule(Grade.A)
    assert (rule.subject, rule.title) == ("Item condition grade", "Grade A")
    assert grades_without_category(vocabulary) == tuple(Grade)[1:]


def test_every_fixed_note_is_there_and_says_who_and_where() -> None:
    vocabulary = load_vocabulary(DEFAULT)
    assert set(vocabulary.fixed_notes) == set(SITUATIONS)
    for text in vocabulary.fixed_notes.values():
        filled = fill(text, items="SKU-1", operator="Åse", station="Dock 3")
        assert "Åse, Dock 3" in filled
        assert "{" not in filled


def test_every_disposition_has_a_label() -> None:
    assert set(load_vocabulary(DEFAULT).dispositions) == set(Disposition)


def test_the_order_of_the_file_is_the_order_of_the_keys(tmp_path: Path) -> None:
    text = DEFAULT.read_text(encoding="utf-8")
    first, last = text.index("\n[[grade]]\n"), text.index("# What the bench calls")
    blocks = text[first:last].split("\n[[grade]]\n")[1:]
    moved = "".join(f"\n[[grade]]\n{block}" for block in (blocks[-1], *blocks[:-1]))
    (tmp_path / "words.toml").write_text(text[:first] + moved + text[last:], encoding="utf-8")
    assert [x.grade for x in load_vocabulary(tmp_path / "words.toml").grades] == [
        Grade.JUNK,
        *list(Grade)[:-1],
    ]


def test_a_station_may_have_its_own_words_and_pairs(tmp_path: Path) -> None:
    file = changed(
        tmp_path,
        'label = "B"\ndescription = "Light wear, saleable"\nsuggests = "back_to_stock"\n',
        'label = "Zwei"\ndescription = "Leicht getragen"\nsuggests = "donate"\nphoto = true\nreview = true\n'
        'category = { subject = "Zustand", title = "B" }\n',
    )
    assert load_vocabulary(file).rule(Grade.B) == GradeRule(
        Grade.B, "Zwei", "Leicht getragen", Disposition.DONATE, True, PhotoRule.WANTED, "Zustand", "B"
    )


def test_a_photo_may_be_made_compulsory_by_grade_and_by_place(tmp_path: Path) -> None:
    text = DEFAULT.read_text(encoding="utf-8").replace("photo = true", 'photo = "required"', 1)
    file = tmp_path / "words.toml"
    file.write_text(f'{text}\n[photo]\nrequired_for = ["donate"]\n', encoding="utf-8")
    vocabulary = load_vocabulary(file)
    assert vocabulary.rule(Grade.D).photo is PhotoRule.REQUIRED
    assert vocabulary.rule(Grade.WRONG).photo is PhotoRule.WANTED
    assert vocabulary.photographed == {Disposition.DONATE}


def test_the_shipped_words_make_no_photo_compulsory() -> None:
    vocabulary = load_vocabulary(DEFAULT)
    assert PhotoRule.REQUIRED not in {rule.photo for rule in vocabulary.grades}
    assert not vocabulary.photographed


def test_a_station_says_where_its_shop_keeps_serial_numbers(tmp_path: Path) -> None:
    file = tmp_path / "words.toml"
    text = DEFAULT.read_text("utf-8").replace("[flag]", '[serial]\nproperties = ["Device ID"]\n\n[flag]')
    file.write_text(text, encoding="utf-8")
    assert load_vocabulary(file).serials == ("Device ID",)
    assert load_vocabulary(DEFAULT).serials == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "expected"),
    [
        ("[flag]", '[serial]\nname = "x"\n[flag]', "name", "serial.name", "is not a known key"),
        ("[flag]", '[serial]\nproperties = "x"\n[flag]', "properties", "serial.properties", "list of texts"),
        ('word = "grade_b"', 'word = "grade_x"', 'word = "grade_x"', "grade.2.word", "did you mean"),
        ('word = "grade_b"', 'word = "grade_c"', "", "grade.3.word", "is there twice"),
        ('word = "junk"', 'word = "grade_a"', "", "grade.7.word", "is there twice"),
        ('label = "Junk"', 'label = "missing"', "", "grade.7.label", "the same label"),
        ('label = "Junk"', 'label = ""', 'label = ""', "grade.7.label", "must not be empty"),
        ('label = "Junk"', "", "", "grade.7.label", "is missing"),
        ('label = "Junk"', 'lable = "Junk"', "lable", "grade.7.lable", 'did you mean "label"'),
        ('"Not a product"', '"   "', "", "grade.7.description", "must not be empty"),
        ('"Not a product"', f'"{"x" * 256}"', "", "grade.7.description", "at most 255"),
        (
            'suggests = "resale_hold"\nreview',
            'suggests = "resell"\nreview',
            'suggests = "resell"',
            "grade.5.suggests",
            "not a word",
        ),
        ('suggests = "missing"', 'suggests = "recycle"', "", "grade.6.suggests", 'only the grade "missing"'),
        (', title = "Grade A" }', " }", "category", "grade.1.category.title", "is missing"),
        ('donate = "Donate"', "", "[dispositions]", "dispositions.donate", "is missing"),
        (
            'donate = "Donate"',
            'donate = "Donate"\nsell = "Sell"',
            "sell",
            "dispositions.sell",
            "is not a known key",
        ),
        ("empty_box = ", "emty_box = ", "emty_box", "notes.fixed.emty_box", 'did you mean "empty_box"'),
        ("empty_box = ", "#", "[notes.fixed]", "notes.fixed.empty_box", "is missing"),
        (
            "The box arrived empty. {operator}",
            "Empty. {operater}",
            "empty_box",
            "notes.fixed.empty_box",
            "{operater}",
        ),
        (
            "The box arrived empty. {operator}",
            "Empty. {operator",
            "empty_box",
            "notes.fixed.empty_box",
            "brace",
        ),
        ('    "Damaged in transit",', "    7,", "reasons", "flag.reasons.1", "text in quotes"),
        ("[flag]", "[flags]", "[flags]", "flags", "is not a known key"),
        *(
            ("[flag]", f'[[place]]\nname = "tote"\n{wrong}\n[flag]', line, key, expected)
            for wrong, line, key, expected in (
                ("", "[[place]]", "place.1.disposition", "is missing"),
                ('disposition = "missing"', "disposition", "place.1.disposition", "is put nowhere"),
                ('disposition = "stock"', "disposition", "place.1.disposition", "not a word"),
                ('disposition = "donate"\nshelf = 1', "shelf", "place.1.shelf", "is not a known key"),
                (
                    'disposition = "donate"\nprise_from = 1',
                    "prise",
                    "place.1.prise_from",
                    'mean "price_from"',
                ),
                ('disposition = "donate"\nprice_from = "1"', "price", "place.1.price_from", "49.90"),
                ('disposition = "donate"\nprice_from = nan', "price", "place.1.price_from", "49.90"),
                (
                    'disposition = "donate"\nprice_from = 2\nprice_below = 2',
                    "price_below",
                    "place.1.price_below",
                    "more than price_from",
                ),
                ('disposition = "donate"\ncurrency = "EUR"', "curr", "place.1.currency", "needs price_from"),
                ('disposition = "donate"\ntag = "big"', "tag", "place.1.tag", "not a word"),
                ('disposition = "donate"\nshop = 7', "shop", "place.1.shop", "text in quotes"),
                (
                    'disposition = "donate"\n[[place]]\nname = "bin"\ndisposition = "donate"',
                    "",
                    "place.2",
                    "the same conditions",
                ),
                (
                    f'disposition = "donate"\n[[place]]\nname = "{"x" * 25}"\ndisposition = "recycle"',
                    "",
                    "place.2.name",
                    "at most 24",
                ),
                ('disposition = "donate"\n[tags]\nbig = []', "big", "tags.big", "list"),
                ('disposition = "donate"\n[tags]\nbig = [""]', "big", "tags.big.1", "must not be empty"),
            )
        ),
        (
            "review = true\n\n# What",
            'review = true\nphoto = "yes"\n\n# What',
            "",
            "grade.7.photo",
            '"required"',
        ),
        (
            "[flag]",
            '[photo]\nrequired_for = ["stock"]\n[flag]',
            "required_for",
            "photo.required_for.1",
            "not a word",
        ),
        ("[flag]", "[photo]\nrequired_for = true\n[flag]", "required_for", "photo.required_for", "list"),
        ("[flag]", "[photo]\nrequired = []\n[flag]", "required =", "photo.required", 'mean "required_for"'),
        ("[flag]", "[place]\n[flag]", "[place]", "place", "written as [[place]]"),
        ("[flag]", "[[tags]]\n[flag]", "[[tags]]", "tags", "table"),
    ],
)
def test_a_mistake_names_file_line_and_key(
    tmp_path: Path, old: str, new: str, line: str, key: str, expected: str
) -> None:
    file = changed(tmp_path, old, new)
    with pytest.raises(SettingsWrong) as caught:
        load_vocabulary(file)
    assert expected in errors.reason(caught.value)
    assert (caught.value.file, caught.value.key) == (str(file), key)
    assert caught.value.line > 0
    if line:
        assert caught.value.line == line_with(file, line)


def test_a_station_names_no_place_unless_it_wants_to() -> None:
    assert load_vocabulary(DEFAULT).places == Places()


def test_the_places_of_the_example_are_read(tmp_path: Path) -> None:
    text = DEFAULT.read_text(encoding="utf-8")
    start, end = text.index("# [[place]]"), text.index("\n# What the shop calls")
    example = "\n".join(
        line.removeprefix("# ") for line in text[start:end].splitlines() if not line.startswith("# Tags,")
    )
    file = changed(tmp_path, "\n# Reasons offered", f"\n{example.replace('#', '')}\n# Reasons offered")
    assert load_vocabulary(file).places == Places(
        (
            PlaceRule("tote 14", "back_to_stock"),
            PlaceRule("safe", "back_to_stock", price_from=Decimal(200), currency="EUR"),
            PlaceRule("bulky goods", "back_to_stock", tag="bulky"),
        ),
        (Tag("bulky", ("CHAIR-*", "TABLE-*")),),
    )


def test_a_grade_that_is_left_out_is_named(tmp_path: Path) -> None:
    text = DEFAULT.read_text(encoding="utf-8")
    start = text.index('[[grade]]\nword = "junk"')
    end = text.index("\n# What the bench calls")
    (tmp_path / "words.toml").write_text(text[:start] + text[end:], encoding="utf-8")
    with pytest.raises(SettingsWrong, match=r'grades_absent .*"junk"'):
        load_vocabulary(tmp_path / "words.toml")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsWrong, match="unreadable") as caught:
        load_vocabulary(tmp_path / "none.toml")
    assert caught.value.file == str(tmp_path / "none.toml")


def test_a_relative_name_starts_at_the_profile(tmp_path: Path) -> None:
    assert vocabulary_file("", tmp_path, resources_dir()) == DEFAULT
    assert vocabulary_file("own.toml", tmp_path, resources_dir()) == tmp_path / "own.toml"
    assert vocabulary_file("/etc/own.toml", tmp_path, resources_dir()) == Path("/etc/own.toml")

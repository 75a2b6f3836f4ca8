"""Labels in ZPL: what a printer makes of them, and that no title can command it."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loopdesk.domain.labels.classify import classify
from loopdesk.domain.printing.labels import GoodsLabel, LabelSize, item_code, parcel_code
from loopdesk.domain.printing.zpl import FINEST_MM, WIDEST_MM, LabelTooNarrow, code_128, zpl
from tests.printed_labels import commands, drawn, read

FIELD = ("FO", "A0", "FB", "FH", "FD", "FS")
BARS = ("BY", "FO", "BC", "FH", "FD", "FS")
HEAD = ("XA", "CI", "PW", "LL", "LH")
ORDINARY = GoodsLabel(
    item_code("30012345", "tote 14"),
    "tote 14",
    ("Trail Socks, Blue / M", "SKU TS-1, A, back to stock", "#1164"),
)
SIZES = [LabelSize(width, height, dpi) for width, height in ((57, 32), (102, 51)) for dpi in (203, 300, 600)]
HOSTILE = [
    "^XA^FO0,0^FD",
    "~JR",
    "^XZ",
    "_5E_7E",
    "\\&",
    "\x02\x03\r\n^",
    "^FS^IDR:*.*^FS",
    "\ud800",
    "注文",
    "Ä^CC!",
]


def texts(document: bytes) -> list[str]:
    """Decode what is printed, as ``^FH`` and ``^CI28`` say."""
    fields = re.findall(rb"\^FH_\^FD([^^]*)\^FS", document)
    return [
        re.sub(rb"_([0-9A-F]{2})", lambda found: bytes.fromhex(found[1].decode()), field).decode("utf-8")
        for field in fields
    ]


# --- what is printed --------------------------------------------------------------------------------


@pytest.mark.fault(175)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_the_printed_code_is_read_back_at_the_printers_resolution(size: LabelSize) -> None:
    rows = drawn(zpl(ORDINARY, size), size)
    assert (len(rows[0]), len(rows)) == (size.dots(size.width_mm), size.dots(size.height_mm))
    assert read(rows) == {(ORDINARY.code, "]C0")}


@pytest.mark.fault(175)
@settings(max_examples=40)
@given(st.text(string.printable[:95], min_size=1, max_size=24))
def test_any_printable_text_is_read_back_as_it_is(code: str) -> None:
    size = LabelSize(102, 51, 203)
    assert read(drawn(zpl(GoodsLabel(code, ""), size), size)) == {(code, "]C0")}


@given(st.text(string.digits + "AB", min_size=1, max_size=40))
def test_the_width_of_a_code_is_counted_right_and_never_more_than_without_pairs(code: str) -> None:
    data, modules = code_128(code)
    assert modules <= 11 * len(code) + 35
    assert re.sub(r">[;:56]", "", data) == code
    size = LabelSize(300, 51, 203)
    middle = drawn(zpl(GoodsLabel(code, ""), size), size)[size.dots(6)]
    black = [place for place, level in enumerate(middle) if not level]
    dot = min(size.dots(300) // (modules + 20), size.dots(WIDEST_MM))
    assert black[-1] + 1 - black[0] == dot * modules


def test_heading_code_and_lines_stand_below_each_other_inside_the_label() -> None:
    size = LabelSize()
    rows = drawn(zpl(ORDINARY, size), size)
    inked = [any(level == 0 for level in row) for row in rows]
    blocks = [
        place for place, (before, now) in enumerate(zip([False, *inked], inked, strict=False)) if now > before
    ]
    assert len(blocks) == 1 + 1 + len(ORDINARY.lines)
    assert not any(inked[:8] + inked[-8:])
    margin = size.dots(1)
    assert not any(level == 0 for row in rows for level in (*row[:margin], *row[-margin:]))


def test_what_has_no_room_is_left_out_and_the_code_is_kept() -> None:
    size = LabelSize(57, 22)
    document = zpl(ORDINARY, size)
    assert texts(document)[0] == "tote 14"
    assert 2 < len(texts(document)) < 5
    assert read(drawn(document, size)) == {(ORDINARY.code, "]C0")}


def test_as_many_labels_are_written_as_are_wanted_within_reason() -> None:
    one = zpl(ORDINARY, LabelSize())
    assert zpl(GoodsLabel(ORDINARY.code, "tote 14", ORDINARY.lines, copies=3), LabelSize()) == one * 3
    assert zpl(GoodsLabel(ORDINARY.code, "tote 14", ORDINARY.lines, copies=0), LabelSize()) == one
    assert len(zpl(GoodsLabel("1", "", copies=10**9), LabelSize())) < 20_000


@given(
    st.integers(20, 110), st.sampled_from((203, 300, 600)), st.integers(1, 19), st.text("AZ19", max_size=9)
)
def test_no_bar_is_finer_than_a_gun_can_read(width: int, dpi: int, digits: int, place: str) -> None:
    size = LabelSize(width, 30, dpi)
    try:
        document = zpl(GoodsLabel(item_code("3" * digits, place), ""), size)
    except LabelTooNarrow:
        return
    found = re.search(rb"\^BY(\d+)", document)
    assert found is not None
    assert int(found[1]) * 25.4 / dpi >= FINEST_MM


def test_a_code_that_has_no_room_is_refused_and_not_squeezed() -> None:
    with pytest.raises(LabelTooNarrow):
        zpl(ORDINARY, LabelSize(30, 20))


@pytest.mark.parametrize("code", ["", "Ä", "a\tb", "\x7f"])
def test_a_code_that_cannot_be_printed_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="Code 128"):
        zpl(GoodsLabel(code, ""), LabelSize())


# --- what a title can do ----------------------------------------------------------------------------


@pytest.mark.fault(182)
@pytest.mark.parametrize("text", HOSTILE)
def test_a_title_commands_nothing(text: str) -> None:
    document = zpl(GoodsLabel("1", text, (text, text)), LabelSize())
    assert commands(document) == (*HEAD, *FIELD, *BARS, *FIELD, *FIELD, "XZ")


@pytest.mark.fault(182)
@given(st.text(max_size=200), st.lists(st.text(max_size=60), max_size=3))
def test_whatever_is_printed_the_commands_are_ours(heading: str, lines: list[str]) -> None:
    document = zpl(GoodsLabel("1", heading, tuple(lines)), LabelSize(57, 60))
    above = FIELD if heading else ()
    assert commands(document) == (*HEAD, *above, *BARS, *FIELD * len(lines), "XZ")
    assert document.isascii()


def test_letters_of_any_script_arrive_as_they_are() -> None:
    title = "Müllers „Blau“ — ^XZ~JR_5E 注文"
    assert texts(zpl(GoodsLabel("1", title), LabelSize()))[0] == title


def test_control_characters_are_spaces_and_a_backslash_breaks_no_line() -> None:
    assert texts(zpl(GoodsLabel("1", "a\x02b\r\nc \\&d"), LabelSize()))[0] == "a b c /&d"


# --- our own codes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "code"),
    [
        ("tote 14", "30012345LDTOTE14"),
        ("Großregal Ä-14", "30012345LDGROSSRE"),
        ("注文", "30012345LD"),
        ("", "30012345LD"),
    ],
)
def test_an_items_code_is_its_line_and_its_place_in_plain_letters(place: str, code: str) -> None:
    assert item_code("30012345", place) == code


@pytest.mark.parametrize(
    "code",
    [item_code("30012345", "tote 14"), item_code("300123", ""), parcel_code("17"), parcel_code("AB17")],
)
def test_a_label_of_ours_that_is_scanned_is_known_and_opens_nothing(code: str) -> None:
    for scanned in (code, code.lower(), f"]C0{code}"):
        meaning = classify(scanned)
        assert (meaning.hint, meaning.candidates) == ("own_label", ())

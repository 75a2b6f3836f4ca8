"""Finding the line of a key in TOML that people write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from loopdesk.domain.errors import SettingsWrong
from loopdesk.system.settings.toml import insert_key, line_of, nearest, parse, read_text

TEXT = '''\
# first
top = 1
"quoted" = 2
dotted.inner = 3

[table]            # words
key = """
key = "not this one"
"""
other = \'\'\'one line\'\'\'
last = [
    1,
]

[[many]]
name = "a"
[[many]]
name = "b"
[many.below]
deep = 1
[a.b]
c = { d = 1 }
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("quoted",), 3),
        (("dotted", "inner"), 4),
        (("dotted",), 4),
        (("table",), 6),
        (("table", "key"), 7),
        (("table", "other"), 10),
        (("table", "last"), 11),
        (("table", "last", 0), 11),
        (("table", "absent"), 6),
        (("many", 0, "name"), 16),
        (("many", 1, "name"), 18),
        (("many", 1), 17),
        (("many", 1, "below", "deep"), 20),
        (("a", "b", "c", "d"), 22),
        (("a",), 21),
        (("absent",), 0),
    ],
)
def test_a_value_is_found_on_its_line(path: tuple[str | int, ...], line: int) -> None:
    parse(TEXT, "here")
    assert line_of(TEXT, path) == line


PIECES = [
    "a = 1",
    "b.c = 2",
    "'d' = [\n  ['a'],\n  [\n    'x = 1',\n  ],\n]  # list",
    'e = """\n[a]\nfresh = 1\n"""',
    "f = '''one line'''  # words",
    'g = { h = 1, i = "]" }',
    "# fresh = 1",
    "",
    "[a]",
    "[ b ]  # words",
    "[b.deep]",
    "[[many]]",
    "[[many.inner]]",
    "x = 1\r",
    "y = 'z'",
]


def paths(tree: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a parsed tree but those inside lists of values."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield (*above, key)
            yield from paths(value, (*above, key))
    elif isinstance(tree, list) and all(isinstance(x, dict) for x in tree):
        for place, value in enumerate(tree):
            yield from paths(value, (*above, place))


@given(st.lists(st.sampled_from(PIECES), max_size=8))
def test_every_value_of_a_valid_text_has_a_line_that_names_it(pieces: list[str]) -> None:
    text = "\n".join(pieces)
    try:
        tree = parse(text, "here")
    except SettingsWrong:
        assume(False)
    for path in paths(tree):
        line = text.split("\n")[line_of(text, path) - 1]
        assert str(path[-1]) in line, (path, line)


@given(st.lists(st.sampled_from(PIECES), max_size=8), st.sampled_from(["", "a", "b", "many"]))
def test_a_key_put_in_is_the_only_thing_that_changes(pieces: list[str], section: str) -> None:
    text = "\n".join(pieces)
    try:
        before = parse(text, "here")
    except SettingsWrong:
        assume(False)
    new = insert_key(text, section, "fresh", "7")
    assert section or new is not None
    if new is not None:
        after = parse(new, "here")
        holder = after[section] if section else after
        assert holder.pop("fresh") == 7
        assert after == before


@given(st.text(alphabet="[]{}=.#'\"\n\\ab1,-", max_size=40))
def test_a_mistake_in_the_writing_names_a_line_that_exists(text: str) -> None:
    try:
        parse(text, "here")
    except SettingsWrong as error:
        line = error.line
    else:
        line = 1
    assert 1 <= line <= text.count("\n") + 1


def test_near_words_are_offered_and_far_ones_are_not() -> None:
    assert nearest("hold_secnds", {"hold_seconds", "scale"}) == "hold_seconds"
    assert nearest("xyz", {"hold_seconds", "scale"}) == ""


def test_the_file_is_named_as_it_was_given() -> None:
    with pytest.raises(SettingsWrong) as caught:
        parse("a = = 1", Path("dir") / "x.toml")
    assert (caught.value.file, caught.value.line) == (str(Path("dir") / "x.toml"), 1)


@pytest.mark.fault(118)
def test_a_file_that_is_larger_than_anybody_writes_one_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    with file.open("wb") as opened:
        opened.truncate(10**12)  # sparse: reading all of it would never end
    with pytest.raises(SettingsWrong, match="too large"):
        read_text(file)


@pytest.mark.fault(118)
def test_what_is_nested_without_end_is_a_mistake_in_the_file() -> None:
    with pytest.raises(SettingsWrong, match="deep"):
        parse("a = " + "[" * 50_000 + "]" * 50_000, "settings.toml")


@pytest.mark.fault(118)
@pytest.mark.parametrize(
    ("text", "line"),
    [
        (".".join(["a"] * 20_000) + " = 1", 1),
        ("top = 1\n[" + ' . "b" . '.join(["a"] * 5) + "]\n", 2),
        ("top = '''\n\n'''\n" + "a = " + "{a = " * 9 + "1" + "}" * 9, 4),
        ("a = [\n" + "[" * 8, 2),
    ],
)
def test_more_levels_than_any_setting_has_are_refused_before_they_are_parsed(text: str, line: int) -> None:
    with pytest.raises(SettingsWrong, match="deep") as caught:
        parse(text, "settings.toml")
    assert caught.value.line == line


def test_only_what_nests_counts_as_nested() -> None:
    words = "a.b.c.d.e.f.g.h.i.j [[[[[[[[[[ {{{{{{{{{{"
    lines = (
        f"# {words}",
        f"""a.b.c.d.e.f.g.h = ["{words}", '{words}', [[["x"]]]]""",
        f"n = [{', '.join(['1.5'] * 20)}]",
        f's = """{words} \\"""',
        f'{words}"""" # {words}',
    )
    found = parse("\n".join(lines), "settings.toml")
    assert found["s"] == f'{words} """\n{words}"'


def test_a_key_is_found_behind_a_long_list_and_a_text_that_ends_with_a_quote() -> None:
    text = "a = [\n" + '"x",\n' * 3_000 + ']\nb = ["""c"""", "d"]\n[e]\nf = 1\n'
    assert [line_of(text, (name,)) for name in "abe"] == [1, 3003, 3004]
    assert line_of(text, ("e", "f")) == 3005

"""``loopdesk hub vocabulary`` and ``loopdesk hub settings``, as IT types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hub.test_commands import It, _init, it

__all__ = ["it"]

DEFAULT = Path(__file__).parents[2] / "resources" / "vocab" / "default.toml"


def test_a_vocabulary_is_set_shown_given_again_and_taken_back(
    it: It, tmp_path: Path, empty_hub_url: str
) -> None:
    _init(it, empty_hub_url)
    assert it.types("shop", "add", "acme", "Acme") == 0
    other = tmp_path / "other.toml"
    other.write_text(DEFAULT.read_text("utf-8").replace('label = "A"', 'label = "Mint"'), "utf-8")
    assert it.types("vocabulary", "show") == 0
    assert "Nothing is in force." in it.said
    for file in (DEFAULT, other):
        assert it.types("vocabulary", "set", str(file), "--by", "Ivo") == 0, it.said
    assert it.types("vocabulary", "set", str(other), "--shop", "acme") == 0
    assert it.types("vocabulary", "show") == 0
    assert it.said.strip() == other.read_text("utf-8").strip()
    assert it.types("vocabulary", "back", "1", "--by", "Ada") == 0
    assert it.types("vocabulary", "history") == 0
    lines = [line.split() for line in it.said.splitlines()]
    assert [(line[0], line[-1]) for line in lines] == [("3", "Ada"), ("2", "Ivo"), ("1", "Ivo")]
    assert lines[0][-2] == lines[2][-2] != lines[1][-2]
    assert it.types("vocabulary", "end") == 0
    assert it.types("vocabulary", "show") == 0
    assert "Nothing is in force." in it.said
    assert it.types("vocabulary", "show", "--shop", "acme", "--version", "1") == 0
    assert '"Mint"' in it.said


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("vocabulary", "set", "{wrong}"), 4, "wrong.toml:2"),
        (("settings", "set", "{wrong}"), 4, "wrong.toml:2"),
        (("vocabulary", "set", "{good}", "--shop", "none"), 1, "There is no shop none."),
        (("vocabulary", "set", "{good}", "--by", " "), 1, "1 to 60 characters"),
        (("vocabulary", "back", "7"), 1, "There is no version 7 with a text."),
        (("vocabulary", "show", "--version", "7"), 1, "There is no version 7 with a text."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_given(
    it: It, tmp_path: Path, empty_hub_url: str, arguments: tuple[str, ...], code: int, said: str
) -> None:
    _init(it, empty_hub_url)
    (tmp_path / "wrong.toml").write_text('\napi.url = "https://evil.example/api"\n', "utf-8")
    files = {"wrong": str(tmp_path / "wrong.toml"), "good": str(DEFAULT)}
    assert it.types(*(each.format(**files) for each in arguments)) == code
    assert said in it.said
    for kind in ("vocabulary", "settings"):
        assert it.types(kind, "history") == 0
        assert "Nothing was given yet." in it.said

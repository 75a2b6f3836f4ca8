"""The catalogues are whole: every text of the source in every language, with its placeholders and plurals."""

from __future__ import annotations

import ast
import re
from gettext import GNUTranslations
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.catalog import Message

import loopdesk
from loopdesk.i18n import catalogue
from loopdesk.i18n.catalogue import _, ngettext
from loopdesk.i18n.languages import LONGER, catalogue_of, chosen_language, pseudo, shipped_languages
from loopdesk.system.settings.model import setting
from tests import catalogues

LANGUAGES = catalogues.languages()


def forms(message: Message) -> list[tuple[str, str]]:
    """Pair each translated form with its English text; the form for one alone may leave the number out."""
    strings = message.string
    if isinstance(message.id, str) or strings is None or isinstance(strings, str):
        return [(str(message.id), str(strings))]
    one, many = message.id
    is_ones = [len(strings) == 2 and place == 0 for place in range(len(strings))]
    return [(one if is_one else many, form) for is_one, form in zip(is_ones, strings, strict=True)]


def named(text: str) -> set[str]:
    """Return the placeholders of a text."""
    return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name}


def test_german_is_shipped_and_every_shipped_language_can_be_chosen() -> None:
    assert LANGUAGES == ("de",)
    shipped = shipped_languages(catalogues.LOCALES)
    assert shipped == ("de", "en")
    assert set(setting("language").options) == {"system", "pseudo", *shipped}


def test_no_text_stands_within_an_f_string_where_extraction_does_not_see_it() -> None:
    """It would be English in every language, and missing in no catalogue."""
    within = [
        f"{path}:{node.lineno}"
        for path in sorted(Path(loopdesk.__file__).parent.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.JoinedStr) and any(map(_says, ast.walk(node)))
    ]
    assert within == []


def _says(node: ast.AST) -> bool:
    """Whether a text is written out in a call for its translation."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
        return False
    return node.func.id in ("_", "N_", "ngettext") and isinstance(node.args[0], ast.Constant)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_holds_exactly_the_texts_of_the_source(language: str) -> None:
    wanted, there = catalogues.extracted(), catalogues.read(language)
    missing = {str(x.id) for x in wanted} - {str(x.id) for x in there}
    surplus = {str(x.id) for x in there if x.id} - {str(x.id) for x in wanted}
    assert (missing, surplus) == (set(), set()), "run make words"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_files_of_a_language_are_as_make_words_writes_them(language: str) -> None:
    there = catalogues.read(language)
    assert catalogues.po_of(language).read_text("utf-8") == catalogues.po_text(there), "run make words"
    compiled = catalogues.po_of(language).with_suffix(".mo").read_bytes()
    assert compiled == catalogues.mo_bytes(there), "run make words"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    assert list(catalogues.untranslated(catalogues.read(language))) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_placeholder_survives_translation(language: str) -> None:
    odd = [
        (english, theirs)
        for message in catalogues.read(language)
        if message.id
        for english, theirs in forms(message)
        if "rmaid" not in english and named(english) != named(theirs)
    ]
    assert odd == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_begins_and_ends_as_the_english_text_does(language: str) -> None:
    """Texts are joined and made into sentences: a space or a full stop that is lost shows."""
    odd = [
        (english, theirs)
        for message in catalogues.read(language)
        if message.id
        for english, theirs in forms(message)
        if english.endswith(" ") != theirs.endswith(" ")
        or english.endswith("…") != theirs.endswith("…")
        or (len(english) > 3 and english.endswith(".") != theirs.endswith("."))
    ]
    assert odd == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "view", ["Bench", "Queue", "Attention", "Mystery", "Search", "Arrivals", "Health", "Settings"]
)
def test_a_text_calls_a_view_by_the_word_on_the_rail(language: str, view: str) -> None:
    """A person looks for the word that a sentence names; within one, English writes views in capitals."""
    pairs = [pair for message in catalogues.read(language) if message.id for pair in forms(message)]
    word = dict(pairs)[view]
    named_within = re.compile(rf"(?<!^)(?<![.:] )\b{view}\b")
    odd = [
        (english, theirs) for english, theirs in pairs if named_within.search(english) and word not in theirs
    ]
    assert odd == []


@pytest.mark.parametrize("n", [0, 1, 2, 5, 21])
def test_a_count_has_the_plural_form_of_its_language(n: int) -> None:
    russian = GNUTranslations()
    russian._catalog = {("1 line", i): f"form {i}" for i in range(3)}  # type: ignore[attr-defined]
    russian.plural = lambda n: (  # type: ignore[attr-defined]
        0 if n % 10 == 1 and n % 100 != 11 else 1 if 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14 else 2
    )
    german = catalogue_of("de", catalogues.LOCALES)
    try:
        assert ngettext("1 line", "{n} lines", n) == ("1 line" if n == 1 else f"{n} lines")
        catalogue.use(german)
        assert ngettext("1 line", "{n} lines", n) == ("1 Position" if n == 1 else f"{n} Positionen")
        catalogue.use(russian)
        assert ngettext("1 line", "{n} lines", n) == {0: "form 2", 1: "form 0", 2: "form 1", 5: "form 2"}.get(
            n, "form 0"
        )
    finally:
        catalogue.use(None)


def test_the_pseudo_language_accents_every_letter_and_keeps_placeholders() -> None:
    said = pseudo("Remove {n} lines and process the rest.")
    assert "{n}" in said
    assert not re.search(r"[A-Za-z]{3}", said.replace("{n}", ""))
    assert said.endswith(".")


@pytest.mark.parametrize("english", ["Kept", "Undo", "Scan a label.", "Loop is asked what is true. " * 4])
def test_the_pseudo_language_is_forty_percent_longer(english: str) -> None:
    assert len(pseudo(english)) == pytest.approx(len(english) * (1 + LONGER), abs=5)


def test_a_catalogue_that_was_put_in_place_is_what_is_said() -> None:
    try:
        catalogue.use(catalogue_of("de", catalogues.LOCALES))
        assert _("Scan a label.") == "Scannen Sie ein Etikett."
        assert _("Scanned: {code}.", code="{n}") == "Gescannt: {n}."
    finally:
        catalogue.use(None)
    assert _("Scan a label.") == "Scan a label."


@pytest.mark.parametrize(
    ("wanted", "systems", "language"),
    [
        ("system", ["de-AT", "en"], "de"),
        ("system", ["de_DE.UTF-8"], "de"),
        ("system", ["fr-FR", "de-DE"], "de"),
        ("system", ["pl-PL"], "en"),
        ("system", [], "en"),
        ("system", ["C"], "en"),
        ("en", ["de-DE"], "en"),
        ("de", ["en-US"], "de"),
        ("xx", ["de-DE"], "en"),
        ("pseudo", ["de-DE"], "pseudo"),
    ],
)
def test_the_language_is_the_one_wanted_or_the_first_that_the_user_reads(
    wanted: str, systems: list[str], language: str
) -> None:
    assert chosen_language(wanted, systems, catalogues.LOCALES) == language


def test_no_text_is_no_text_in_every_language() -> None:
    """To gettext the empty text names the header of a catalogue."""
    try:
        catalogue.use(catalogue_of("de", catalogues.LOCALES))
        assert _("") == ""
    finally:
        catalogue.use(None)


@pytest.mark.parametrize("data", ["{name}", "%s", "{0!r}", "{", "}}", "{n.__class__}", "\u202eabc"])
def test_what_loop_says_is_never_read_as_a_template(data: str) -> None:
    try:
        catalogue.use(catalogue_of("de", catalogues.LOCALES))
        assert _("Scanned: {code}.", code=data) == f"Gescannt: {data}."
    finally:
        catalogue.use(None)


@pytest.mark.parametrize("wrong", ["{x}", "{code.x}", "{code[x]}", "{", "{code:d}", "{0}"])
def test_a_translation_that_cannot_be_filled_is_said_in_english(wrong: str) -> None:
    odd = GNUTranslations()
    odd._catalog = {"Scanned: {code}.": wrong}  # type: ignore[attr-defined]
    try:
        catalogue.use(odd)
        assert _("Scanned: {code}.", code="7") == "Scanned: 7."
    finally:
        catalogue.use(None)


def test_a_damaged_catalogue_cannot_be_read_and_is_named(tmp_path: Path) -> None:
    whole = catalogues.po_of("de").with_suffix(".mo").read_bytes()
    path = tmp_path / "de" / "LC_MESSAGES" / "loopdesk.mo"
    path.parent.mkdir(parents=True)
    flipped = (whole[:n] + bytes([whole[n] ^ 0x80]) + whole[n + 1 :] for n in range(0, len(whole), 211))
    unreadable = 0
    for damaged in (b"", b"MO", whole[:20], whole[:-1000], *flipped):
        path.write_bytes(damaged)
        try:
            catalogue_of("de", tmp_path)
        except OSError as failure:
            assert failure.filename == str(path)  # noqa: PT017 - some damage can be read over
            unreadable += 1
    assert unreadable > 10

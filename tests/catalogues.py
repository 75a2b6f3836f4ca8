"""The catalogues of translations, brought up to date with the source: ``make words``.

Every text in the source that is looked up (``_``, ``ngettext``) or will be (``N_``, a setting's label and
help) stands in each language's ``loopdesk.po``, in the order of the alphabet and without places in the
source, so that a change of code changes no line of it. ``loopdesk.mo`` is compiled from it and kept beside
it: the program needs neither Babel nor a build to speak.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
LOCALES = ROOT / "resources" / "locales"

KEYWORDS = (
    {"_": None, "N_": None, "ngettext": (1, 2), "_setting": (2,)},
    {"_setting": (3,)},
)
"""The functions whose arguments are looked up, None for the first; (1, 2) are one text with its plural."""

NOTE = "TRANSLATORS:"
"""How a comment begins that is for whoever translates the text below it."""

_WIDTH = 110
_NEVER = datetime(2026, 1, 1, tzinfo=UTC)  # a file that tells when it was made differs from itself
_LEFT_OUT = ('"POT-Creation-Date:', '"PO-Revision-Date:', '"Generated-By:', '"Report-Msgid-Bugs-To:')


def extracted() -> Catalog:
    """Return every text of the source that is looked up."""
    found = Catalog()
    for keywords in KEYWORDS:
        texts = extract_from_dir(
            ROOT / "loopdesk", keywords=keywords, comment_tags=(NOTE,), strip_comment_tags=True
        )
        for _file, _line, text, comments, _context in texts:
            found.add(text, auto_comments=comments)
    return found


def languages() -> tuple[str, ...]:
    """Return the languages that have a catalogue."""
    return tuple(sorted(path.parent.parent.name for path in LOCALES.glob("*/LC_MESSAGES/loopdesk.po")))


def po_of(language: str) -> Path:
    """Return the file that a translator writes."""
    return LOCALES / language / "LC_MESSAGES" / "loopdesk.po"


def read(language: str) -> Catalog:
    """Read a language's catalogue."""
    with po_of(language).open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str) -> Catalog:
    """Return a language's catalogue with exactly the texts of the source; new ones are not translated yet."""
    catalogue = read(language) if po_of(language).exists() else Catalog(locale=language)
    catalogue.update(extracted(), no_fuzzy_matching=True)
    return catalogue


def po_text(catalogue: Catalog) -> str:
    """Write a catalogue as its file holds it."""
    _fix(catalogue)
    out = io.BytesIO()
    write_po(out, catalogue, width=_WIDTH, no_location=True, sort_output=True, ignore_obsolete=True)
    lines = out.getvalue().decode().splitlines(keepends=True)
    return "".join(line for line in lines if not line.startswith(_LEFT_OUT))


def mo_bytes(catalogue: Catalog) -> bytes:
    """Compile a catalogue."""
    _fix(catalogue)
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def _fix(catalogue: Catalog) -> None:
    catalogue.fuzzy = False
    catalogue.project, catalogue.version = "loopdesk", ""
    catalogue.creation_date = catalogue.revision_date = _NEVER
    catalogue.last_translator = catalogue.language_team = "loopdesk"
    catalogue.header_comment = (
        f"# loopdesk in the language {catalogue.locale_identifier}. `make words` keeps it up to date."
    )


def untranslated(catalogue: Catalog) -> Iterator[str]:
    """Name the texts that have no translation, a doubtful one, or one for too few plural forms."""
    for message in catalogue:
        if not message.id:
            continue
        strings = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
        wanted = catalogue.num_plurals if message.pluralizable else 1
        if message.fuzzy or len(strings) != wanted or not all(strings):
            yield message.id if isinstance(message.id, str) else message.id[0]


def write(language: str) -> int:
    """Bring a language's files up to date. Returns how many texts have no translation."""
    catalogue = updated(language)
    po_of(language).parent.mkdir(parents=True, exist_ok=True)
    po_of(language).write_text(po_text(catalogue), encoding="utf-8")
    fresh = read(language)
    po_of(language).with_suffix(".mo").write_bytes(mo_bytes(fresh))
    return sum(1 for _ in untranslated(fresh))


def main(names: list[str]) -> None:
    """Update every language, and begin those that are named."""
    for language in sorted({*languages(), *names}):
        missing = write(language)
        said = f"{missing} without a translation" if missing else "complete"
        sys.stdout.write(f"{language}: {said}\n")


if __name__ == "__main__":
    main(sys.argv[1:])

"""The languages that the program ships, each a catalogue, and which of them is spoken."""

from __future__ import annotations

from collections.abc import Sequence
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

ENGLISH = "en"
"""What the sentences in the source are written in; it needs no catalogue."""

SYSTEM = "system"
"""The setting that follows the language of the computer."""

PSEUDO = "pseudo"
"""The language that shows what is not translated and what has no room; made, not stored."""

DOMAIN = "loopdesk"
"""The name of every catalogue's file."""


def shipped_languages(locales: Path) -> tuple[str, ...]:
    """Return the languages of this installation: English, and each that has a catalogue.

    Args:
        locales: The folder ``locales`` of the shipped files.
    """
    found = locales.glob(f"*/LC_MESSAGES/{DOMAIN}.mo")
    return tuple(sorted({ENGLISH, *(path.parent.parent.name for path in found)}))


def chosen_language(wanted: str, systems: Sequence[str], locales: Path) -> str:
    """Return the language to speak.

    Args:
        wanted: The setting.
        systems: What the computer's user reads, the best first: "de-AT", "de_AT.UTF-8", "en".
        locales: As for ``shipped_languages``.
    """
    if wanted == PSEUDO:
        return PSEUDO
    shipped = shipped_languages(locales)
    told = systems if wanted == SYSTEM else (wanted,)
    for name in told:
        language = name.replace("-", "_").partition(".")[0].partition("_")[0].lower()
        if language in shipped:
            return language
    return ENGLISH


def catalogue_of(language: str, locales: Path) -> NullTranslations | None:
    """Read a language's catalogue; None for English, which has none.

    Args:
        language: What ``chosen_language`` returned.
        locales: As for ``shipped_languages``.

    Raises:
        FileNotFoundError: The installation lacks it.
    """
    if language == ENGLISH:
        return None
    if language == PSEUDO:
        from loopdesk.i18n.pseudo import PseudoTranslations  # noqa: PLC0415 - for those who test

        return PseudoTranslations()
    with (locales / language / "LC_MESSAGES" / f"{DOMAIN}.mo").open("rb") as file:
        return GNUTranslations(file)

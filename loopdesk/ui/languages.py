"""The languages that the program ships, and the translation tables of each."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QLibraryInfo, QTranslator

from loopdesk.ui.assets import resource_root

ENGLISH = "en"
"""What the program's sentences are written in; it needs no table of its own."""


def shipped_languages(root: Path | None = None) -> tuple[str, ...]:
    """Return the languages of this installation: English, and each that has a table.

    Args:
        root: The folder of the shipped files.
    """
    tables = ((root or resource_root()) / "i18n").glob("loopdesk_*.qm")
    return tuple(sorted({ENGLISH, *(table.stem.removeprefix("loopdesk_") for table in tables)}))


def words_of(language: str, root: Path | None = None) -> tuple[QTranslator, ...]:
    """Load a language's tables: Qt's own words, then the program's.

    Args:
        language: One of ``shipped_languages``.
        root: The folder of the shipped files.

    Raises:
        FileNotFoundError: The installation lacks one.
    """
    qts = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    wanted = [(f"qtbase_{language}.qm", qts)]
    if language != ENGLISH:
        wanted.append((f"loopdesk_{language}.qm", str((root or resource_root()) / "i18n")))
    tables = []
    for name, folder in wanted:
        table = QTranslator()
        if not table.load(name, folder):
            raise FileNotFoundError(f"{folder}/{name}")
        tables.append(table)
    return tuple(tables)

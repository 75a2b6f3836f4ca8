"""The language of the window: our catalogue, Qt's own words, and every widget told."""

from __future__ import annotations

import logging
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from loopdesk.i18n import catalogue, formats
from loopdesk.i18n.languages import ENGLISH, PSEUDO, catalogue_of, chosen_language
from loopdesk.ui.assets import resource_root
from loopdesk.ui.formats import formats_of

log = logging.getLogger("loopdesk.ui")

_QTS_OWN = "qtbase"


def speak(app: QApplication, wanted: str, root: Path | None = None) -> str:
    """Speak a language from now on; windows that are open say everything anew.

    Args:
        wanted: The setting ``language``.
        root: The folder of the shipped files.

    Returns:
        The language that is spoken.
    """
    locales = (root or resource_root()) / "locales"
    language = chosen_language(wanted, QLocale.system().uiLanguages(), locales)
    ours, table = None, None
    try:
        ours = catalogue_of(language, locales)
    except OSError as failure:  # a damaged file costs a language and not the bench
        log.warning("language_unreadable file=%s", failure.filename)
        language = ENGLISH
    if language not in (ENGLISH, PSEUDO):
        try:
            table = qts_own_words(language)
        except FileNotFoundError as failure:  # its dialogs stay English; ``--smoke`` complains
            log.warning("language_incomplete file=%s", failure)
    catalogue.use(ours)
    formats.use(formats_of(ENGLISH if language == PSEUDO else language, QLocale.system().name()))
    for old in app.findChildren(QTranslator, _QTS_OWN):
        app.removeTranslator(old)
        old.deleteLater()
    if table is not None:
        table.setObjectName(_QTS_OWN)
        table.setParent(app)
        app.installTranslator(table)
    # Qt tells its widgets by itself only when a table of its own comes or goes.
    QCoreApplication.sendEvent(app, QEvent(QEvent.Type.LanguageChange))
    return language


def qts_own_words(language: str) -> QTranslator:
    """Load what Qt itself says in a language: the buttons of its dialogs, the menu of a text field.

    Raises:
        FileNotFoundError: The installation lacks it.
    """
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    table = QTranslator()
    if not table.load(f"qtbase_{language}.qm", folder):
        raise FileNotFoundError(f"{folder}/qtbase_{language}.qm")
    return table

"""The language of the window: our catalogue, Qt's own words and locale data, and every widget told."""

from __future__ import annotations

import logging
from datetime import date, time
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QDate, QEvent, QLibraryInfo, QLocale, QTime, QTranslator
from PySide6.QtWidgets import QApplication

from loopdesk.i18n import catalogue, formats
from loopdesk.i18n.formats import IsoFormats
from loopdesk.i18n.languages import ENGLISH, PSEUDO, catalogue_of, chosen_language
from loopdesk.ui.assets import resource_root

# --- formats ----------------------------------------------------------------------------------------

_SHORT = QLocale.FormatType.ShortFormat
_NARROW = "\N{NARROW NO-BREAK SPACE}"
"""What few fonts have; it stands before AM and PM."""

_MOST_DIGITS = 18
"""A longer number does not fit into Qt's integers, and is written without groups."""


class LocaleFormats:
    """``i18n.formats.Formats`` of a locale. No amount passes through a binary fraction."""

    def __init__(self, locale: QLocale) -> None:
        self._locale = locale
        day = locale.dateFormat(_SHORT)
        clock = locale.timeFormat(_SHORT).replace(_NARROW, "\N{NO-BREAK SPACE}")
        self._day = day if "yyyy" in day else day.replace("yy", "yyyy")
        self._time = clock
        self._time_with_seconds = clock.replace("mm", f"mm{clock[clock.index('mm') - 1]}ss")
        self._currency = locale.currencySymbol(QLocale.CurrencySymbolFormat.CurrencyIsoCode)
        self._money = locale.toCurrencyString(1, locale.currencySymbol(), 0)
        self._one = locale.toString(1)

    def number(self, text: str, *, grouped: bool = True) -> str:
        """See ``Formats``."""
        whole, point, fraction = text.removeprefix("-").partition(".")
        if grouped and whole.isdecimal() and len(whole) <= _MOST_DIGITS:
            whole = self._locale.toString(int(whole))
        sign = self._locale.negativeSign() if text.startswith("-") else ""
        return f"{sign}{whole}{self._locale.decimalPoint() if point else ''}{fraction}"

    def money(self, amount: str, currency: str) -> str:
        """See ``Formats``; a currency that is not the locale's own stands with its code."""
        if currency != self._currency:
            return IsoFormats().money(self.number(amount), currency)
        sign = self._locale.negativeSign() if amount.startswith("-") else ""
        return sign + self._money.replace(self._one, self.number(amount.removeprefix("-")))

    def day(self, at: date) -> str:
        """See ``Formats``."""
        return self._locale.toString(QDate(at.year, at.month, at.day), self._day)

    def time(self, at: time, *, seconds: bool = False) -> str:
        """See ``Formats``."""
        pattern = self._time_with_seconds if seconds else self._time
        return self._locale.toString(QTime(at.hour, at.minute, at.second), pattern)

    def read(self, text: str) -> str:
        """See ``Formats``."""
        locale, plain = self._locale, text.strip()
        if not locale.toDouble(plain)[1]:
            return plain
        bare = plain.replace(locale.groupSeparator(), "").replace(locale.decimalPoint(), ".")
        return bare.replace(locale.negativeSign(), "-")


def formats_of(language: str, system: str) -> LocaleFormats:
    """Return how a language is written: as in this computer's country, if the language is spoken there.

    Args:
        system: The name of the computer's locale: "de_AT", "en_GB", "C".
    """
    return LocaleFormats(QLocale(system if system.partition("_")[0] == language else language))


# --- speaking ---------------------------------------------------------------------------------------

log = logging.getLogger("loopdesk.ui")

_QTS_OWN = "qtbase"


def speak(app: QApplication, wanted: str, root: Path | None = None) -> str:
    """Speak a language from now on; open windows say everything in it.

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

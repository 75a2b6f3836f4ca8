"""What the Settings page says of a setting besides its own label and help."""

from __future__ import annotations

from collections.abc import Mapping

from loopdesk.i18n.catalogue import N_, _

_SOURCES: Mapping[str, str] = {
    "environment": N_("set by {variable}"),
    "command line": N_("set on the command line"),
    "policy": N_("set by IT"),
    "practice": N_("set by practice, until it ends"),
    "machine": N_("from this machine's settings"),
}

_UNITS: Mapping[str, str] = {
    "baud": N_("baud"),
    "characters": N_("characters"),
    "days": N_("days"),
}

_OPTIONS: Mapping[str, str] = {
    "system": N_("as this computer"),
    "light": N_("light"),
    "dark": N_("dark"),
    "contrast": N_("contrast"),
    "en": "English",
    "de": "Deutsch",
    "pseudo": N_("pseudo"),
    "debug": N_("debug"),
    "info": N_("info"),
    "warning": N_("warning"),
    "error": N_("error"),
}
"""What may be chosen; a language is called what those call it who speak it."""


def source(source: str, variable: str) -> str:
    """Say where a value comes from; "" for the profile's own file and for the default.

    Args:
        source: The code of the place.
        variable: The setting's name in the environment.
    """
    return _(_SOURCES[source], variable=variable) if source in _SOURCES else ""


def label(label: str, unit: str) -> str:
    """Name a setting, with the unit of its numbers."""
    if not unit:
        return _(label)
    return _("{label} ({unit})", label=_(label), unit=_(_UNITS[unit]) if unit in _UNITS else unit)


def option(value: str) -> str:
    """Say what may be chosen; what has no word is shown as it is."""
    return _(_OPTIONS[value]) if value in _OPTIONS else value

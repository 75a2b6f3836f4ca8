"""The one place through which every sentence goes, so that another language can take English's place."""

from __future__ import annotations

from collections.abc import Callable

Translate = Callable[[str], str]
"""Turns an English template into another language's; an unknown template comes back as it is."""


class _Language:
    """The one table that all sentences go through."""

    translate: Translate | None = None


def set_translator(translate: Translate | None) -> None:
    """Put another language in place of English; None puts English back. Screens made later use it."""
    _Language.translate = translate


def say(template: str, **values: object) -> str:
    """Translate a template and fill its ``{placeholders}``; values are never read as templates.

    A translation whose placeholders do not fit falls back to the English one, so that a wrong
    table costs a language and not the bench.
    """
    english = template
    if _Language.translate is not None:
        template = _Language.translate(template)
    try:
        return template.format(**values) if values else template
    except (KeyError, IndexError, ValueError):
        return english.format(**values)

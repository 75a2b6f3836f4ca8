"""Every sentence the program shows goes through here, so that another language can take English's place.

The names are gettext's, which extraction tools know: ``_`` looks a text up, ``ngettext`` picks the plural
form of the language, ``N_`` marks the texts of a table that ``_`` looks up later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import time
from gettext import NullTranslations

from loopdesk.i18n import formats


class _Language:
    """The catalog that all sentences go through."""

    catalogue: NullTranslations = NullTranslations()


def use(catalogue: NullTranslations | None) -> None:
    """Replace the language; None restores English. Screens made later use it."""
    _Language.catalogue = catalogue or NullTranslations()


@contextmanager
def english() -> Iterator[None]:
    """Speak English inside: for what is read by programs, and by people elsewhere."""
    spoken, _Language.catalogue = _Language.catalogue, NullTranslations()
    try:
        yield
    finally:
        _Language.catalogue = spoken


def _(text: str, /, **values: object) -> str:
    """Translate a text and fill its ``{placeholders}``; values are never read as templates.

    A translation whose placeholders do not fit falls back to the English one, so that a wrong
    catalogue costs a language and not the bench.
    """
    if not text:
        return ""  # to gettext it names the catalogue's own header
    return _filled(_Language.catalogue.gettext(text), text, values)


def ngettext(one: str, many: str, n: int, /, **values: object) -> str:
    """Translate a text in the language's plural form for ``n``; all forms may contain ``{n}``, which is
    written as the language writes numbers.

    Args:
        one: English for exactly one.
        many: English for any other number.
    """
    english = one if n == 1 else many
    written = {"n": formats.current().number(str(n)), **values}
    return _filled(_Language.catalogue.ngettext(one, many, n), english, written)


def N_(text: str) -> str:  # noqa: N802 - the name that extraction tools know
    """Mark a text for translation without translating it yet."""
    return text


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence that is kept: ``str`` says it in the language that is spoken then.

    Attributes:
        text: The English text, marked with ``N_``; "" says nothing, and is false.
        values: What fills its placeholders; times are written as the language does.
    """

    text: str = ""
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        now = formats.current()
        return _(self.text, **{k: now.time(x) if isinstance(x, time) else x for k, x in self.values.items()})

    def __bool__(self) -> bool:
        return bool(self.text)


NOTHING = Said()


def _filled(template: str, english: str, values: dict[str, object]) -> str:
    if not values:
        return template
    try:
        return template.format(**values)
    except (KeyError, IndexError, ValueError, AttributeError, TypeError):
        return english.format(**values)

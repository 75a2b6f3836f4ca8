"""One setting without its value: what is known of it, and whether a value can be it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of one setting without its value.

    Attributes:
        key: As it stands in the file, with its table: ``scanner.gap_ms``.
        env: Its name in the environment.
        kind: ``text``, ``number`` (fractions allowed), ``whole``, ``switch``, ``choice``, ``list``, or
            ``table`` (texts by key, kept as pairs in their order).
        options: For ``choice``, the words allowed.
        least / most: For numbers, the bounds; None where there is none.
        longest: For texts, the most characters; for lists, the most texts; None where there is no bound.
        clean: Returns a text as it is kept, or raises ``ValueError`` with what is wrong in words.
        secret: Its value is shown and written nowhere but in the settings file.
        check_table: Raises ``ValueError`` with what is wrong with a table, in words.
    """

    key: str
    env: str
    label: str
    about: str
    kind: str
    default: Any
    options: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    unit: str = ""
    longest: int | None = None
    clean: Callable[[str], str] | None = None
    secret: bool = False
    check_table: Callable[[Mapping[str, str]], None] | None = None

    def checked(self, value: Any) -> Any:
        """Return a value as it is kept.

        Raises:
            ValueError: It cannot be one, in words. The value is not repeated: it may be a misplaced secret.
        """
        match self.kind:
            case "switch":
                is_right = isinstance(value, bool)
            case "whole" | "number":
                return self._number(value)
            case "list":
                return self._list(value)
            case "table":
                return self._table(value)
            case "choice":
                is_right = value in self.options
            case _:
                return self._text(value)
        if not is_right:
            raise ValueError(self.expected())
        return value

    def expected(self) -> str:
        """Say what the value must be."""
        match self.kind:
            case "choice":
                return "must be one of " + ", ".join(f'"{word}"' for word in self.options)
            case "switch":
                return "must be true or false"
            case "list":
                return 'must be a list of texts, like ["EU-", "UK-"]'
            case "table":
                return 'must be a table of texts, like { rmaid = "{return}" }'
            case "text":
                return "must be text in quotes"
            case _:
                noun = "a whole number" if self.kind == "whole" else "a number"
                unit = f" ({self.unit})" if self.unit else ""
                return f"must be {noun} from {self.least:g} to {self.most:g}{unit}"

    def _number(self, value: Any) -> Any:
        allowed = int if self.kind == "whole" else (int, float)
        if isinstance(value, bool) or not isinstance(value, allowed):
            raise ValueError(self.expected())
        least = -math.inf if self.least is None else self.least
        most = math.inf if self.most is None else self.most
        if not least <= value <= most:  # not a number is neither
            raise ValueError(self.expected())
        return value if self.kind == "whole" else float(value)

    def _text(self, value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError(self.expected())
        if self.longest is not None and len(value) > self.longest:
            raise ValueError(f"must have at most {self.longest} characters")
        return self.clean(value) if self.clean is not None else value

    def _table(self, value: Any) -> tuple[tuple[str, str], ...]:
        pairs = tuple(value.items()) if isinstance(value, Mapping) else value
        if not isinstance(pairs, tuple) or not all(
            isinstance(pair, tuple) and len(pair) == 2 and all(isinstance(one, str) for one in pair)
            for pair in pairs
        ):
            raise ValueError(self.expected())
        if self.check_table is not None:
            self.check_table(dict(pairs))
        return pairs

    def _list(self, value: Any) -> tuple[str, ...]:
        if not isinstance(value, (list, tuple)) or not all(isinstance(one, str) for one in value):
            raise ValueError(self.expected())
        if self.longest is not None and len(value) > self.longest:
            raise ValueError(f"must have at most {self.longest} texts")
        return tuple(self.clean(one) if self.clean is not None else one for one in value)

"""The settings as the Settings view reads and changes them: texts in, texts out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loopdesk.domain.errors import SettingsWrong
from loopdesk.system.settings.file import Loaded, SettingsFile
from loopdesk.system.settings.given import given
from loopdesk.system.settings.model import HIDDEN, SETTINGS
from loopdesk.system.settings.values import Setting

_FIRST = (
    *("station", "", "sound", "scanner", "printer", "pictures"),
    *("api", "hub", "budget", "evidence", "updates", "limits", "process"),
)
"""The order of the sections on screen: what an operator changes comes first."""

VOCABULARY = "vocabulary"

_KINDS = {"whole": "number", "list": "text", "table": "text"}


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting for the screen; every value is a text."""

    key: str
    label: str
    kind: str
    value: str
    options: tuple[str, ...]
    unit: str
    source: str
    env: str
    help: str
    locked: bool
    for_operator: bool
    at_start: bool


class SettingsDesk:
    """Shows, validates and saves settings.

    Args:
        in_force: Returns the settings in force; others come also from elsewhere, as from the hub.
        changed: Called with the settings in force after each save.
        read_vocabulary: Reads the file that a value of the vocabulary's setting names. Raises
            ``SettingsWrong``.
    """

    def __init__(
        self,
        file: SettingsFile,
        in_force: Callable[[], Loaded],
        changed: Callable[[Loaded], None],
        read_vocabulary: Callable[[str], object],
    ) -> None:
        self._file = file
        self._in_force = in_force
        self._before = self._saved = in_force()
        self._changed = changed
        self._read_vocabulary = read_vocabulary

    @property
    def _loaded(self) -> Loaded:
        """What was saved last, until that or something later is in force."""
        now = self._in_force()
        return self._saved if now is self._before else now

    def sections(self) -> Sequence[tuple[str, Sequence[SettingField]]]:
        """Return every setting, under the names of their tables in the file."""
        by_section: dict[str, list[SettingField]] = {name: [] for name in _FIRST}
        for known in SETTINGS:
            by_section[known.key.rpartition(".")[0]].append(self._field(known))
        return tuple((name, tuple(by_section[name])) for name in _FIRST)

    def problem(self, key: str, text: str) -> SettingsWrong | None:
        """Return what is wrong with a new value, None if nothing."""
        try:
            self._parsed(key, text)
        except SettingsWrong as wrong:
            return wrong
        return None

    async def save(self, changes: Mapping[str, str]) -> None:
        """Save new values by dotted key; defaults are removed from the file.

        Raises:
            SettingsWrong: A value or the vocabulary that it names is wrong, or the file cannot be written;
                nothing changed.
        """
        values = {key: self._parsed(key, text) for key, text in changes.items()}
        if VOCABULARY in values:  # a wrong one would stop the next start
            await asyncio.to_thread(self._read_vocabulary, values[VOCABULARY])
        self._saved, self._before = await asyncio.to_thread(self._file.save, values), self._in_force()
        self._changed(self._saved)

    def _parsed(self, key: str, text: str) -> Any:
        known = next((x for x in SETTINGS if x.key == key), None)
        if known is None:
            raise SettingsWrong("unknown_setting", file="settings", key=key, near="")
        return given(known, text, "settings")

    def _field(self, known: Setting) -> SettingField:
        source = self._loaded.which_source(known.key)
        return SettingField(
            key=known.key,
            label=known.label,
            kind="secret" if known.secret else _KINDS.get(known.kind, known.kind),
            value=self._shown(known),
            options=known.options,
            unit=known.unit,
            source=source.value,
            env=known.env,
            help=known.about,
            locked=self._loaded.is_locked(known.key),
            for_operator=known.for_operator,
            at_start=known.at_start,
        )

    def _shown(self, known: Setting) -> str:
        """Return the value in force as a text; of a secret only whether it is set."""
        text = _text(self._loaded.settings.value(known.key))
        return HIDDEN if known.secret and text else text


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple):
        is_table = bool(value) and isinstance(value[0], tuple)
        return json.dumps(dict(value), ensure_ascii=False) if is_table else ", ".join(value)
    return str(value)

"""The settings file: reading it with the environment and the command line, and saving changes to it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from loopdesk.domain.errors import SettingsWrong
from loopdesk.system.files import replace_file
from loopdesk.system.paths import PROFILE_VARIABLE, Profile
from loopdesk.system.setting import Setting
from loopdesk.system.settings import SECTIONS, SETTINGS, Mistake, Settings, made, setting
from loopdesk.system.toml_text import did_you_mean, flatten, parse, read_text

log = logging.getLogger("loopdesk.start")

KEY_VARIABLE = "LOOPDESK_API_KEY"
_KNOWN_KEYS = frozenset(x.key for x in SETTINGS)
_SECRET_WORDS = frozenset({"key", "api_key", "apikey", "token", "secret", "password"})
_HEAD = "# loopdesk settings; every key is explained in docs/settings.md\n\n"
_WORDS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


class Source(StrEnum):
    """Where the value of a setting comes from; later ones win."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"
    COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings in force.

    Attributes:
        sources: Where each value comes from, by dotted key; what is not in it has its default.
        problem: Why the settings file was not used; the last good copy stands in for it. None when all
            is well.
        unknown_variables: Names in the environment that look like settings and are none.
    """

    settings: Settings
    sources: Mapping[str, Source] = field(default_factory=dict)
    problem: SettingsWrong | None = None
    unknown_variables: tuple[str, ...] = ()

    def which_source(self, key: str) -> Source:
        """Return where the value of a setting comes from."""
        return self.sources.get(key, Source.DEFAULT)

    def is_locked(self, key: str) -> bool:
        """Whether saving a value has no effect now, because the environment or the command line wins."""
        return self.which_source(key) in {Source.ENVIRONMENT, Source.COMMAND_LINE}


class SettingsFile:
    """The settings of a profile. The command line wins over the environment, that over the file.

    Args:
        profile: Whose settings.
        environ: The environment; one name a setting, an empty value is none.
        command_line: Values by dotted key, as text.
    """

    def __init__(
        self, profile: Profile, environ: Mapping[str, str], command_line: Mapping[str, str] | None = None
    ) -> None:
        self._file = profile.settings_file
        self._last_good = profile.last_good_settings_file
        self._environ = dict(environ)
        self._command_line = dict(command_line or {})

    def load(self) -> Loaded:
        """Read everything.

        A file that cannot be used is reported in ``problem`` while the copy that last worked is used.

        Raises:
            SettingsWrong: The file cannot be used and there is no copy; or the environment or the
                command line holds a wrong value.
        """
        tree, problem = self._read()
        flat = flatten(tree, SECTIONS)
        sources = dict.fromkeys(flat, Source.FILE)
        for known in SETTINGS:
            text = self._environ.get(known.env, "").strip()
            if text:
                flat[known.key] = given(known, text, known.env)
                sources[known.key] = Source.ENVIRONMENT
        for key, text in self._command_line.items():
            flat[key] = given(setting(key), text, "command line")
            sources[key] = Source.COMMAND_LINE
        names = {x.env for x in SETTINGS} | {PROFILE_VARIABLE, KEY_VARIABLE}
        unknown = tuple(sorted(x for x in self._environ if x.startswith("LOOPDESK_") and x not in names))
        settings, _ = made(_nest(flat))  # each value was checked by itself
        return Loaded(settings, sources, problem, unknown)

    def _read(self) -> tuple[dict[str, Any], SettingsWrong | None]:
        """Read the file, or what stands in for it, and keep a copy of what worked."""
        if not self._file.exists():
            return {}, None
        try:
            text = read_text(self._file)
            tree = validated(text, self._file)
            self._refuse_cut(text)
        except SettingsWrong as problem:
            if not self._last_good.exists():
                raise
            log.warning("settings_damaged line=%d key=%s used=last_good", problem.line, problem.key)
            return validated(read_text(self._last_good), self._last_good), problem
        self._keep_copy(text)
        return tree, None

    def _refuse_cut(self, text: str) -> None:
        """Refuse a file that is the beginning of the last good one, broken off inside a line.

        Such a file may be valid and say something else: ``hold_seconds = 60`` cut to ``hold_seconds = 6``.
        """
        if not self._last_good.exists():
            return
        whole = read_text(self._last_good)
        rest = whole[len(text) :]
        if whole.startswith(text) and rest.strip() and not text.endswith("\n"):
            line = max(1, len(text.splitlines()))
            raise SettingsWrong("the file ends in the middle of a line", file=str(self._file), line=line)

    def _keep_copy(self, text: str) -> None:
        try:
            if not self._last_good.exists() or self._last_good.read_text(encoding="utf-8") != text:
                replace_file(self._last_good, text)
        except (
            OSError,
            UnicodeDecodeError,
        ) as error:  # the copy is a comfort; without it the file still counts
            log.warning("settings_copy_failed error=%s", type(error).__name__)

    def save(self, changes: Mapping[str, Any]) -> Loaded:
        """Write changed settings into the file, keeping everything else in it as a person wrote it.

        A damaged file is put aside as ``settings.toml.damaged``; the last good copy is what is changed then.

        Args:
            changes: New values by dotted key; None takes the setting out, back to its default.

        Returns:
            The settings in force afterwards.

        Raises:
            SettingsWrong: A value is wrong or the file cannot be written; nothing changed.
        """
        for key in changes:
            if key not in _KNOWN_KEYS:
                raise SettingsWrong(
                    f"is not a known setting{did_you_mean(key, _KNOWN_KEYS)}", file=str(self._file), key=key
                )
        base, damaged = self._base()
        text = _changed(base, changes)
        validated(text, self._file)
        try:
            if damaged:
                self._file.replace(self._file.with_name(f"{self._file.name}.damaged"))
            replace_file(self._file, text)
        except OSError as error:
            raise SettingsWrong(f"cannot be written ({error.strerror})", file=str(self._file)) from error
        log.info("settings_saved keys=%s", ",".join(sorted(changes)))
        return self.load()

    def _base(self) -> tuple[str, bool]:
        """Return the text to change, and whether the file itself is damaged."""
        if not self._file.exists():
            return _HEAD, False
        try:
            text = read_text(self._file)
            validated(text, self._file)
            self._refuse_cut(text)
        except SettingsWrong:
            if not self._last_good.exists():
                raise
            return read_text(self._last_good), True
        return text, False


def _changed(text: str, changes: Mapping[str, Any]) -> str:
    """Return the text with other values; what is not changed stays as a person wrote it."""
    for key, value in changes.items():
        section, _, name = key.rpartition(".")
        text = _without(text, section, name) if value is None else _with(text, section, name, _plain(value))
    return text


def _with(text: str, section: str, name: str, value: Any) -> str:
    import tomlkit  # noqa: PLC0415 - for the Settings view alone; every command reads settings

    from loopdesk.system.toml_places import insert_key  # noqa: PLC0415 - as above

    document = tomlkit.parse(text)
    if section and section not in document:
        document.add(section, tomlkit.table())
    holder: Any = document[section] if section else document
    if name not in holder:
        placed = insert_key(tomlkit.dumps(document), section, name, tomlkit.item(value).as_string())
        if placed is not None:
            return placed
    holder[name] = value
    return tomlkit.dumps(document)


def _without(text: str, section: str, name: str) -> str:
    import tomlkit  # noqa: PLC0415 - as above

    document = tomlkit.parse(text)
    holder: Any = document.get(section, {}) if section else document
    holder.pop(name, None)
    return tomlkit.dumps(document)


def _plain(value: Any) -> Any:
    """Write a value as a person would: 8, not 8.0; a list for a tuple."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return list(value) if isinstance(value, tuple) else value


def _nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for key, value in flat.items():
        section, _, name = key.rpartition(".")
        (tree.setdefault(section, {}) if section else tree)[name] = value
    return tree


def validated(text: str, file: Path) -> dict[str, Any]:
    """Parse and check the text of a settings file.

    Raises:
        SettingsWrong: With the line and the key of the first mistake.
    """
    tree = parse(text, file)
    _, mistakes = made(tree)
    if mistakes:
        from loopdesk.system.toml_places import line_of  # noqa: PLC0415 - for a mistake alone

        first = min(mistakes, key=lambda wrong: line_of(text, wrong.place))
        line = line_of(text, first.place)
        raise SettingsWrong(_in_words(first), file=str(file), line=line, key=first.key)
    return tree


def given(known: Setting, text: str, origin: str) -> Any:
    """Turn text from the environment or the command line into a value, and check it by itself."""
    try:
        return known.checked(_from_text(known, text))
    except ValueError as error:
        raise SettingsWrong(str(error), file=origin, key=known.key) from None


def _from_text(known: Setting, text: str) -> Any:
    match known.kind:
        case "switch":
            if text.casefold() not in _WORDS:
                raise ValueError(known.expected())
            return _WORDS[text.casefold()]
        case "whole" | "number":
            try:
                return int(text) if known.kind == "whole" else float(text)
            except ValueError:
                raise ValueError(known.expected()) from None
        case "list":
            return [part.strip() for part in text.split(",") if part.strip()]
        case _:
            return text


def _in_words(wrong: Mistake) -> str:
    """Say what is wrong. The value itself is not repeated: it may be a misplaced secret."""
    if wrong.reason:
        return wrong.reason
    if wrong.place[-1].casefold() in _SECRET_WORDS:
        return f"the API key never stands in a file; enter it in Settings or give it as {KEY_VARIABLE}"
    near = did_you_mean(wrong.key, _KNOWN_KEYS | SECTIONS)
    inside = f" in [{wrong.place[0]}]" if len(wrong.place) > 1 else ""
    return f"is not a known setting{inside}{near}"

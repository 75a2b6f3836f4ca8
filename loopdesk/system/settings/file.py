"""The settings file: reads it with the environment and the command line, and saves changes to it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from loopdesk.domain.errors import SettingsWrong
from loopdesk.system.host.paths import PROFILE_VARIABLE, Profile, replace_file
from loopdesk.system.settings.given import given, validated
from loopdesk.system.settings.machine import (
    MACHINE_VARIABLE,
    MachineSettings,
    Registry,
    read_machine_settings,
    read_registry,
)
from loopdesk.system.settings.model import (
    KEY_VARIABLE,
    KNOWN_KEYS,
    SECTIONS,
    SETTINGS,
    Settings,
    made,
    setting,
)
from loopdesk.system.settings.toml import LastKnownGood, flatten, nearest, read_text

if TYPE_CHECKING:
    from loopdesk.system.settings.pushed import PushedSettings

log = logging.getLogger("loopdesk.start")

_HEAD = "# loopdesk settings; every key is explained in docs/settings.md\n\n"


class Source(StrEnum):
    """Where the value of a setting comes from; later ones win."""

    DEFAULT = "default"
    MACHINE = "machine"
    HUB = "hub"
    FILE = "file"
    ENVIRONMENT = "environment"
    COMMAND_LINE = "command line"
    HUB_LOCK = "hub lock"
    POLICY = "policy"
    PRACTICE = "practice"


_OUT_OF_REACH = frozenset(
    {Source.ENVIRONMENT, Source.COMMAND_LINE, Source.HUB_LOCK, Source.POLICY, Source.PRACTICE}
)
"""Sources that override the profile's own file."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings in force.

    Attributes:
        sources: The source of each value, by dotted key; missing keys have their default.
        problem: Why the profile's or the machine's file was not used and its last good copy was; None if all
            is well.
        unknown_variables: Names in the environment that look like settings but are not.
        machine: What IT pushed to this machine.
    """

    settings: Settings
    sources: Mapping[str, Source] = field(default_factory=dict)
    problem: SettingsWrong | None = None
    unknown_variables: tuple[str, ...] = ()
    machine: MachineSettings = field(default_factory=MachineSettings)

    def which_source(self, key: str) -> Source:
        """Return the source of a setting's value."""
        return self.sources.get(key, Source.DEFAULT)

    def is_locked(self, key: str) -> bool:
        """Whether saving a value would have no effect: environment, command line, IT or practice mode
        wins.
        """
        return self.which_source(key) in _OUT_OF_REACH


class SettingsFile:
    """The settings of a profile.

    Practice mode overrides everything, so that nothing of it can leave this machine; then what IT locked on
    this machine, then what IT locked at the site's hub. Otherwise the order is command line, environment, the
    profile's file, what the hub gave, and what IT pushed to the machine.

    Args:
        profile: Whose settings.
        environ: The environment; one variable per setting, an empty value counts as unset.
        command_line: Values by dotted key, as text.
        practice: What practice mode sets, by dotted key, as text; empty outside practice mode.
        registry: Reads a key of the machine's registry.
    """

    def __init__(
        self,
        profile: Profile,
        environ: Mapping[str, str],
        command_line: Mapping[str, str] | None = None,
        *,
        practice: Mapping[str, str] | None = None,
        registry: Registry = read_registry,
    ) -> None:
        self._profile = profile
        self._file = profile.settings_file
        self._text = LastKnownGood(self._file, profile.last_good_settings_file, validated)
        self._environ = dict(environ)
        self._command_line = dict(command_line or {})
        self._practice = dict(practice or {})
        self._registry = registry

    def load(self) -> Loaded:
        """Read all sources.

        A file that cannot be used is reported in ``problem`` and its last good copy is used.

        Raises:
            SettingsWrong: The file cannot be used and there is no copy; or the environment or the command
                line has a wrong value.
        """
        machine = read_machine_settings(self._profile, self._environ, self._registry)
        tree, problem = self._text.read()
        own = {Source.FILE: flatten(tree, SECTIONS), Source.ENVIRONMENT: self._from_environment()}
        own[Source.COMMAND_LINE] = _given_texts(self._command_line, "command line")
        top = {Source.POLICY: machine.locked, Source.PRACTICE: _given_texts(self._practice, "practice")}
        flat, sources = _laid_over({Source.MACHINE: machine.offered, **own, **top})
        if flat.get("hub.used", False):
            pushed = self._from_hub()
            below = {Source.MACHINE: machine.offered, Source.HUB: pushed.offered}
            flat, sources = _laid_over({**below, **own, Source.HUB_LOCK: pushed.locked, **top})
        names = {x.env for x in SETTINGS} | {PROFILE_VARIABLE, KEY_VARIABLE, MACHINE_VARIABLE}
        unknown = tuple(sorted(x for x in self._environ if x.startswith("LOOPDESK_") and x not in names))
        settings, _ = made(_nest(flat))  # each value was checked individually
        return Loaded(settings, sources, problem or machine.problem, unknown, machine)

    def _from_environment(self) -> dict[str, Any]:
        texts = {known: self._environ.get(known.env, "").strip() for known in SETTINGS}
        return {known.key: given(known, text, known.env) for known, text in texts.items() if text}

    def _from_hub(self) -> PushedSettings:
        """Read what the hub gave last. It was usable when it was written, perhaps by a newer version."""
        from loopdesk.system.settings.pushed import PushedSettings, checked_settings  # noqa: PLC0415 - rare

        file = self._profile.hub_settings_file
        if not file.exists():
            return PushedSettings()
        try:
            return checked_settings(read_text(file), file)
        except SettingsWrong as wrong:
            log.warning("hub_settings_unusable line=%d key=%s", wrong.line, wrong.key)
            return PushedSettings()

    def save(self, changes: Mapping[str, Any]) -> Loaded:
        """Write changed settings to the file, preserving everything else in it.

        A damaged file is moved to ``settings.toml.damaged``; the last good copy is changed instead.

        Args:
            changes: New values by dotted key; None resets the setting to its default.

        Returns:
            The settings in force afterwards.

        Raises:
            SettingsWrong: A value is wrong or the file cannot be written; nothing changed.
        """
        for key in changes:
            if key not in KNOWN_KEYS:
                near = nearest(key, KNOWN_KEYS)
                raise SettingsWrong("unknown_setting", file=str(self._file), key=key, near=near)
        base, damaged = self._text.base()
        text = _changed(base or _HEAD, changes)
        validated(text, self._file)
        try:
            if damaged:
                self._file.replace(self._file.with_name(f"{self._file.name}.damaged"))
            replace_file(self._file, text)
        except OSError as error:
            why = error.strerror or ""
            raise SettingsWrong("unwritable", file=str(self._file), error=why) from error
        log.info("settings_saved keys=%s", ",".join(sorted(changes)))
        return self.load()


def _laid_over(layers: Mapping[Source, Mapping[str, Any]]) -> tuple[dict[str, Any], dict[str, Source]]:
    """Return every value, and where it is from; a later layer covers those before it."""
    flat: dict[str, Any] = {}
    sources: dict[str, Source] = {}
    for source, values in layers.items():
        flat.update(values)
        sources.update(dict.fromkeys(values, source))
    return flat, sources


def _given_texts(texts: Mapping[str, str], place: str) -> dict[str, Any]:
    return {key: given(setting(key), text, place) for key, text in texts.items()}


def _changed(text: str, changes: Mapping[str, Any]) -> str:
    """Return the text with changed values; everything else is preserved."""
    for key, value in changes.items():
        section, _, name = key.rpartition(".")
        if value is None:
            text = _without(text, section, name)
        else:
            text = _with(text, section, name, _plain(value, setting(key).kind))
    return text


def _with(text: str, section: str, name: str, value: Any) -> str:
    import tomlkit  # noqa: PLC0415 - for the Settings view alone; every command reads settings

    from loopdesk.system.settings.toml import insert_key  # noqa: PLC0415 - as above

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


def _plain(value: Any, kind: str) -> Any:
    """Write a value as a person would: 8, not 8.0; a list for a tuple, unless it is a table's."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if kind == "table":
        import tomlkit  # noqa: PLC0415 - as above

        table = tomlkit.inline_table()
        table.update(dict(value))
        return table
    return list(value) if isinstance(value, tuple) else value


def _nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for key, value in flat.items():
        section, _, name = key.rpartition(".")
        (tree.setdefault(section, {}) if section else tree)[name] = value
    return tree

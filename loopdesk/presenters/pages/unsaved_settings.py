"""What a person entered on the Settings page and has not saved, beside what is in force by now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from loopdesk.domain.errors import SettingsWrong
from loopdesk.presenters.pages.setting_fields import EnteredText, Field, plain


class SettingsDesk(Protocol):
    """The settings of this station."""

    def sections(self) -> Sequence[tuple[str, Sequence[Field]]]:
        """Return every setting as it is in force now, under the names of their tables in the file."""
        ...

    def problem(self, key: str, text: str) -> SettingsWrong | None:
        """Return what is wrong with a new value, None if nothing."""
        ...

    async def save(self, changes: Mapping[str, str]) -> None:
        """Save new values by dotted key. Raises ``SettingsWrong``; then nothing changed."""
        ...


def fields_of(desk: SettingsDesk) -> dict[str, Field]:
    """Return every setting by its key."""
    return {field.key: field for _, fields in desk.sections() for field in fields}


class UnsavedSettings:
    """Holds what was entered. The hub may set the same meanwhile, or lock it: nobody's word is lost silently.

    Attributes:
        entries: By key; also of what is locked by now, to say that it is not saved.
        problems: What is wrong with them, by key.
    """

    def __init__(self, desk: SettingsDesk) -> None:
        self._desk = desk
        self.entries: dict[str, EnteredText] = {}
        self.problems: dict[str, SettingsWrong] = {}

    def enter(self, key: str, text: str) -> bool:
        """Take what was entered, as the language writes it. Returns False if it cannot be set here."""
        field = fields_of(self._desk).get(key)
        if field is None or field.locked:
            return False
        self.problems.pop(key, None)
        before = self.entries.pop(key, None)
        value = plain(field, text)
        if value != field.value:
            self.entries[key] = EnteredText(text, before.over if before is not None else field.value)
            wrong = self._desk.problem(key, value)
            if wrong is not None:
                self.problems[key] = wrong
        return True

    def settle(self) -> None:
        """Forget what was entered where it is in force by now, and what was wrong where nothing is saved."""
        for key, field in fields_of(self._desk).items():
            entry = self.entries.get(key)
            if entry is not None and plain(field, entry.text) == field.value:
                del self.entries[key]
            if field.locked:
                self.problems.pop(key, None)

    def changes(self) -> dict[str, str]:
        """Return what is to be saved: nothing of what is locked by now."""
        fields = fields_of(self._desk)
        return {key: entry.text for key, entry in self.entries.items() if not fields[key].locked}

    def saved(self, changes: Mapping[str, str]) -> None:
        """Forget what was saved; what was entered since stays."""
        self.entries = {key: entry for key, entry in self.entries.items() if changes.get(key) != entry.text}

    def clear(self) -> None:
        """Forget all of it."""
        self.entries.clear()
        self.problems.clear()

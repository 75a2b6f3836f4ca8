"""The settings that a site's hub may give to its benches: a closed table, and what a text of them says.

What a bench speaks to, whom it trusts, who works there, what hangs at this computer and every secret is
decided at the computer. So an attacker at the hub, or a slip there, redirects no bench.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from loopdesk.domain.errors import SettingsWrong
from loopdesk.system.settings.given import validated
from loopdesk.system.settings.machine import LOCKED, locked_keys
from loopdesk.system.settings.model import SECTIONS, setting
from loopdesk.system.settings.toml import flatten, line_of

PUSHABLE: Final = frozenset(
    {
        *("hold_seconds", "sync_seconds", "theme", "purge_days", "log_level"),
        *(f"limits.{kind}" for kind in ("process", "remove", "cancel", "close", "flag", "note")),
        *(f"limits.{kind}" for kind in ("grade", "assess", "witness")),
        *("limits.flag_sends", "limits.note_sends", "limits.value_sends"),
        "process.body",
        "evidence.wait_seconds",
        *("sound.on", "sound.volume"),
        "pictures.megabytes",
        *("scanner.gap_ms", "scanner.least_length", "scanner.double_read_seconds"),
        "scanner.order_prefixes",
        *("printer.auto", "printer.width_mm", "printer.height_mm"),
    }
)
"""Every setting that may come from the hub, by its dotted key."""


@dataclass(frozen=True, slots=True)
class PushedSettings:
    """What a hub gives, by dotted key.

    Attributes:
        offered: Used where neither the profile nor whoever starts the program says something else.
        locked: Overrides these; only what IT locked on this computer is above it.
    """

    offered: Mapping[str, Any] = field(default_factory=dict)
    locked: Mapping[str, Any] = field(default_factory=dict)


def checked_settings(text: str, file: Path) -> PushedSettings:
    """Return what a text gives; it is written as the machine's file is, with the same ``locked``.

    Args:
        file: What a message names as the place of a mistake.

    Raises:
        SettingsWrong: With the line and the key of the first mistake, or of a setting that no hub may give.
    """
    tree = validated(text, file, frozenset({LOCKED}))
    wish = tree.pop(LOCKED, [])
    flat = flatten(tree, SECTIONS)
    for key in flat:
        if key not in PUSHABLE:
            place = tuple(key.split("."))
            raise SettingsWrong("not_for_a_hub", file=str(file), line=line_of(text, place), key=key)
    names = locked_keys(flat, wish, file, line_of(text, (LOCKED,)))
    for key in names:
        if key not in PUSHABLE:
            line = line_of(text, (LOCKED,))
            raise SettingsWrong(
                "locks_what_is_not_for_a_hub", file=str(file), line=line, key=LOCKED, name=key
            )
    locked = {key: flat.pop(key, setting(key).default) for key in names}
    return PushedSettings(offered=flat, locked=locked)

"""Writes ``docs/settings.md`` from the settings themselves: ``python -m loopdesk.system.settings.table``."""

from __future__ import annotations

from pathlib import Path

import loopdesk
from loopdesk.system.settings.model import SETTINGS
from loopdesk.system.settings.values import Setting

PAGE = Path(loopdesk.__file__).resolve().parents[1] / "docs" / "settings.md"

_INTRO = """\
# Settings

<!-- Written by `make docs` from loopdesk/system/settings/model.py; change it there. -->

A station's settings are one TOML file, `settings.toml`, in its profile folder:

| System | Profile folder |
|---|---|
| Windows | `%LOCALAPPDATA%\\loopdesk\\bench` |
| macOS | `~/Library/Application Support/loopdesk/bench` |
| Linux | `~/.local/share/loopdesk/bench` |
| anywhere else | what `--profile` or `LOOPDESK_PROFILE` names |

Practice has its own profile, `practice`: beside the bench, or inside the folder that was named.

* Each setting can also be given in the environment, under the name in the table; an empty value is none.
* The command line wins over the environment, the environment over the file, the file over what IT gave
  [through the hub](hub.md), that over what IT pushed to the machine, and that over the default. What IT
  locked wins over all of these: what it locked on the machine over what it locked at the hub. The Settings
  view shows it as *set by IT*.
* The machine's file has the same keys. It is `%ProgramData%\\loopdesk\\settings.toml`,
  `/Library/Application Support/loopdesk/settings.toml` or `/etc/loopdesk/settings.toml`;
  `LOOPDESK_MACHINE_SETTINGS` names another one, to try it out. `locked = true` in it locks all it sets,
  `locked = ["api", "hold_seconds"]` these keys and tables. On Windows each value of
  `HKLM\\Software\\Policies\\loopdesk` whose name is a key is locked too. See [For IT](it-guide.md).
* A wrong or unknown key stops the start with exit code 4 and names the file, the line and the key.
  If the file worked before, the copy of then (`settings.last-good.toml`) is used instead, and the
  window says so.
* The Settings view changes only the keys that were changed there; comments and order stay.
* The API key is never in this file. It is entered in the Settings view and kept by the system's key store
  (Windows Credential Manager, macOS Keychain, Secret Service). `LOOPDESK_API_KEY` gives a key for one
  run; it is never stored, and it is taken out of the environment that child processes see.

```toml
hold_seconds = 10

[station]
name = "Dock 3"

[scanner]
order_prefixes = ["EU-", "UK-"]
```

| Key | Environment | Default | Allowed | What it does |
|---|---|---|---|---|
"""


def render() -> str:
    """Return the whole page."""
    return _INTRO + "".join(f"{_row(known)}\n" for known in SETTINGS)


def _row(known: Setting) -> str:
    cells = (f"`{known.key}`", f"`{known.env}`", _default(known), _allowed(known), known.about)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _default(known: Setting) -> str:
    if known.default in ("", ()):
        return "none"
    if isinstance(known.default, bool):
        return f"`{str(known.default).lower()}`"
    return f"`{known.default:g}`" if isinstance(known.default, float) else f"`{known.default}`"


def _allowed(known: Setting) -> str:
    match known.kind:
        case "choice":
            return ", ".join(f"`{word}`" for word in known.options)
        case "switch":
            return "`true`, `false`"
        case "table":
            return "table of texts; JSON in the environment"
        case "list":
            return "list of texts; with commas in the environment"
        case "whole" | "number":
            return f"{known.least:.15g} to {known.most:.15g} {known.unit}".strip()
        case _:
            return "text"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8", newline="\n")

"""How to provide a key on each system, for the command's help and its error messages."""

from __future__ import annotations

HOW_TO_GIVE = (
    "  Linux, macOS:  loopdesk key set < key.txt",
    "  PowerShell:    Get-Content -Raw key.txt | loopdesk-cli key set",
    "  or run it without either, and paste the key when it asks for it.",
)

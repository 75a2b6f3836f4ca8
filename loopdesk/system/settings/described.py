"""What a setting is described by, beside its value: for the environment, the Settings view and the docs."""

from __future__ import annotations

from dataclasses import field
from typing import Any


def described(default: Any, label: str, about: str, **known: Any) -> Any:
    """Describe one setting: its default, label, description, and other fields of ``Setting``."""
    is_shown = not known.get("secret", False)
    return field(default=default, repr=is_shown, metadata={"label": label, "about": about, **known})

"""Who signs the program on a Mac, and with which entitlements.

The hardened runtime loads only libraries of the program's own team. An ad hoc signature names no team:
without the second entitlement, a hardened program that is signed so would not get beyond its interpreter.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
AD_HOC = "-"


def identity(environ: Mapping[str, str]) -> str:
    """Return the name of the certificate in ``SIGN_APP``; without one, that of an ad hoc signature.

    PyInstaller hardens whatever is signed by a name, and ``-`` is one: an unsigned build runs under the same
    restrictions as a release.
    """
    return environ.get("SIGN_APP", "").strip() or AD_HOC


def entitlements(who: str) -> Path:
    """Return the file of what a program signed by this identity may do."""
    return HERE / ("entitlements-adhoc.plist" if who == AD_HOC else "entitlements.plist")

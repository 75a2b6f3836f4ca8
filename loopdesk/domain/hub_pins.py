"""Which certificates of its hub a bench trusts: it follows what the hub tells over a line that one proves.

A hub that will change its certificate tells both for a while, so that each bench has trusted the new one
before it is used. A bench that was away for all that time does not know it, and joins again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

CERTIFICATES_PATH: Final = "/hub/v1/certificates"
TRUSTS: Final = "trusts"
"""Parameter by which a bench says what it trusts: ``trust_mark``."""

MOST: Final = 3
LONGEST_BYTES: Final = 2500
"""Of one certificate; the hub's own have 500."""

_SEQUENCE: Final = b"\x30"


def trust_mark(certificates: bytes) -> str:
    """Return the mark of what is trusted: 64 hex digits.

    Args:
        certificates: In DER, one behind the other.
    """
    return hashlib.sha256(certificates).hexdigest()


def pins_told(told: Sequence[bytes]) -> bytes:
    """Return what to trust from now on.

    Args:
        told: The hub's certificates (DER), the one in use first.

    Returns:
        They, one behind the other; b"" if they are none that could be trusted: then nothing changes.
    """
    is_usable = 0 < len(told) <= MOST and all(
        each[:1] == _SEQUENCE and len(each) <= LONGEST_BYTES for each in told
    )
    return b"".join(told) if is_usable else b""

"""Whether Loop sent a webhook: base64 of the HMAC-SHA256 over the bytes of the body, as they arrived.

Loop signs what PHP's ``json_encode`` wrote (``https:\\/\\/``, ``\\u00f6``). A body that was parsed and
serialized again has other bytes and another digest, so nothing may come between the socket and this.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

HEADER: Final = "X-Loop-Signature"


def signature_of(secret: str, raw: bytes) -> str:
    """Return what Loop writes into ``X-Loop-Signature`` for a body."""
    return base64.b64encode(hmac.digest(secret.encode(), raw, hashlib.sha256)).decode("ascii")


def is_signed(raw: bytes, header: str, secrets: Iterable[str]) -> bool:
    """Tell whether one of the secrets signed these bytes.

    Every secret is tried and every comparison takes the same time, so that the time tells nothing of them. A
    webhook has two while its secret is changed.

    Args:
        raw: The body as it arrived.
        header: What ``X-Loop-Signature`` says, "" without one.
        secrets: Those of the shop's webhooks for the topic; empty ones sign nothing.
    """
    shown = header.strip().encode("utf-8", "surrogateescape")
    found = False
    for secret in secrets:
        wanted = signature_of(secret, raw).encode()
        found |= bool(secret) and hmac.compare_digest(shown, wanted)
    return found

"""Signed addresses of an S3-compatible bucket (AWS Signature Version 4, in the query).

The secret signs; it is never part of a request. What is signed is the method, the address and the time, not
the content.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, unquote, urlsplit

ALGORITHM: Final = "AWS4-HMAC-SHA256"
EXPIRES_SECONDS: Final = 300
_UNRESERVED: Final = "-_.~"
_PORTS: Final = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An access key of a bucket.

    Attributes:
        key_id: Its id, which every signed address shows.
        region: Of the bucket; for most of Amazon's kin ``us-east-1``.
    """

    key_id: str
    secret: str = field(repr=False)
    region: str


def signed_url(
    method: str, url: str, key: SigningKey, at: datetime, expires_seconds: int = EXPIRES_SECONDS
) -> str:
    """Return an address that allows one method on one object for some minutes.

    Args:
        url: Of the object, without a query.
        at: Now, by the bucket's clock: it accepts a difference of 15 minutes.
    """
    parts = urlsplit(url)
    host = _host(parts.scheme, parts.hostname or "", parts.port)
    path = quote(unquote(parts.path), safe="/" + _UNRESERVED) or "/"
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{key.region}/s3/aws4_request"
    query = {
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{key.key_id}/{scope}",
        "X-Amz-Date": stamp,
        "X-Amz-Expires": str(expires_seconds),
        "X-Amz-SignedHeaders": "host",
    }
    asked = "&".join(f"{name}={quote(value, safe=_UNRESERVED)}" for name, value in sorted(query.items()))
    request = "\n".join((method, path, asked, f"host:{host}\n", "host", "UNSIGNED-PAYLOAD"))
    text = "\n".join((ALGORITHM, stamp, scope, hashlib.sha256(request.encode()).hexdigest()))
    signature = _hmac(_signing_key(key, stamp[:8]), text).hex()
    return f"{parts.scheme}://{host}{path}?{asked}&X-Amz-Signature={signature}"


def _host(scheme: str, name: str, port: int | None) -> str:
    shown = f"[{name}]" if ":" in name else name
    return shown if port in (None, _PORTS.get(scheme)) else f"{shown}:{port}"


def _signing_key(key: SigningKey, day: str) -> bytes:
    part = f"AWS4{key.secret}".encode()
    for word in (day, key.region, "s3", "aws4_request"):
        part = _hmac(part, word)
    return part


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()

"""Loop's keys at rest: AES-256-GCM, each bound to its shop and to its row's number; and what else is sealed.

A sealed text is 12 bytes of nonce, then the ciphertext with its tag. A row that was swapped with another, or
changed in one bit, does not open.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from loopdesk.hub.failures import HubFailure

VARIABLE: Final = "LOOPDESK_HUB_KEY"
"""The environment's variable with the encryption key; it goes before the file."""

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12


class SealingKey:
    """The encryption key of a hub.

    Args:
        key: 32 random bytes.

    Attributes:
        mark: Tells it from others without telling it: by this a row says which key sealed it.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)
        self._key = key
        self.mark = hashlib.sha256(b"loopdesk hub mark" + key).digest()[:8]

    def seal(self, text: str, shop_id: str, key_id: int) -> bytes:
        """Return the text, sealed for one shop and one row."""
        return self.seal_bytes(text.encode(), _bound(shop_id, key_id))

    def open(self, sealed: bytes, shop_id: str, key_id: int) -> str | None:
        """Return what was sealed, None if it is of another key, shop or row, or was changed."""
        opened = self.open_bytes(sealed, _bound(shop_id, key_id))
        return None if opened is None else opened.decode()

    def seal_bytes(self, plain: bytes, about: str) -> bytes:
        """Return bytes, sealed for one use alone.

        Args:
            about: What they are, in words that no other sealed text has.
        """
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, about.encode())

    def open_bytes(self, sealed: bytes, about: str) -> bytes | None:
        """Return what was sealed, None if it is of another key, was about something else, or was changed."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], about.encode())
        except (InvalidTag, ValueError):
            return None

    def derived(self, use: str) -> bytes:
        """Return a key of 32 bytes for one other use alone; who has it cannot tell this one."""
        return hmac.new(self._key, f"loopdesk hub {use}".encode(), hashlib.sha256).digest()


def _bound(shop_id: str, key_id: int) -> str:
    return f"{shop_id} {key_id}"


def new_key_text() -> str:
    """Return a new encryption key as it is written: base64 in one line."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def sealing_key(file: Path, environment: Mapping[str, str]) -> SealingKey:
    """Return the encryption key: the environment's, else the file's.

    Raises:
        HubFailure: ``key_missing`` if there is none, ``key_open`` if others than its owner may read the file,
            ``key_malformed`` if it is no 32 bytes in base64.
    """
    text = environment.get(VARIABLE, "")
    if not text:
        try:
            if os.name == "posix" and file.stat().st_mode & 0o077:
                raise HubFailure(why="key_open", file=str(file))
            text = file.read_text("ascii")
        except (OSError, UnicodeDecodeError) as failure:
            raise HubFailure(why="key_missing", file=str(file), variable=VARIABLE) from failure
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise HubFailure(why="key_malformed")
    return SealingKey(key)

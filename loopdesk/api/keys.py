"""The API key: no repr, log line or exception can show it, and it is added to a request last."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Generator
from typing import Final, NoReturn

import httpx

from loopdesk.domain.errors import SettingsWrong

KEY_HEADER: Final = "X-Authorization"
SHOWN: Final = "<key>"

_FINGERPRINT_LABEL: Final = b"loopdesk api key fingerprint v1"
_LONGEST: Final = 512
_WORTH_HIDING: Final = 6
"""A shorter text (a key of the simulator, such as "demo") occurs in ordinary words."""


class ApiKey:
    """A validated API key whose every text form is ``<key>``."""

    __slots__ = ("__value",)

    def __init__(self, text: str) -> None:
        """Validate and keep a key.

        Args:
            text: What was entered or stored; surrounding white space is stripped.

        Raises:
            SettingsWrong: It is empty, longer than 512 characters, or has a character that is not allowed in
                a header. The message never contains the key.
        """
        value = text.strip()
        if not value or len(value) > _LONGEST or not all("!" <= character <= "~" for character in value):
            raise SettingsWrong(
                "the API key must be 1 to 512 printable ASCII characters without spaces or line breaks",
                file="key store",
                key="api_key",
            )
        self.__value = value

    def reveal(self) -> str:
        """Return the key itself. Only for the request's header and the fingerprint."""
        return self.__value

    def fingerprint(self) -> str:
        """Return 16 hex digits that identify the key without revealing it (HMAC-SHA256 of a fixed label)."""
        return hmac.new(self.__value.encode("ascii"), _FINGERPRINT_LABEL, hashlib.sha256).hexdigest()[:16]

    def redact(self, text: str) -> str:
        """Replace the key in a text, if it occurs, with ``<key>``."""
        return text.replace(self.__value, SHOWN) if len(self.__value) >= _WORTH_HIDING else text

    def __repr__(self) -> str:
        return SHOWN

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return SHOWN

    def __reduce__(self) -> NoReturn:
        raise TypeError("an API key is not to be copied out of memory")


class KeyAuth(httpx.Auth):
    """Adds the key to a request after everything else about it is final."""

    def __init__(self, key: ApiKey) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header to the request about to be sent."""
        request.headers[KEY_HEADER] = self._key.reveal()
        yield request

    def __repr__(self) -> str:
        return f"KeyAuth({SHOWN})"

"""The files of the hub's own certificate, and of the next one: read while the hub runs, and put in its place.

The next pair stands beside the one in use, with "next" in its names. While it is there every bench is told of
both certificates, over the line that the first one proves, and trusts both from then on; so the second can be
used once they all know it. What was used before stays, with "old" in its names.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Final, NoReturn

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from loopdesk.hub.benches.certificate import check_pair, der_of
from loopdesk.hub.failures import HubFailure
from loopdesk.services.ports.station import Clock

log = logging.getLogger("loopdesk.hub")

LOOK_SECONDS: Final = 10.0
"""So often a running hub looks at the files."""


def beside(file: Path, word: str) -> Path:
    """Return the path of another pair's file, with a word in its name."""
    return file.with_name(f"{file.stem}.{word}{file.suffix}")


def put_in_place(certificate: Path, key: Path) -> None:
    """Put the next pair in the place of the one in use, which stays as the old one.

    A hub that looks in the middle finds no pair, and goes on with what it has.

    Raises:
        OSError: A file is missing or cannot be moved, or the next are no pair.
    """
    check_pair(beside(certificate, "next"), beside(key, "next"))
    for file in (key, certificate):
        with suppress(FileNotFoundError):
            file.replace(beside(file, "old"))
        beside(file, "next").replace(file)


class CertificateFiles:
    """The certificates of one process.

    Args:
        certificate, key: PEM files of the pair in use; None without TLS of the hub's own.
        now: The time, aware UTC.

    Attributes:
        announced: The certificates that benches shall trust (DER), the one in use first; none where an
            authority signed it, which they know without us.
    """

    def __init__(self, certificate: Path | None, key: Path | None, now: Callable[[], datetime]) -> None:
        self._certificate = certificate
        self._key = key
        self._now = now
        self._seen: tuple[bytes, bytes] | None = None
        self._served = b""
        self.announced: tuple[bytes, ...] = ()

    def begin(self) -> None:
        """Read them for the first time.

        Raises:
            HubFailure: They cannot be used.
        """
        self.look()
        if self._certificate is not None and self._seen is None:
            raise HubFailure(why="certificate_unusable", file=str(self._certificate))

    async def keep_current(self, context: ssl.SSLContext | None, clock: Clock) -> NoReturn:
        """Look at the files now and then, and serve what lies there to whoever connects from then on."""
        while True:
            self.look(context)
            await clock.sleep(LOOK_SECONDS)

    def look(self, context: ssl.SSLContext | None = None) -> None:
        """Read the files. What is no pair, as in the middle of a change, leaves everything as it is.

        Args:
            context: That of the server, which gets a changed pair.
        """
        if self._certificate is None:
            return
        try:
            if self._key is None:
                raise FileNotFoundError
            found = self._certificate.read_bytes(), self._key.read_bytes()
            if found != self._seen:
                check_pair(self._certificate, self._key)
                if context is not None and self._seen is not None:
                    context.load_cert_chain(self._certificate, self._key)
                self._use(found)
        except (OSError, ValueError) as failure:
            log.error("certificate_unusable kind=%s", type(failure).__name__)
            return
        self.announced = (self._served, *self._next()) if self._served else ()

    def _use(self, found: tuple[bytes, bytes]) -> None:
        used = x509.load_pem_x509_certificate(found[0])
        is_own = used.issuer == used.subject
        self._served = used.public_bytes(Encoding.DER) if is_own else b""
        if self._seen is not None:
            log.info("certificate_changed")
        if not used.not_valid_before_utc <= self._now() <= used.not_valid_after_utc:
            log.error("certificate_date")
        self._seen = found

    def _next(self) -> tuple[bytes, ...]:
        assert self._certificate is not None
        assert self._key is not None
        certificate, key = beside(self._certificate, "next"), beside(self._key, "next")
        if not certificate.exists():
            return ()
        try:
            check_pair(certificate, key)
            return (der_of(certificate),)
        except (OSError, ValueError) as failure:
            log.error("next_certificate_unusable kind=%s", type(failure).__name__)
            return ()

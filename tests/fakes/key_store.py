"""A key store in memory."""

from __future__ import annotations


class KeyStore:
    """An in-memory fake of a ``keyring`` backend. Lives as long as the test."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        """Return what is stored, or None."""
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store."""
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        """Remove; raises when there is nothing."""
        del self.kept[service, username]

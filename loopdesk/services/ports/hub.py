"""The port to a hub's door, where a bench joins."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from loopdesk.domain.hub_join import JoinCode


@dataclass(frozen=True, slots=True)
class HubShop:
    """A shop of the hub; the fingerprint is that of the key which the hub holds for it."""

    name: str
    key_fingerprint: str


@dataclass(frozen=True, slots=True)
class JoinedHub:
    """What a code was redeemed for.

    Attributes:
        url: The hub's address, as in the code.
        token: The bench's own; it takes the place of Loop's key.
        bench: What the hub calls this bench.
        shops: Whose returns this bench may work on.
        certificate: The only one to trust at that address (DER); b"" for this machine's trust store.
    """

    url: str
    token: str = field(repr=False)
    bench: str
    shops: tuple[HubShop, ...]
    certificate: bytes = field(default=b"", repr=False)


class HubDoor(Protocol):
    """Redeems join codes."""

    async def redeem(self, code: JoinCode, bench: str) -> JoinedHub:
        """Redeem a code. It is used up by this, whatever comes of the answer.

        Args:
            bench: What this bench calls itself.

        Raises:
            HubNotJoined: Its ``why`` is a ``JoinRefusal``, ``join_unreachable``, ``join_certificate`` or
                ``join_certificate_date`` (nothing was sent), or ``join_answer``.
        """
        ...


class KnownCertificates(Protocol):
    """The hub, asked which of its certificates to trust."""

    async def certificates(self, trusted: bytes) -> tuple[bytes, ...]:
        """Ask it, over a line that one of them proves.

        Args:
            trusted: What is trusted now (DER, one behind the other): told, so that IT sees who knows which.

        Returns:
            The certificates (DER), the one in use first; none if the hub has none of its own.

        Raises:
            ApiError: It could not be asked; ``NotFound`` if the hub is older than the question.
        """
        ...

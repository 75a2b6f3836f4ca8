"""Asks the hub which of its certificates to trust. Implements ``services.ports.hub.KnownCertificates``."""

from __future__ import annotations

import binascii
from typing import Any

from loopdesk.api.calls import Call, Nature
from loopdesk.api.connections import pinned_context
from loopdesk.api.transport import Transport
from loopdesk.domain.errors import AnswerLost, SettingsWrong
from loopdesk.domain.hub_pins import CERTIFICATES_PATH, TRUSTS, trust_mark
from loopdesk.services.ports.loop import Priority


class HubCertificates:
    """The question, on the line to the hub."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def certificates(self, trusted: bytes) -> tuple[bytes, ...]:
        """Ask it. See the port."""
        call = Call(
            "certificates",
            "GET",
            CERTIFICATES_PATH,
            Nature.READ,
            Priority.BACKGROUND,
            query=((TRUSTS, trust_mark(trusted)),),
            is_at_hub=True,
        )
        return _read((await self._transport.request(call)).value)


def _read(answer: Any) -> tuple[bytes, ...]:
    told = answer.get("certificates") if isinstance(answer, dict) else None
    try:
        found = tuple(binascii.a2b_base64(each, strict_mode=True) for each in told or ())
        for each in found:
            pinned_context(each)
    except (ValueError, TypeError, SettingsWrong):
        raise AnswerLost from None
    return found

"""The settings of a bench that speaks to Loop through its site's hub."""

from __future__ import annotations

import binascii
from dataclasses import dataclass

from loopdesk.system.settings import values
from loopdesk.system.settings.described import described as _setting


@dataclass(frozen=True, slots=True)
class HubUseSettings:
    """The site's hub, if this bench speaks to Loop through one. Written by joining it."""

    used: bool = _setting(
        False,
        "Loop's address is a hub's",
        "The address above is that of this site's hub, and the key is this bench's token there. Loop itself "
        "is never asked then.",
        env="HUB",
    )
    certificate: str = _setting(
        "",
        "Hub's certificate",
        "The only certificate that is trusted at that address, in base64 (DER); two, one behind the other, "
        "while the hub changes it. Empty for this computer's own trust store.",
        longest=8000,
        clean=values.certificate,
    )
    direct_benches: bool = _setting(
        False,
        "Benches without the hub",
        "Other benches of this shop still speak to Loop themselves: returns are claimed at Loop by a note "
        "too.",
    )

    @property
    def der(self) -> bytes:
        """The certificate's bytes; b"" if there is none."""
        return binascii.a2b_base64(self.certificate) if self.used else b""

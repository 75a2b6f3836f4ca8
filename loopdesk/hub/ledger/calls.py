"""What a request of a bench asks of Loop: its kind and its return, and what it passes on verbatim."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

from loopdesk.api.calls import Call, Nature
from loopdesk.api.versions import VERSIONS, ApiVersion
from loopdesk.domain.outbox.actions import Kind
from loopdesk.services.ports.loop import Priority

_WORDS: Final = {kind.value: kind for kind in Kind if kind not in (Kind.GRADE, Kind.ASSESS)}
_OF_RETURN: Final = re.compile(
    rf"/warehouse/return/(?P<id>[0-9]{{1,19}})/(?P<word>{'|'.join(_WORDS)})\Z", re.ASCII
)
_OF_LINES: Final = re.compile(r"/dispositioning/(?P<word>grade|assess)\Z", re.ASCII)
_QUERY: Final = re.compile(r"[!-~]{0,4096}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class ActionCall:
    """One action as it goes to Loop.

    Attributes:
        return_id: Decimal without leading zeros, "" for grades and assessments.
        path: Below the version, as it came.
        query: As it came, "" for none.
        body: As it came.
    """

    kind: Kind
    version: ApiVersion
    return_id: str
    path: str
    query: str = field(default="", repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def sha256(self, shop_id: str) -> str:
        """Return the hash over everything that Loop would see, and where; in hex."""
        digest = hashlib.sha256()
        for part in (shop_id.encode(), self.version.segment.encode(), self.target.encode(), self.body):
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()

    @property
    def judged_as(self) -> Call:
        """The call by which Loop's answer is judged."""
        nature = Nature.VALUES if self.kind.spec.sets_value else Nature.ACTION
        query = tuple(parse_qsl(self.query))
        return Call(self.kind.value, "POST", self.path, nature, Priority.ACTION, query=query, body=self.body)


def action_call(segment: str, path: str, query: bytes, body: bytes) -> ActionCall | None:
    """Read an action from a request to ``/api/{segment}{path}``; None if it is none that a bench may send."""
    version = VERSIONS.get(segment)
    text = query.decode("latin-1")
    if version is None or not _QUERY.match(text):
        return None
    if found := _OF_RETURN.match(path):
        return ActionCall(_WORDS[found["word"]], version, str(int(found["id"])), path, text, body)
    if found := _OF_LINES.match(path):
        return ActionCall(Kind(found["word"]), version, "", path, text, body)
    return None

"""The switches of the simulated Loop: the shop's settings, and API behavior that varies in the wild."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

ENDINGS = ("close", "stay_open", "review", "drop", "unpaid")
"""How accepted processing may end: closed and paid, silently still open, sent to review, dropped, or closed
unpaid.
"""

REMOVAL_ENDINGS = (*ENDINGS, "partial", "error", "partial_error")
"""A removal may also leave the return open without the lines, or answer 500 before or after that."""

CHOICES: dict[str, tuple[str, ...]] = {
    "processing_ending": ENDINGS,
    "removal_ending": REMOVAL_ENDINGS,
    "flag_sets": ("review", "marker"),
    "notes_shape": ("array", "object"),
    "unauthorized_shape": ("gateway", "api"),
    "order_lookup": ("array", "newest"),
    "order_name_form": ("any", "bare", "hash"),
    "cursor_ties": ("kept", "lost", "repeated"),
    "list_dates": ("offset", "millis"),
    "asn_style": ("spec", "old"),
    "payment_fields": ("all", "details", "none"),
    "unpaid_shows": ("null", "zero"),
    "webhook_form": ("new", "old", "mixed"),
    "webhook_default_status": ("inactive", "active"),
}
"""The settings that take one of a few words."""


@dataclass(slots=True)
class Settings:
    """Every switch; the defaults are a well-behaved Loop.

    Attributes:
        allow_flagged: The shop allows processing of flagged and reviewed returns.
        processing_seconds: Delay between accepting processing and its effect.
        guards_queued: While processing is queued, the return accepts no action that would end or change it;
            otherwise a second processing is accepted and pays out again.
        processing_ending: How processing ends, one of `ENDINGS`.
        removal_ending: How remove-and-process ends, one of `REMOVAL_ENDINGS`.
        flag_sets: Flagging sets the state `review`, or leaves it open with the hidden marker.
        rate_limit: Requests per key and minute, over all endpoints; None switches the limit off.
        retry_after: Whether a 429 of the rate limit carries `Retry-After`.
        note_limit: The longest accepted note, in characters (254 or 255: the message is ambiguous).
        string_true: Actions answer `"true"` in quotes.
        notes_shape: Notes come as a bare `array`, or as an `object` with the key `notes`.
        unauthorized_shape: 401 in the shape of the gateway, or of the older returns API.
        escaped_slashes: JSON with `\\/`, as PHP writes it.
        extra_fields: Every return and line carries undocumented fields.
        order_lookup: Several returns of an order come as an `array`, or only the `newest` comes.
        order_name_form: Which spelling of an order name is found: with or without `#`, or `any`.
        cursor_ties: What becomes of returns of the same second at a page's edge.
        list_dates: ISO times of the list with an offset, or with milliseconds and `Z`.
        asn_style: Rows of the notice as specified, or with ints and `dd/mm/yyyy`.
        label_bumps_updated: A label change updates the return's `updated_at`.
        grade_bumps_updated: So does a grade or disposition.
        inspections_in_reads: List and details carry condition and disposition of the lines.
        date_offset_seconds: Offset of the `Date` header from the true time.
        payment_fields: Whether list and details, details alone, or no responses at all show payment.
        payment_seconds: Delay between closing a return and its responses showing that it was paid.
        unpaid_shows: What is unpaid is null and empty, or refunds of zero and empty objects.
        webhook_form: The age of the webhooks' bodies; `mixed` draws one for each.
        webhook_default_status: Status of a subscription that is made without one.
        webhook_tells_secret: The answer to a new subscription carries its secret.
        webhook_knows_processing: The topic `return.processing` is accepted by the API.
        webhook_doubled: Share of the webhooks that are sent twice.
        webhook_unsigned: Share that is signed with a wrong secret.
        webhook_empty: Share that is sent without a body.
        webhook_lost: Share that is never sent.
        webhook_late_seconds: Each is sent after a random part of that time, so that they overtake each other.
        webhook_retry_seconds: Wait before the first of five repeats; each further one is twice as long.
        foreign_links: If set, the origin that paging links point to instead of this server.
    """

    allow_flagged: bool = False
    processing_seconds: float = 2.0
    guards_queued: bool = False
    processing_ending: str = "close"
    removal_ending: str = "close"
    flag_sets: str = "review"
    rate_limit: int | None = 300
    retry_after: bool = False
    note_limit: int = 254
    string_true: bool = False
    notes_shape: str = "array"
    unauthorized_shape: str = "gateway"
    escaped_slashes: bool = False
    extra_fields: bool = False
    order_lookup: str = "array"
    order_name_form: str = "any"
    cursor_ties: str = "kept"
    list_dates: str = "offset"
    asn_style: str = "spec"
    label_bumps_updated: bool = False
    grade_bumps_updated: bool = False
    inspections_in_reads: bool = True
    date_offset_seconds: float = 0.0
    payment_fields: str = "all"
    payment_seconds: float = 0.0
    unpaid_shows: str = "null"
    webhook_form: str = "new"
    webhook_default_status: str = "inactive"
    webhook_tells_secret: bool = False
    webhook_knows_processing: bool = True
    webhook_doubled: float = 0.0
    webhook_unsigned: float = 0.0
    webhook_empty: float = 0.0
    webhook_lost: float = 0.0
    webhook_late_seconds: float = 0.0
    webhook_retry_seconds: float = 5.0
    foreign_links: str | None = None

    def change(self, **changes: Any) -> None:
        """Set some switches by name; all or none.

        Raises:
            ValueError: A name is unknown, or a value has the wrong type.
        """
        known = {each.name: getattr(self, each.name) for each in fields(self)}
        for name, value in changes.items():
            if name not in known:
                raise ValueError(f"no setting is called {name!r}")
            _check(name, value, known[name])
        for name, value in changes.items():
            setattr(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        """Return every switch, ready for JSON."""
        return asdict(self)


_NUMBERS_OR_NOTHING = {"rate_limit"}
_TEXTS_OR_NOTHING = {"foreign_links"}


def _check(name: str, value: Any, present: Any) -> None:
    """Reject a value of the wrong type."""
    if name in CHOICES:
        right = value in CHOICES[name]
    elif name in _TEXTS_OR_NOTHING:
        right = value is None or isinstance(value, str)
    elif name in _NUMBERS_OR_NOTHING:
        right = value is None or (isinstance(value, int) and not isinstance(value, bool) and value > 0)
    elif isinstance(present, bool):
        right = isinstance(value, bool)
    else:
        right = isinstance(value, int | float) and not isinstance(value, bool)
    if not right:
        raise ValueError(f"{value!r} is no value for {name}")

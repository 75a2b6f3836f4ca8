"""What the screens say: the words of the domain as a person on a dock reads them.

Plain functions from values to English sentences. Every text is looked up in the
catalog of the language (``i18n.catalogue``); foreign text only ever fills a placeholder.
No code of ours or of Loop's is a word: what has no sentence here is shown in Loop's own words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from loopdesk.domain.labels.gs1 import RUN_TOGETHER
from loopdesk.domain.outbox.actions import Kind
from loopdesk.domain.outbox.stages import AT_HUB, Cause, Entry, ParkReason, Stage, Why
from loopdesk.domain.returns.grading import Disposition, Grade, Inspection, Vocabulary
from loopdesk.domain.returns.returns import LineItem, LineOutcome, Money, Outcome, Return, ReturnState
from loopdesk.domain.settlement import FlagCause, SettlementKind
from loopdesk.i18n import formats
from loopdesk.i18n.catalogue import N_, _, ngettext
from loopdesk.presenters.words import hub_words
from loopdesk.presenters.words.errors import rule


def listed(parts: Iterable[str]) -> str:
    """Join what is not empty by a middle dot."""
    return " · ".join(part for part in parts if part)


def joined(parts: Iterable[str]) -> str:
    """Join what is not empty as in a sentence: "a, b and c"."""
    words = [part for part in parts if part]
    if len(words) < 2:
        return "".join(words)
    return _("{first} and {last}", first=", ".join(words[:-1]), last=words[-1])


def capitalized(text: str) -> str:
    """Begin with a capital letter, and leave the rest as it is."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Begin with a capital letter and end with a full stop, once."""
    text = capitalized(text.strip())
    if not text:
        return ""
    return text if text[-1] in ".!?…:" else text + "."


# --- stages, kinds, reasons -------------------------------------------------------------------------

_STAGES: Mapping[Stage, tuple[str, str]] = {
    Stage.HELD: (N_("Kept, undo possible"), "offline"),
    Stage.READY: (N_("Waits to be sent"), "offline"),
    Stage.SENDING: (N_("Being sent"), "accent"),
    Stage.UNCERTAIN: (N_("Asking Loop what happened"), "unknown"),
    Stage.SETTLING: (N_("Accepted by Loop, waiting for it to finish"), "accent"),
    Stage.PARKED: (N_("Needs you"), "blocked"),
    Stage.DONE: (N_("Confirmed by Loop"), "ok"),
    Stage.SUPERSEDED: (N_("Loop had done it already"), "plain"),
    Stage.WITHDRAWN: (N_("Withdrawn"), "plain"),
}


def stage(stage: Stage, error: str = "") -> str:
    """Say where an entry stands; only what was read back is called confirmed."""
    if error == Why.OVERTAKEN:
        return _("Left out for a newer decision")
    if stage is Stage.SETTLING and error == Why.UNPAID:
        return _("Closed at Loop, payment not shown yet")
    if stage is Stage.DONE and error == Why.SAID_DONE:
        return _("Done on a person’s word")
    return _(_STAGES[stage][0])


def stage_tone(stage: Stage, error: str = "") -> str:
    """Return the theme role of a stage; a person's word alone is never green."""
    return "plain" if stage is Stage.DONE and error == Why.SAID_DONE else _STAGES[stage][1]


_KINDS: Mapping[Kind, str] = {
    Kind.GRADE: N_("Grade"),
    Kind.ASSESS: N_("Place"),
    Kind.NOTE: N_("Note"),
    Kind.FLAG: N_("Flag for review"),
    Kind.PROCESS: N_("Process"),
    Kind.REMOVE: N_("Remove and process"),
    Kind.CANCEL: N_("Cancel the return"),
    Kind.CLOSE: N_("Close without refund or exchange"),
}


def kind(kind: Kind) -> str:
    """Name what is asked of Loop."""
    return _(_KINDS[kind])


_SETTLEMENTS: Mapping[SettlementKind, str] = {
    SettlementKind.PROCESS: N_("Process"),
    SettlementKind.REMOVE_AND_PROCESS: N_("Remove and process"),
    SettlementKind.FLAG: N_("Flag for review"),
    SettlementKind.GRADE_ONLY: N_("Grade only"),
    SettlementKind.SET_ASIDE: N_("Set aside"),
    SettlementKind.CANCEL: N_("Cancel the return"),
    SettlementKind.CLOSE: N_("Close without refund or exchange"),
}


def settlement(kind: SettlementKind | str) -> str:
    """Name a settlement; an unknown word is shown as it is."""
    try:
        return _(_SETTLEMENTS[SettlementKind(kind)])
    except ValueError:
        return str(kind).replace("_", " ")


_REASONS: Mapping[ParkReason, str] = {
    ParkReason.REFUSED: N_("Loop refused"),
    ParkReason.CONFLICT: N_("Changed at Loop meanwhile"),
    ParkReason.UNDECIDED: N_("Loop does not show whether it happened"),
    ParkReason.DEPENDENCY: N_("Waits for an earlier step that needs you"),
    ParkReason.DAMAGED: N_("Damaged on this station; it will not be sent"),
}


def reason(reason: ParkReason | str | None) -> str:
    """Say why something needs a person; "" for no reason."""
    if not reason:
        return ""
    try:
        return _(_REASONS[ParkReason(reason)])
    except ValueError:
        return str(reason)


_FAILURES: Mapping[str, str] = {
    Why.NO_EFFECT: N_("Loop shows no effect of it so far"),
    Why.PARTIAL: N_("the lines are gone at Loop, but the return is not closed"),
    Why.TARGETS_REMAIN: N_("Loop closed the return with the lines that were to be removed"),
    Why.CLOSED_WITH_OUTCOMES: N_("Loop closed the return and paid or shipped what was promised"),
    Why.OTHER_STATE: N_("the return came to another end at Loop"),
    Why.CHANGED: N_("Loop shows something else than the operator saw"),
    Why.NOT_FOUND: N_("Loop says that it knows no such return"),
    Why.TWICE: N_("the note stands twice at Loop"),
    Why.WAITS: N_("waits for an earlier step that needs you"),
    Why.DAMAGED: N_("what was kept here is damaged"),
    Why.OVERTAKEN: N_("a newer decision took its place"),
    Why.SAID_DONE: N_("a person said that it is done"),
    Why.MORE_PARCELS: N_("Loop names another parcel since; what was missing may lie in it"),
    Why.LINE_GONE: N_("Loop no longer shows this line, so it cannot be seen whether it was taken"),
    Why.UNREADABLE: N_("Loop does not show the return"),
    Why.UNPAID: N_("closed at Loop, payment not shown yet"),
    Why.NO_WITNESS: N_("closed at Loop, nothing shows that it was paid"),
    Why.RESTORED: N_("it may have been sent after the older copy of the store was made"),
    Why.REFUSED: N_("Loop gave no reason"),
    Why.FAILED_LATER: N_("Loop accepted it, and then could not do it"),
    Why.CLAIMED: N_("it is being finished at {station}"),
    Why.CATEGORY_UNNAMED: N_(
        "this API version needs a subject and a title for the grade {grade}; IT adds both to it in the "
        "vocabulary file"
    ),
}


def failure(cause: Cause) -> str:
    """Say why an entry does not move, or ended as it did; Loop's and people's own words stay as they are."""
    if cause.code == Why.DROPPED or (cause.code == Why.REFUSED and cause.value):
        return cause.value
    if cause.code in AT_HUB:
        return hub_words.claim(cause)
    if cause.code == Why.FAILED_LATER and cause.value:
        return _("Loop accepted it, and then could not do it: {words}", words=cause.value)
    text = _FAILURES.get(cause.code)
    if text is not None:
        return _(text, station=cause.value, grade=cause.value)
    return rule(cause.code) if cause else ""


_CAUSES: Mapping[FlagCause, str] = {
    FlagCause.MISSING_NOT_REMOVABLE: N_("a missing item cannot be removed from this return"),
    FlagCause.NOTHING_PRESENT: N_("no item was in the parcel"),
    FlagCause.EMPTY_BOX: N_("the box was empty"),
    FlagCause.WRONG_ITEM: N_("a wrong item was in the parcel"),
    FlagCause.EXTRA_ITEM: N_("an extra item was in the parcel"),
    FlagCause.WRONG_PARCEL: N_("the parcel belongs elsewhere"),
    FlagCause.REVIEW_GRADE: N_("a grade asks for a review"),
    FlagCause.OPERATOR: N_("you asked for a review"),
}


def flag_cause(cause: FlagCause) -> str:
    """Say why the rules ask for a flag, as part of a sentence."""
    return _(_CAUSES[cause])


# --- returns ----------------------------------------------------------------------------------------

_STATES: Mapping[ReturnState, tuple[str, str]] = {
    ReturnState.OPEN: (N_("Open"), "ok"),
    ReturnState.CLOSED: (N_("Closed"), "accent"),
    ReturnState.CANCELLED: (N_("Cancelled"), "blocked"),
    ReturnState.EXPIRED: (N_("Expired"), "offline"),
    ReturnState.REVIEW: (N_("In review"), "unknown"),
    ReturnState.UNKNOWN: (N_("Unknown to this program"), "blocked"),
}


def state(state: ReturnState, raw: str = "") -> str:
    """Say a return's state; one we do not know is quoted in Loop's word."""
    if state is ReturnState.UNKNOWN and raw:
        return _("Loop says “{word}”", word=raw)
    return _(_STATES[state][0])


def state_word(raw: str) -> str:
    """Say a state from Loop's raw word, as fingerprints hold it."""
    try:
        return state(ReturnState(raw))
    except ValueError:
        return state(ReturnState.UNKNOWN, raw)


def state_tone(state: ReturnState) -> str:
    """Return the theme role of a state."""
    return _STATES[state][1]


_OUTCOMES: Mapping[Outcome, str] = {
    Outcome.EXCHANGE: N_("Exchange"),
    Outcome.UPSELL: N_("Exchange with an extra payment"),
    Outcome.REFUND: N_("Refund"),
    Outcome.CREDIT: N_("Store credit"),
    Outcome.EXCHANGE_REFUND: N_("Exchange and refund"),
    Outcome.EXCHANGE_CREDIT: N_("Exchange and store credit"),
    Outcome.CREDIT_REFUND: N_("Store credit and refund"),
    Outcome.UNKNOWN: N_("Outcome unknown to this program"),
}


def outcome(outcome: Outcome, raw: str = "") -> str:
    """Say what the shopper chose; a word we do not know is quoted."""
    if outcome is Outcome.UNKNOWN and raw:
        return _("Loop says “{word}”", word=raw)
    return _(_OUTCOMES[outcome])


def outcome_word(raw: str) -> str:
    """Say an outcome from Loop's raw word."""
    try:
        return outcome(Outcome(raw))
    except ValueError:
        return outcome(Outcome.UNKNOWN, raw)


_LINE_OUTCOMES: Mapping[LineOutcome, str] = {
    LineOutcome.DEFAULT: "",
    LineOutcome.KEEP: N_("the shopper keeps it"),
    LineOutcome.DONATE: N_("donated by the shopper"),
    LineOutcome.REJECT: N_("rejected at Loop"),
    LineOutcome.UNKNOWN: N_("unknown outcome"),
}


def line_outcome(outcome: LineOutcome, raw: str = "") -> str:
    """Say what Loop decided for one unit; "" for the usual."""
    if outcome is LineOutcome.UNKNOWN and raw:
        return _("Loop says “{word}”", word=raw)
    text = _LINE_OUTCOMES[outcome]
    return _(text) if text else ""


def line_title(line: LineItem) -> str:
    """Name a line: title and variant."""
    name = line.title or line.sku or _("Line {line_id}", line_id=line.line_item_id)
    has_variant = bool(line.variant_title) and line.variant_title not in name
    return f"{name} — {line.variant_title}" if has_variant else name


def lines(number: int) -> str:
    """Say how many lines."""
    return ngettext("1 line", "{n} lines", number)


def returns(number: int) -> str:
    """Say how many returns."""
    return ngettext("1 return", "{n} returns", number)


def money(money: Money | None) -> str:
    """Write an amount, "" when there is none."""
    return formats.current().money(f"{money.amount:.2f}", money.currency) if money is not None else ""


def promise(ret: Return) -> str:
    """Say what the shopper was promised: "Refund 98.68 USD to the original payment · 3 lines"."""
    totals = ret.totals
    parts: list[str] = []
    if ret.exchanges:
        names = joined(x.title or x.sku or x.exchange_id for x in ret.exchanges)
        parts.append(_("Exchange for {items}", items=names))
    elif ret.outcome in (Outcome.EXCHANGE, Outcome.EXCHANGE_CREDIT, Outcome.EXCHANGE_REFUND, Outcome.UPSELL):
        parts.append(_("Exchange"))
    if _is_some(totals.refund):
        parts.append(_("Refund {sum} to the original payment", sum=money(totals.refund)))
    if _is_some(totals.credit):
        parts.append(_("Store credit {sum}", sum=money(totals.credit)))
    if _is_some(totals.upsell):
        parts.append(_("Extra payment {sum}", sum=money(totals.upsell)))
    promised = joined(parts) or outcome(ret.outcome, ret.outcome_raw)
    return listed((promised, lines(len(ret.lines))))


def _is_some(money: Money | None) -> bool:
    return money is not None and money.amount != Decimal(0)


_LABELS: Mapping[str, str] = {
    "new": N_("label made"),
    "pending": N_("no label yet"),
    "no_label": N_("no label"),
    "n/a": "",
    "pre_transit": N_("not yet with the carrier"),
    "in_transit": N_("on its way"),
    "out_for_delivery": N_("out for delivery"),
    "delivered": N_("delivered"),
    "available_for_pickup": N_("ready for pickup"),
    "return_to_sender": N_("going back to the sender"),
    "needs_scheduled": N_("pickup not yet arranged"),
    "canceled": N_("label cancelled"),
    "cancelled": N_("label cancelled"),
    "error": N_("carrier reports a problem"),
    "failure": N_("carrier reports a failure"),
    "unknown": N_("carrier says nothing"),
}


def label_status(status: str) -> str:
    """Say what the carrier last reported; an unknown word is shown in lower case, "" stays ""."""
    word = status.strip().lower()
    if word not in _LABELS:
        return word.replace("_", " ")
    return _(_LABELS[word]) if _LABELS[word] else ""


_CARRIERS = {"usps": "USPS", "ups": "UPS", "fedex": "FedEx", "dhl": "DHL", "dhl_express": "DHL Express"}


def carrier(name: str) -> str:
    """Write a carrier's name as it writes itself."""
    return _CARRIERS.get(name.strip().lower(), name.strip())


_RETURN_KINDS: Mapping[str, str] = {
    "standard": "",
    "return": "",
    "warranty": N_("Warranty"),
    "gift": N_("Gift return"),
    "exchange": N_("Exchange"),
    "instant_exchange": N_("Instant exchange: the new item was sent before this parcel came"),
    "happy_returns": N_("Happy Returns"),
}


def return_kind(kind: str) -> str:
    """Say of which kind a return is; "" for the usual one."""
    text = _RETURN_KINDS.get(kind.strip().lower())
    if text is None:
        return kind.replace("_", " ").strip().capitalize()
    return _(text) if text else ""


# --- grades -----------------------------------------------------------------------------------------

_GRADES: Mapping[Grade, str] = {
    Grade.A: N_("A"),
    Grade.B: N_("B"),
    Grade.C: N_("C"),
    Grade.D: N_("D"),
    Grade.WRONG: N_("Wrong item"),
    Grade.MISSING: N_("Missing"),
    Grade.JUNK: N_("Junk"),
}

_DISPOSITIONS: Mapping[Disposition, str] = {
    Disposition.BACK_TO_STOCK: N_("back to stock"),
    Disposition.RESALE_HOLD: N_("resale hold"),
    Disposition.RECYCLE: N_("recycle"),
    Disposition.DONATE: N_("donate"),
    Disposition.MISSING: N_("missing"),
}


def grade(word: Grade | str, vocabulary: Vocabulary | None = None) -> str:
    """Name a grade by the station's label, else ours; an unknown word is Loop's own.

    The labels of the vocabulary that ships are texts of ours too; a station's own ones stay as they are.
    """
    try:
        known = Grade(word)
    except ValueError:
        return str(word).replace("_", " ")
    own = next((x.label for x in vocabulary.grades if x.grade is known), "") if vocabulary else ""
    return _(own or _GRADES[known])


def disposition(word: Disposition | str, vocabulary: Vocabulary | None = None) -> str:
    """Say where an item goes by the station's label, else ours; an unknown word is Loop's own."""
    try:
        known = Disposition(word)
    except ValueError:
        return str(word).replace("_", " ")
    own = vocabulary.dispositions.get(known, "") if vocabulary else ""
    return _(own or _DISPOSITIONS[known])


def decision(found: Inspection, vocabulary: Vocabulary | None = None) -> str:
    """Say what was decided of a line ("A · back to stock"); what is missing goes nowhere."""
    goes = "" if found.grade is Grade.MISSING else disposition(found.disposition, vocabulary)
    return listed((grade(found.grade, vocabulary), goes))


_CARRIED = {
    RUN_TOGETHER: N_("unclear, because the scanner sends no separators: {value}"),
    "10": N_("lot {value}"),
    "21": N_("serial {value}"),
    "17": N_("expires {value}"),
    "15": N_("best before {value}"),
    "11": N_("made {value}"),
}


def carried(data: Iterable[tuple[str, str]]) -> str:
    """Say what the code of an item carries besides its number, by GS1 identifier."""
    return listed(_(_CARRIED[name], value=value) for name, value in data)


def goes_to(place: str, word: Disposition | str, vocabulary: Vocabulary | None = None) -> str:
    """Say where an item goes, with its place if it has one ("back to stock · tote 14")."""
    return listed((disposition(word, vocabulary), place))


def action(entry: Entry, line: LineItem | None = None, vocabulary: Vocabulary | None = None) -> str:
    """Say what one entry asks of Loop: "Grade: Field Jacket, olive — M → A".

    Args:
        line: The line it is about, when this station knows it; else the line's number is named.
        vocabulary: The station's own labels.
    """
    name = line_title(line) if line else _("line {line_id}", line_id=entry.target)
    match entry.kind:
        case Kind.GRADE:
            found = grade(str(entry.payload.get("condition_category", "")), vocabulary)
            return _("Grade: {line} → {grade}", line=name, grade=found)
        case Kind.ASSESS:
            place = disposition(str(entry.payload.get("disposition_outcome", "")), vocabulary)
            return _("Place: {line} → {place}", line=name, place=place)
        case Kind.NOTE:
            text = str(entry.payload.get("content", "")).removesuffix(entry.marker).strip()
            return _("Note: “{text}”", text=text)
        case Kind.REMOVE:
            many = len(entry.payload.get("line_item_ids", ()))
            return ngettext(
                "Remove 1 line and process the rest", "Remove {n} lines and process the rest", many
            )
        case Kind.FLAG:
            why = str(entry.payload.get("reason", ""))
            return _("Flag for review: {reason}", reason=why) if why else kind(entry.kind)
        case Kind.PROCESS | Kind.CANCEL | Kind.CLOSE:
            return kind(entry.kind)


# --- people, times ----------------------------------------------------------------------------------


def masked_email(address: str) -> str:
    """Hide most of an e-mail address: "pat.s•••@example.test"; "" stays ""."""
    name, at, host = address.strip().partition("@")
    if not at:
        return ""
    shown = max(1, min(5, len(name) // 2 + 1)) if name else 0
    return f"{name[:shown]}•••@{host}"


def shopper(ret: Return) -> str:
    """Name the shopper as far as the dock needs it: the name, else the masked address."""
    return ret.customer_name.strip() or masked_email(ret.customer_email)


def age(since: timedelta | float) -> str:
    """Say how long: "39 minutes", "2 hours", "3 days"; less than a minute is "less than a minute"."""
    seconds = since.total_seconds() if isinstance(since, timedelta) else since
    minutes = int(max(0.0, seconds) // 60)
    if minutes < 1:
        return _("less than a minute")
    if minutes < 60:
        return ngettext("1 minute", "{n} minutes", minutes)
    if minutes < 48 * 60:
        return ngettext("1 hour", "{n} hours", minutes // 60)
    return ngettext("1 day", "{n} days", minutes // (24 * 60))


def time_of_day(at: datetime, zone: tzinfo, *, seconds: bool = False) -> str:
    """Write the time of day at this station: "10:41" or "10:41:09"."""
    return formats.current().time(at.astimezone(zone).time(), seconds=seconds)


def day(at: datetime, zone: tzinfo) -> str:
    """Write a day at this station: "2026-11-18"."""
    return formats.current().day(at.astimezone(zone).date())


def moment(at: datetime | None, zone: tzinfo, now: datetime, *, seconds: bool = False) -> str:
    """Write when something was: the time of day today, with the day before that; "" for None."""
    if at is None:
        return ""
    clock = time_of_day(at, zone, seconds=seconds)
    there, here = at.astimezone(zone), now.astimezone(zone)
    if there.date() == here.date():
        return clock
    return _("{day}, {time}", day=day(at, zone), time=clock)


def seconds(value: float) -> str:
    """Write a duration of a request: "0.4 s"."""
    return _("{value} s", value=formats.current().number(f"{value:.1f}"))


def number(value: int) -> str:
    """Write a count with its thousands separated."""
    return formats.current().number(str(value))


def duration(value: float) -> str:
    """Write about how long something takes: "40 s", "3 min", "2 h"."""
    if value < 90:
        return _("{n} s", n=max(1, round(value)))
    return _("{n} min", n=round(value / 60)) if value < 5400 else _("{n} h", n=round(value / 3600))


def clock_skew(seconds: float) -> str:
    """Say by how much this computer's clock is wrong; ``seconds`` is how far Loop's is ahead of it."""
    size = abs(seconds)
    span = ngettext("1 day", "{n} days", round(size / 86_400)) if size >= 2 * 86_400 else duration(size)
    if seconds > 0:
        return _("this computer's clock is {span} behind", span=span)
    return _("this computer's clock is {span} ahead", span=span)


def spaced(number: str) -> str:
    """Group a long number in fours, so that it can be compared with the label by eye."""
    if not number.isdigit() or len(number) < 12:
        return number
    return " ".join(number[i : i + 4] for i in range(0, len(number), 4))


def byte_size(number: int) -> str:
    """Write a size: "12.4 MB"; thousands are decimal."""
    if number < 1000:
        return _("{n} bytes", n=number)
    size = float(number)
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 1000 or unit == "GB":
            return f"{formats.current().number(f'{size:.1f}')} {unit}"
    raise AssertionError("the last unit takes all")

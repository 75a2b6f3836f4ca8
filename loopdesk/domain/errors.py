"""Every error that loopdesk expects, in one tree.

LoopdeskError
├── ApiError                 talking to Loop did not end in an answer we can use
│   ├── Unreachable          proven: nothing was asked of Loop (program retries)
│   │   └── CertificateOutOfDate   by this machine's clock (IT sets the clock)
│   ├── ClockWrong           the machine shows an impossible time, and Loop tells none (IT sets the clock)
│   ├── Throttled            Loop said 429 and did nothing (program waits)
│   ├── AnswerLost           may have happened; must be read back (program reads)
│   ├── Refused              Loop understood and said no (operator or lead decides)
│   ├── KeyRefused           the API key is not accepted (IT changes it)
│   ├── ScopeMissing         an optional permission is absent (feature is off)
│   └── NotFound             Loop knows no such thing
├── StoreError
│   ├── DiskFull · StoreDamaged · StoreTooNew · StoreBusy
├── StageMoved               an entry was not in the stage the caller believed (program reads again)
├── RuleBroken               the dock's own rules forbid it (operator chooses another way)
├── ScanUnclear              the code cannot be what it seems (operator scans again)
├── SettingsWrong            a settings or vocabulary file is wrong (IT corrects the line)
├── SecretsUnavailable       the system's key store cannot be used (IT)
│   ├── KeyUnusable          what the environment gave as key is none (IT)
│   └── AddressUnconfirmed   nobody said that the environment's key may go there (IT)
├── NoDisplay                there is no screen for the window (IT)
└── AlreadyRunning           another copy uses this profile

Anything outside this tree is a bug: it gets a fault number and goes to a developer.
"""

from __future__ import annotations

from collections.abc import Mapping


class LoopdeskError(Exception):
    """An expected failure that can be shown to a person.

    Attributes:
        code: A short stable word for logs and tests.
        title: What happened, in one plain sentence.
        advice: What the person should do next.
    """

    code = "error"
    title = "Something did not work."
    advice = "Try again."

    def __init__(self, detail: str = "", *, title: str | None = None, advice: str | None = None) -> None:
        super().__init__(detail or title or self.title)
        self.detail = detail
        if title is not None:
            self.title = title
        if advice is not None:
            self.advice = advice


class ApiError(LoopdeskError):
    """A call to Loop did not end in a usable answer."""

    code = "api"
    title = "Loop could not be asked."


class Unreachable(ApiError):
    """Nothing was asked of Loop: connecting failed before a header byte was sent, or somebody else answered a
    read.
    """

    code = "unreachable"
    title = "Loop cannot be reached."
    advice = "Go on working: everything is kept here and goes out when the network is back."


class CertificateOutOfDate(Unreachable):
    """The certificate is expired or not yet valid by this machine's clock: one of the two is wrong."""

    code = "certificate_date"
    title = "Loop's certificate is not valid at the time that this computer's clock shows."
    advice = "Look at the clock of this computer and let it be set by network time. If it is right, call IT."


class ClockWrong(ApiError):
    """This machine's clock is impossible, and Loop's answers do not tell the time."""

    code = "clock_wrong"
    title = "The clock of this computer is wrong."
    advice = "Set it, and let it be set by network time. Nothing is read from Loop before."


class Throttled(ApiError):
    """Loop answered 429 in its own words: nothing was done, retry later.

    Attributes:
        retry_after_seconds: How long to wait, already clamped to 1…300 s.
    """

    code = "throttled"
    title = "Loop asks us to slow down."
    advice = "Nothing to do: the program waits by itself."

    def __init__(self, detail: str = "", *, retry_after_seconds: float = 5.0) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class AnswerLost(ApiError):
    """Sending had started and no complete, known answer came: it may have happened.

    Attributes:
        http_status: The status if one was read, else None.
        retry_after_seconds: How long a 503 asked us to wait, clamped to 1…300 s; 0 if there was none.
    """

    code = "answer_lost"
    title = "Loop's answer did not arrive."
    advice = "Nothing to do: the program asks Loop what is true before it does anything else."

    def __init__(
        self, detail: str = "", *, http_status: int | None = None, retry_after_seconds: float = 0.0
    ) -> None:
        super().__init__(detail)
        self.http_status = http_status
        self.retry_after_seconds = retry_after_seconds


class Refused(ApiError):
    """Loop gave a complete, parsed refusal (also with HTTP 200).

    Attributes:
        refusal_code: Loop's code such as ``UNPROCESSABLE_RETURN``, or "".
        text: Loop's own words.
        fields: For validation errors, field name to messages.
        http_status: The HTTP status of the answer.
    """

    code = "refused"
    title = "Loop refused."
    advice = "Read Loop's words, then decide: send again, mark as done, or drop."

    def __init__(
        self,
        text: str,
        *,
        refusal_code: str = "",
        fields: Mapping[str, tuple[str, ...]] | None = None,
        http_status: int = 200,
    ) -> None:
        super().__init__(text)
        self.text = text
        self.refusal_code = refusal_code
        self.fields = dict(fields or {})
        self.http_status = http_status


class KeyRefused(ApiError):
    """401 or 403 in Loop's own words on the Returns scope: the queue waits, nothing fails."""

    code = "key_refused"
    title = "Loop does not accept the API key."
    advice = "Ask IT for a key with the Returns permission and enter it in Settings. Everything is kept."


class ScopeMissing(ApiError):
    """401 on an optional permission while returns stay readable."""

    code = "scope_missing"
    title = "The API key lacks an optional permission."
    advice = "The feature stays off. IT can add the permission to the key in Loop."


class NotFound(ApiError):
    """Loop does not know the return, in any of the shapes in which it says so."""

    code = "not_found"
    title = "Loop knows no such return."
    advice = "Check the label and scan again, or keep it as a mystery parcel."


class StoreError(LoopdeskError):
    """The local store failed."""

    code = "store"
    title = "This station's store failed."
    advice = "Call IT. What was kept before is safe."


class DiskFull(StoreError):
    """No room for a commit."""

    code = "disk_full"
    title = "NOT KEPT: the disk is full."
    advice = "Free some space, then do it again. What you entered is still on the screen."


class StoreDamaged(StoreError):
    """The database file fails its checks."""

    code = "store_damaged"
    title = "This station's store is damaged."
    advice = "Call IT. The damaged file is kept beside a new one; nothing is deleted."


class StoreTooNew(StoreError):
    """The database was written by a newer loopdesk."""

    code = "store_too_new"
    title = "This profile was used by a newer loopdesk."
    advice = "Install the newer version again. This older one will not touch the store."


class StoreBusy(StoreError):
    """Another process held the database for longer than the busy timeout."""

    code = "store_busy"
    title = "The store is in use by another program."
    advice = "Close other programs that touch loopdesk's folder (backup, cloud sync) and try again."


class StageMoved(LoopdeskError):
    """An entry was no longer in the stage that the caller had read; nothing was written."""

    code = "stage_moved"
    title = "That action has moved on in the meantime."
    advice = "Look at the queue again."


class RuleBroken(LoopdeskError):
    """The dock's own rules forbid what was asked; ``detail`` names the rule."""

    code = "rule"
    title = "That is not possible for this return."
    advice = "Choose another way to settle it."


class ScanUnclear(LoopdeskError):
    """A scan cannot be what it seems (check digit, length, layout)."""

    code = "scan_unclear"
    title = "The scan could not be read."
    advice = "Scan it once more."


class SettingsWrong(LoopdeskError):
    """A settings or vocabulary file has a wrong value.

    Attributes:
        file: The file's path.
        line: 1-based line, or 0 if unknown.
        key: The dotted key, or "".
        reason: What is wrong with the value, without its position.
    """

    code = "settings"
    title = "A settings file is wrong."
    advice = "Correct the named line."

    def __init__(self, detail: str, *, file: str, line: int = 0, key: str = "") -> None:
        where = f"{file}:{line}" if line else file
        super().__init__(f"{where}: {key + ': ' if key else ''}{detail}")
        self.reason = detail
        self.file = file
        self.line = line
        self.key = key


class SecretsUnavailable(LoopdeskError):
    """The system's key store is missing, locked, denied or does not answer."""

    code = "secrets"
    title = "The system's key store cannot be used."
    advice = "The key works until the program ends. Ask IT to unlock or install the key store."


class KeyUnusable(SecretsUnavailable):
    """The key in the environment is invalid; ``detail`` says why."""

    code = "key_unusable"
    title = "LOOPDESK_API_KEY holds no API key."
    advice = "Give the key alone: one word of plain letters and digits, without quotes or further lines."


class AddressUnconfirmed(SecretsUnavailable):
    """The profile's settings name an address that the environment's key was not given for."""

    code = "address_unconfirmed"
    title = "The key is not sent to the address in the settings: nobody confirmed it."
    advice = (
        "Give the address beside the key, as LOOPDESK_API_URL or --api-url; or let IT set it for this "
        "machine, or enter the key for it in Settings."
    )


class NoDisplay(LoopdeskError):
    """The window has no screen to be shown on."""

    code = "no_display"
    title = "There is no display to open the window on."
    advice = "Start it in a desktop session. Without one, these work: loopdesk sync, queue, lookup, doctor."


class ManifestUnusable(LoopdeskError):
    """The manifest of versions is unavailable, or not signed by the configured key."""

    code = "manifest"
    title = "It is not known which version of loopdesk is wanted."
    advice = "IT looks at the address and the key in the settings of updates."


class AlreadyRunning(LoopdeskError):
    """Another copy holds the lock of this profile."""

    code = "already_running"
    title = "loopdesk is already open on this profile."
    advice = "Use the window that is open."

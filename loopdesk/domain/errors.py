"""Every error that loopdesk expects, in one tree.

LoopdeskError
├── ApiError                 talking to Loop did not end in an answer we can use
│   ├── Unreachable          proven: nothing was asked of Loop (program retries)
│   │   ├── HubUnreachable   the site's hub does not answer (program retries)
│   │   ├── CertificateOutOfDate   by this machine's clock (IT sets the clock)
│   │   │   └── HubCertificateOutOfDate  the hub's (IT sets the clock, or changes it)
│   │   └── HubCertificateChanged  the hub shows another than the one it was joined with (IT)
│   ├── ClockWrong           the machine shows an impossible time, and Loop tells none (IT sets the clock)
│   ├── Throttled            Loop said 429 and did nothing (program waits)
│   ├── AnswerLost           may have happened; must be read back (program reads)
│   │   └── HubBusy          the hub is still sending it (program asks the hub again)
│   ├── HubUnsent            the hub proves that nothing of it went to Loop (program retries)
│   ├── ReturnClaimed        another bench of the hub finishes the return, or did (operator looks)
│   ├── Refused              Loop understood and said no (operator or lead decides)
│   ├── KeyRefused           the API key is not accepted (IT changes it)
│   ├── ScopeMissing         an optional permission is absent (feature is off)
│   └── NotFound             Loop knows no such thing
├── StoreError
│   ├── DiskFull · StoreDamaged · StoreTooNew · StoreBusy · StoreReadOnly
│   ├── StoreReplaced · StoreForeign · EngineTooOld
│   └── LeftBehind · LeftUnknown · BackupUnusable   going back to a backup
├── HubNotJoined             the bench could not be joined to a hub (IT makes a new code)
├── StageMoved               an entry was not in the stage the caller believed (program reads again)
├── RuleBroken               the dock's own rules forbid it (operator chooses another way)
├── SettingsWrong            a settings or vocabulary file is wrong (IT corrects the line)
├── SecretsUnavailable       the system's key store cannot be used (IT)
│   ├── KeyUnusable          what the environment gave as key is none (IT)
│   └── AddressUnconfirmed   nobody said that the environment's key may go there (IT)
├── PictureRefused           a product's picture did not come, or must not be taken (nobody; it is not shown)
├── CameraUnusable           the camera gives no photo (operator chooses a file, or looks at the camera)
├── PhotoNotStored           a photo could not be stored at the place for photos (program retries)
├── NoDisplay                there is no screen for the window (IT)
└── AlreadyRunning           another copy uses this profile

Anything outside this tree is a bug: it gets a fault number and goes to a developer.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping


class LoopdeskError(Exception):
    """An expected failure that can be shown to a person, in the words of ``presenters/words/errors``.

    Attributes:
        code: A short stable word for its kind, for logs, tests and the table of words.
        why: A code for the exact reason, "" if its kind says it all.
        values: What fills the words for ``why``.
        detail: Foreign text such as Loop's or SQLite's, or an id; "" if there is none. What we say ourselves
            has a ``why``.
    """

    code = "error"

    def __init__(self, detail: str = "", *, why: str = "", **values: str | int) -> None:
        told = (why, *(f"{name}={value}" for name, value in values.items()), detail)
        super().__init__(" ".join(filter(None, told)) or self.code)
        self.detail = detail
        self.why = why
        self.values = values


class ApiError(LoopdeskError):
    """A call to Loop did not end in a usable answer."""

    code = "api"


class Unreachable(ApiError):
    """Nothing was asked of Loop: connecting failed before a header byte was sent, or somebody else answered a
    read.
    """

    code = "unreachable"


class CertificateOutOfDate(Unreachable):
    """The certificate is expired or not yet valid by this machine's clock: one of the two is wrong."""

    code = "certificate_date"


class HubCertificateOutOfDate(CertificateOutOfDate):
    """The same, of the hub's."""

    code = "hub_certificate_date"


class HubUnreachable(Unreachable):
    """The site's hub could not be reached."""

    code = "hub_unreachable"


class HubCertificateChanged(Unreachable):
    """Another certificate than the pinned one was shown: the hub renewed it, or this is not the hub."""

    code = "hub_certificate"


class ClockWrong(ApiError):
    """This machine's clock is impossible, and Loop's answers do not tell the time."""

    code = "clock_wrong"


class Throttled(ApiError):
    """Loop answered 429 in its own words: nothing was done, retry later.

    Attributes:
        retry_after_seconds: How long to wait, already clamped to 1…300 s.
    """

    code = "throttled"

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

    def __init__(
        self,
        detail: str = "",
        *,
        http_status: int | None = None,
        retry_after_seconds: float = 0.0,
        why: str = "",
        **values: str | int,
    ) -> None:
        super().__init__(detail, why=why, **values)
        self.http_status = http_status
        self.retry_after_seconds = retry_after_seconds


class HubBusy(AnswerLost):
    """The hub has the request and does not know yet what becomes of it."""

    code = "hub_busy"


class HubUnsent(ApiError):
    """The hub answered that nothing of this request went to Loop.

    Attributes:
        retry_after_seconds: How long it asked us to wait, clamped to 1…300 s; 0 if it did not.
    """

    code = "hub_unsent"

    def __init__(self, detail: str = "", *, retry_after_seconds: float = 0.0) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds


class ReturnClaimed(ApiError):
    """The hub refused a finalizer before Loop heard of it: another bench finishes the return, or did.

    Attributes:
        station: That bench's name.
        person: Who works there, "" if nobody is named.
        at: When it claimed the return or had it finished, ISO 8601; "" if unknown.
        is_ended: It is finished, not merely claimed.
    """

    code = "return_claimed"

    def __init__(self, station: str, person: str = "", at: str = "", *, is_ended: bool = False) -> None:
        super().__init__()
        self.station, self.person, self.at, self.is_ended = station, person, at, is_ended


class Refused(ApiError):
    """Loop gave a complete, parsed refusal (also with HTTP 200).

    Attributes:
        refusal_code: Loop's code such as ``UNPROCESSABLE_RETURN``, or "".
        text: Loop's own words.
        fields: For validation errors, field name to messages.
        http_status: The HTTP status of the answer.
    """

    code = "refused"

    def __init__(
        self,
        text: str,
        *,
        refusal_code: str = "",
        fields: Mapping[str, tuple[str, ...]] | None = None,
        http_status: int = 200,
        why: str = "",
        **values: str | int,
    ) -> None:
        super().__init__(text, why=why, **values)
        self.text = text
        self.refusal_code = refusal_code
        self.fields = dict(fields or {})
        self.http_status = http_status


class KeyRefused(ApiError):
    """401 or 403 in Loop's own words on the Returns scope: the queue waits, nothing fails."""

    code = "key_refused"


class ScopeMissing(ApiError):
    """401 on an optional permission while returns stay readable."""

    code = "scope_missing"


class NotFound(ApiError):
    """Loop does not know the return, in any of the shapes in which it says so."""

    code = "not_found"


class StoreError(LoopdeskError):
    """The local store failed."""

    code = "store"


class DiskFull(StoreError):
    """No room for a commit."""

    code = "disk_full"


_NO_ROOM = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})


def is_disk_full(number: int | None) -> bool:
    """Whether an error number of the system says that the disk, or this user's share of it, is full."""
    return number in _NO_ROOM


def not_written(failure: OSError) -> StoreError:
    """Return the error of a file that could not be written."""
    said = failure.strerror or type(failure).__name__
    return DiskFull(said) if is_disk_full(failure.errno) else StoreError(said)


class StoreDamaged(StoreError):
    """The database file fails its checks."""

    code = "store_damaged"


class StoreTooNew(StoreError):
    """The database was written by a newer loopdesk."""

    code = "store_too_new"


class StoreBusy(StoreError):
    """Another process held the database for longer than the busy timeout."""

    code = "store_busy"


class StoreReadOnly(StoreError):
    """This user may not write the store's file or folder."""

    code = "store_read_only"


class StoreReplaced(StoreError):
    """A sync or backup program has replaced the file while it was open."""

    code = "store_replaced"


class StoreForeign(StoreError):
    """The file belongs to another program."""

    code = "store_foreign"


class EngineTooOld(StoreError):
    """The bundled SQLite is of a version that can damage the store."""

    code = "engine_too_old"


class LeftBehind(StoreError):
    """Going back to a backup would leave unfinished actions behind."""

    code = "left_behind"


class LeftUnknown(StoreError):
    """The newer store cannot be read, so nobody knows what going back would leave behind."""

    code = "left_unknown"


class BackupUnusable(StoreError):
    """The file is no backup of this store that this program can use; ``why`` says why."""

    code = "backup_unusable"


class HubNotJoined(LoopdeskError):
    """The bench could not be joined to a hub; ``why`` says why."""

    code = "hub_not_joined"


class StageMoved(LoopdeskError):
    """An entry was no longer in the stage that the caller had read; nothing was written."""

    code = "stage_moved"


class RuleBroken(LoopdeskError):
    """The dock's own rules forbid what was asked; ``detail`` names the rule."""

    code = "rule"


class ValueWrong(ValueError):
    """A value breaks a rule. Whoever knows where it stands says so (``SettingsWrong``).

    Attributes:
        why: A code for the rule.
        values: What fills its words; never the value itself, which may be a misplaced secret.
    """

    def __init__(self, why: str, **values: str | int) -> None:
        super().__init__(" ".join((why, *(f"{name}={value}" for name, value in values.items()))))
        self.why = why
        self.values = values


class SettingsWrong(LoopdeskError):
    """A settings or vocabulary file has a wrong value.

    Attributes:
        file: The file's path, or where else the value comes from.
        line: 1-based line, or 0 if unknown.
        key: The dotted key, or "".
        place: All three, as a person looks for them.
    """

    code = "settings"

    def __init__(
        self, wrong: ValueWrong | str, *, file: str, line: int = 0, key: str = "", **values: str | int
    ) -> None:
        known = wrong if isinstance(wrong, ValueWrong) else ValueWrong(wrong, **values)
        self.file, self.line, self.key = file, line, key
        self.place = ": ".join(filter(None, (f"{file}:{line}" if line else file, key)))
        super().__init__(f"{self.place}: {known}")
        self.why, self.values = known.why, known.values


class SecretsUnavailable(LoopdeskError):
    """The system's key store is missing, locked, denied or does not answer."""

    code = "secrets"


class KeyUnusable(SecretsUnavailable):
    """The key in the environment is invalid; ``why`` is the ``KeyFault``."""

    code = "key_unusable"


class AddressUnconfirmed(SecretsUnavailable):
    """The profile's settings name an address that the environment's key was not given for."""

    code = "address_unconfirmed"


class PhotoNotStored(LoopdeskError):
    """A photo could not be stored at the place for photos; ``why`` is a code for the reason."""

    code = "photo_not_stored"


class CameraUnusable(LoopdeskError):
    """The camera gives no photo; ``why`` is the ``CameraState`` or the ``StillFault``."""

    code = "camera"


class NoDisplay(LoopdeskError):
    """The window has no screen to be shown on."""

    code = "no_display"


class PictureRefused(LoopdeskError):
    """A product's picture did not come, or must not be taken; ``detail`` is a code for the reason.

    Attributes:
        is_final: Asking again now would not help.
        values: The ``status`` of an answer, where that is the reason.
    """

    code = "picture"

    def __init__(self, detail: str, *, is_final: bool = True, status: int = 0) -> None:
        if status:
            super().__init__(detail, status=status)
        else:
            super().__init__(detail)
        self.is_final = is_final


class ManifestUnusable(LoopdeskError):
    """The manifest of versions is unavailable, or not signed by the configured key."""

    code = "manifest"


class AlreadyRunning(LoopdeskError):
    """Another copy holds the lock of this profile."""

    code = "already_running"

"""What a check of the station means to a lead: where it stands on the Health page, and its sentences.

``ROWS`` is the one table of that page. A new check is one row of it, by the check's name; the sentences say
what works or does not, never a component's name. What to do about it is in ``check_words``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from loopdesk.domain.checks import Check, Diagnosis, Status
from loopdesk.i18n.catalogue import N_, _
from loopdesk.presenters.words import check_words, hub_words, printer_words


class HealthPart(StrEnum):
    """The parts of the Health page, in their order where nothing is wrong."""

    LOOP = "loop"
    STATION = "station"
    SCANNER = "scanner"
    PRINTER = "printer"
    PHOTOS = "photos"
    STORE = "store"
    DISK = "disk"
    TIME = "time"


_GROUPS: Mapping[HealthPart, str] = {
    HealthPart.LOOP: N_("Loop and network"),
    HealthPart.STATION: N_("This station"),
    HealthPart.SCANNER: N_("Scanner"),
    HealthPart.PRINTER: N_("Label printer"),
    HealthPart.PHOTOS: N_("Photos"),
    HealthPart.STORE: N_("What is kept here"),
    HealthPart.DISK: N_("Disk"),
    HealthPart.TIME: N_("Time"),
}


def group(group: HealthPart) -> str:
    """Name a part of the page."""
    return _(_GROUPS[group])


@dataclass(frozen=True, slots=True)
class Row:
    """One check, as it is told to a lead.

    Attributes:
        bad: Said of every status but ``OK``.
        well: Said while all is in order; "" for a check that is not worth a row then.
        by_code: Said instead, by the code of a finding; if several match, the first of them.
        behind: The name of a check that explains this one: it has no row while that one is not in order.
    """

    group: HealthPart
    bad: str
    well: str = ""
    by_code: Mapping[str, str] = field(default_factory=dict)
    behind: str = ""


ROWS: Mapping[str, Row] = {
    # Loop and network
    "connection": Row(
        HealthPart.LOOP,
        N_("Loop cannot be reached. Nobody has to wait: everything is kept here and goes out by itself."),
        N_("Loop answers, and takes this station's key."),
        {
            "link_unasked": N_("Loop was not asked anything yet."),
            "link_login": N_("The network asks somebody to log in before it lets anything through to Loop."),
            "link_key_refused": N_("Loop refuses this station's key. Everything is kept, nothing is sent."),
            **{f"link_{trouble}": text for trouble, (text, _advice) in hub_words.WORDS.items()},
            "link_locked": N_("What waits here was decided with another key or address, and is not sent."),
        },
    ),
    "reachability": Row(
        HealthPart.LOOP, N_("Loop did not answer when it was asked just now."), behind="connection"
    ),
    "key": Row(
        HealthPart.LOOP,
        N_("The key for Loop cannot be read from this computer's key store."),
        by_code={"no_key": N_("This station has no key for Loop: nothing can be sent.")},
    ),
    "sync": Row(
        HealthPart.LOOP,
        N_("The list of returns is old: a parcel that Loop learned of since then opens only online."),
        N_("The list of returns is up to date."),
        {
            "never_synced": N_("The list of returns was not read from Loop yet."),
            "sync_stopped": N_("The list of returns stays as it is: this bench is told nothing more."),
        },
    ),
    "hub": Row(
        HealthPart.LOOP,
        N_("The hub is silent: what other benches do is not seen here."),
        N_("The hub tells this bench what changes, and what other benches do."),
        behind="connection",
    ),
    "stations": Row(
        HealthPart.LOOP, N_("Another bench uses this station's key, and the settings rule that out.")
    ),
    "destinations": Row(HealthPart.LOOP, N_("The names of Loop's destinations are not known here.")),
    "unreadable rows": Row(
        HealthPart.LOOP,
        N_("Some returns come from Loop in a form that cannot be read; they do not open here."),
    ),
    # this station
    "attention": Row(
        HealthPart.STATION,
        N_("Some returns need a lead before they go on."),
        N_("No return needs a lead."),
    ),
    "queue": Row(
        HealthPart.STATION,
        N_("What was settled here waits until Loop can be reached."),
        N_("Nothing that was settled here waits to be sent or confirmed."),
        {"queue_moves": N_("What was settled here is on its way to Loop.")},
        behind="connection",
    ),
    "settings": Row(
        HealthPart.STATION,
        N_("A settings file is wrong; the station works with the settings that worked last."),
        by_code={
            "unknown_in_policies": N_("IT's policies name a setting that is none."),
            "unknown_in_environment": N_("The environment names a setting that is none."),
            "nameless": N_("This station, or the person at it, has no name yet."),
        },
    ),
    "vocabulary": Row(
        HealthPart.STATION,
        N_("The file with this station's grades and texts is wrong."),
        by_code={"grades_without_category": N_("Loop will not take some grades: they have no category.")},
    ),
    "given": Row(
        HealthPart.STATION,
        N_("What IT gave this bench through the hub cannot be used here; what was given before is used."),
    ),
    "sound": Row(
        HealthPart.STATION,
        N_("No sound can be heard here."),
        N_("Sounds can be played."),
        {"sound_off": N_("Sounds are switched off.")},
    ),
    "size": Row(
        HealthPart.STATION,
        N_("The window is drawn smaller than it is set: this screen has no room for more."),
    ),
    "fonts": Row(HealthPart.STATION, N_("This computer has no fonts: texts are empty boxes.")),
    "version": Row(
        HealthPart.STATION,
        N_("Which version of the program is wanted here could not be seen."),
        by_code={
            "version_newer": N_("A newer version of the program is wanted here."),
            "version_older": N_("An older version of the program is wanted here."),
        },
    ),
    # scanner
    "scanner settings": Row(
        HealthPart.SCANNER,
        N_("The scanner's settings can make it misread a code."),
        by_code={
            "scanner_counts_twice": N_("A code that the scanner sends twice counts twice."),
            "scanner_prefix_like_code": N_("What the scanner sends before a code may be taken for a code."),
        },
    ),
    "serial scanners": Row(
        HealthPart.SCANNER,
        N_("The scanner at a serial port cannot be read."),
        N_("The scanner is read at its serial port."),
        {
            "gun_held": N_("Another program holds the scanner."),
            "gun_denied": N_("This user may not use the scanner."),
            "gun_denied_to_group": N_("This user may not use the scanner."),
            "gun_away": N_("The scanner is unplugged or switched off."),
            "no_gun_found": N_("No scanner was found at a serial port."),
            "guns_unused": N_("The scanner works as a keyboard, and could work at its serial port."),
            "no_guns": N_("The scanner works as a keyboard."),
        },
    ),
    # label printer
    "label printer": Row(
        HealthPart.PRINTER,
        N_("The label printer does not print now."),
        N_("The label printer is ready."),
        {
            "no_printer": N_("No label printer is set."),
            "printer_pdf": N_("Labels are written to a file and opened."),
            **{f"printer_{state}": text for state, text in printer_words.STATES.items()},
        },
    ),
    # photos
    "photo place": Row(
        HealthPart.PHOTOS,
        N_("The photo that was stored last cannot be opened by Loop."),
        N_("Photos are stored where Loop can open them."),
        {
            "photos_stay": N_("Photos stay at this station: no place for them is set."),
            "no_photo_stored": N_("No photo was stored yet."),
        },
    ),
    "camera": Row(
        HealthPart.PHOTOS,
        N_("The camera for photos cannot be used."),
        N_("The camera is connected."),
        {
            "camera_away": N_("The camera for photos is not connected."),
            "camera_unused": N_("Photos come from files."),
            "camera_by_window": N_("Photos come from the camera."),
        },
    ),
    "product pictures": Row(
        HealthPart.PHOTOS,
        N_("The shop's product pictures do not come."),
        by_code={"pictures_no_room": N_("The disk takes no more product pictures.")},
    ),
    "photo queue": Row(
        HealthPart.PHOTOS,
        N_("Photos wait here: the place for them takes none. Grades go without them, and get them later."),
        by_code={"photos_lost": N_("Files of photos are gone from this computer: Loop never gets them.")},
    ),
    # what is kept here
    "store integrity": Row(
        HealthPart.STORE,
        N_("What is kept here is damaged."),
        N_("Everything that is kept here is whole."),
        {"audit_changed": N_("The record of what was done here was changed from outside.")},
    ),
    "hub audit": Row(
        HealthPart.STORE,
        N_("The hub refused rows of the record of what was done here: it was changed from outside."),
    ),
    "older copies": Row(
        HealthPart.STORE,
        N_("It would not be noticed if an older copy of all that is kept here were put back."),
    ),
    "file modes": Row(HealthPart.STORE, N_("Other users of this computer can read what is kept here.")),
    # disk
    "free disk": Row(
        HealthPart.DISK,
        N_("The disk is almost full: {size} are free."),
        N_("The disk has room: {size} are free."),
        {"disk_unreadable": N_("How much room the disk has cannot be seen.")},
    ),
    # time
    "clock skew": Row(
        HealthPart.TIME,
        N_("This computer's clock is wrong."),
        N_("This computer's clock is right."),
        {
            "clock_unknown": N_("Whether this computer's clock is right is not known before Loop answers."),
            "clock_behind": N_("This computer's clock is {span} behind Loop's."),
            "clock_ahead": N_("This computer's clock is {span} ahead of Loop's."),
        },
        behind="connection",
    ),
}
"""Each check that a lead may hear of, by its name; others are among the details for IT alone."""


def told(checks: Iterable[Check]) -> tuple[tuple[HealthPart, Check, str], ...]:
    """Choose what a lead is told.

    Returns:
        The group, check and sentence of each row: groups with the worst in them first, and in each group the
            worst first.
    """
    known = {check.name: check for check in checks}
    rows = [(ROWS[name].group, check) for name, check in known.items() if _is_told(check, known)]
    groups = list(HealthPart)
    worst = {each: min((_rank(x) for of, x in rows if of is each), default=2) for each in groups}
    rows.sort(key=lambda row: (worst[row[0]], groups.index(row[0]), _rank(row[1])))
    return tuple((of, check, sentence(check)) for of, check in rows)


def _is_told(check: Check, known: Mapping[str, Check]) -> bool:
    row = ROWS.get(check.name)
    if row is None or (check.status is Status.OK and not row.well):
        return False
    cause = known.get(row.behind)
    return check.status is Status.OK or cause is None or cause.status is Status.OK


def _rank(check: Check) -> int:
    return (Status.FAILED, Status.WARNING, Status.OK).index(check.status)


def sentence(check: Check) -> str:
    """Say what a check means to a lead."""
    row = ROWS[check.name]
    by_code = {each.code: each for each in check.findings}
    code = next((x for x in row.by_code if x in by_code), "")
    if code:
        return check_words.said(row.by_code[code], by_code[code])
    first = check.findings[0] if check.findings else Diagnosis("")
    return check_words.said(row.well if check.status is Status.OK else row.bad, first)

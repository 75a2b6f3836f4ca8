"""What the doctor's checks looked at, what they found, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from loopdesk.domain.checks import Check, Diagnosis, Status
from loopdesk.domain.errors import LoopdeskError, ValueWrong
from loopdesk.i18n import formats
from loopdesk.i18n.catalogue import N_, _, ngettext
from loopdesk.presenters.words import errors, hub_words, printer_words, setting_words, words

_NAMES: Mapping[str, str] = {
    "settings": N_("settings"),
    "vocabulary": N_("vocabulary"),
    "given": N_("given by the hub"),
    "key": N_("key"),
    "reachability": N_("reachability"),
    "clock skew": N_("clock skew"),
    "store integrity": N_("store integrity"),
    "free disk": N_("free disk"),
    "fonts": N_("fonts"),
    "size": N_("size"),
    "sound": N_("sound"),
    "scanner settings": N_("scanner settings"),
    "file modes": N_("file modes"),
    "serial scanners": N_("serial scanners"),
    "label printer": N_("label printer"),
    "product pictures": N_("product pictures"),
    "hub audit": N_("audit log at the hub"),
    "older copies": N_("older copies"),
    "camera": N_("camera"),
    "photo place": N_("photo place"),
    "photo queue": N_("photo queue"),
    "stations": N_("stations"),
    "destinations": N_("destinations"),
    "happy returns": N_("Happy Returns"),
    "unreadable rows": N_("unreadable rows"),
    "version": N_("version"),
}

_CLOCK = N_(
    "Set the clock of this machine; switch on setting it by network time. Until then loopdesk goes by Loop's "
    "time."
)
_SOUND = N_("Connect a loudspeaker, or switch sounds off in Settings; the window shows every state.")
_STATE = N_(
    "IT: let this user write there. Until then loopdesk does not notice when the whole profile folder is put "
    "back from a back-up."
)
_PRINTER = N_(
    "See to the printer, or IT corrects it in Settings. Nobody has to wait for it: go on grading and "
    "settling."
)
_STOP = N_("Stop working on this station and call IT. Delete nothing.")

FINDINGS: Mapping[str, tuple[str, str]] = {
    # settings and vocabulary
    "last_good_used": ("", N_("Correct the file; until then the copy that last worked is used.")),
    "unknown_in_policies": (
        N_("not a setting: {names}"),
        N_("IT corrects the names in the machine's policies."),
    ),
    "unknown_in_environment": (
        N_("not a setting: {names}"),
        N_("Correct the names in the environment; see docs/settings.md."),
    ),
    "nameless": (N_("station or operator has no name"), N_("Enter both in Settings.")),
    "settings_locked": (N_("{n} set, {locked} of them by IT, all valid"), ""),
    "settings_valid": (N_("{n} set, all valid"), ""),
    "grades_without_category": (
        N_("no category pair for {grades}"),
        N_("Add the pairs of your Loop account to the vocabulary, or set the API version to v1."),
    ),
    "grades": (N_("{n} grades"), ""),
    "given_nothing": (N_("nothing, this bench works by its own files"), ""),
    "given_used": (N_("used here: {names}"), ""),
    "given_covered": (N_("given: {names}; the vocabulary file of this bench goes before it"), ""),
    "given_wrong": (
        N_("{what}: version {n} cannot be used here: {why} {place}"),
        N_("IT gives another version, or updates this bench. Until then the version before is used."),
    ),
    # the key and Loop
    "no_key": (N_("no API key"), N_("Enter the key in Settings, or set LOOPDESK_API_KEY.")),
    "key_present": (N_("present"), ""),
    "not_asked": (N_("not asked, there is no key"), N_("Enter the key first.")),
    "throttled": (N_("Loop answers (and asks to slow down)"), ""),
    "reached": (N_("Loop answers and takes the key"), ""),
    "clock_unknown": (N_("unknown, Loop has not answered"), N_("Look again when Loop answers.")),
    "clock_right": (N_("none"), ""),
    "clock_behind": (N_("{span} behind Loop"), _CLOCK),
    "clock_ahead": (N_("{span} ahead of Loop"), _CLOCK),
    "link_online": ("", ""),
    "link_unasked": ("", ""),
    "link_offline": (
        "",
        N_("Look whether this computer has its network; if other computers have none either, call IT."),
    ),
    "link_login": ("", N_("Open a browser, or ask IT, to log in to the network.")),
    "link_key_refused": ("", N_("A lead or IT enters a good key in Settings.")),
    **{f"link_{trouble}": ("", advice) for trouble, (_text, advice) in hub_words.WORDS.items()},
    "link_locked": ("", N_("A lead decides in Settings, beside the key, whether it is the same shop.")),
    "synced": ("", ""),
    "sync_stopped": ("", ""),
    "hub_heard": ("", ""),
    "hub_silent": ("", N_("Go on working. If it lasts for some minutes, IT looks at the hub.")),
    "sync_old": ("", N_("It is read again by itself. If it still is old in some minutes, call IT.")),
    "never_synced": ("", N_("It is read by itself as soon as Loop answers; the first time takes a while.")),
    "attention_none": ("", ""),
    "attention_waits": ("", N_("Open Attention: beside each return stands what can be done.")),
    "queue_empty": ("", ""),
    "queue_moves": ("", ""),
    "queue_waits": ("", ""),
    # the machine
    "no_store": (N_("no store yet"), ""),
    "store_intact": (N_("whole"), ""),
    "store_damaged": (
        N_("damaged: {what}"),
        _STOP,
    ),
    "audit_changed": (
        N_("the audit log was changed at row {row}"),
        _STOP,
    ),
    "audit_brought": (N_("every row that was brought follows the one before it"), ""),
    "audit_row_refused": (
        N_("the hub refused row {row} of the audit log; rows refused: {n}"),
        N_("IT: loopdesk hub audit list says more. Keep this computer as it is until IT has looked."),
    ),
    "disk_unreadable": (N_("cannot be read ({error})"), N_("Call IT.")),
    "disk_free": ("{size}", N_("Free some space: with a full disk nothing can be kept.")),
    "fonts_by_window": (N_("checked by the window"), ""),
    "no_fonts": (N_("none"), N_("Install a font, for example the package fonts-dejavu-core.")),
    "fonts": ("{n}", ""),
    "size_shown": (N_("{shown} %"), ""),
    "size_reduced": (
        N_("{shown} %: this screen has no room for the {wanted} % that are set"),
        N_("Set a smaller size in Settings, or let this computer enlarge less."),
    ),
    "sound_off": (N_("switched off"), ""),
    "no_sound_device": (N_("no device"), _SOUND),
    "sound_hangs": (N_("the sound system does not answer"), _SOUND),
    "sound_device": ("{device}", ""),
    "modes_by_profile": (N_("kept by the user's own profile"), ""),
    "no_profile": (N_("no profile yet"), ""),
    "modes_open": (N_("others can look into the profile ({mode})"), N_("Run: chmod 700 '{folder}'")),
    "modes_private": (N_("this user alone"), ""),
    # scanners
    "scanner": (N_("gap {ms} ms, at least {n} characters"), ""),
    "scanner_prefix": (N_("prefix {signs}"), ""),
    "scanner_suffix": (N_("suffix {signs}"), ""),
    "scanner_outside": (
        N_("codes of fewer than 8 characters, slower than 60 ms each, need Enter, Tab or a prefix"),
        "",
    ),
    "scanner_counts_twice": ("", N_("Without a time for double reads, each double read counts twice.")),
    "scanner_prefix_like_code": (
        "",
        N_("A prefix of letters and digits may be the beginning of a real code."),
    ),
    "guns_unused": (N_("not used: {names}; scanner.port = auto reads them"), ""),
    "no_guns": (N_("none set, none found"), ""),
    "no_gun_found": (
        N_("no scanner with a serial port was found"),
        N_("Set the scanner to USB-COM, or name its port in scanner.port: auto takes known scanners alone."),
    ),
    # the label printer
    "no_printer": (N_("none is set"), ""),
    "printer_pdf": (N_("labels are written to a file and opened"), ""),
    **{f"printer_{state}": (text, _PRINTER) for state, text in printer_words.STATES.items()},
    # scanners at serial ports
    "gun_reading": (N_("{port} is read"), ""),
    "gun_away": (
        N_("{port} is not there"),
        N_("Plug the scanner in or switch it on; loopdesk takes it by itself."),
    ),
    "gun_held": (
        N_("{port} is held by another program"),
        N_("Close the other program, or the loopdesk that has this scanner open."),
    ),
    "gun_denied": (N_("{port} may not be opened by this user"), N_("IT: let this user open the port.")),
    "gun_denied_to_group": (
        N_("{port} may not be opened by this user"),
        N_("IT: put this user into the group {group} (sudo usermod -aG {group} USER), then sign in again."),
    ),
    "gun_broken": (
        N_("{port} cannot be opened"),
        N_("Look whether scanner.port names a serial port and the scanner is set to USB-COM."),
    ),
    # the camera
    "camera_unused": (N_("not chosen: photos come from files"), ""),
    "camera_by_window": (N_("checked by the window"), ""),
    "camera_found": (N_("{camera} is connected"), ""),
    "camera_away": (
        N_("{camera} is not connected; found are: {others}"),
        N_("Plug it in, or choose another in Settings."),
    ),
    # photos
    "photos_wait": (N_("photos could not be stored"), ""),
    "photos_lost": (N_("files of photos are gone from this machine"), N_("Look what deletes files there.")),
    "photos_move": (N_("photos are stored as they come"), ""),
    "photos_stay": (N_("none set: photos stay at this station"), ""),
    "no_photo_stored": (N_("no photo was stored there yet"), ""),
    "photo_not_public": (
        N_("the photo stored last cannot be opened without signing in"),
        N_("IT: let anyone read there, or correct evidence.public_url."),
    ),
    "photo_public": (N_("anyone can open the photo stored last"), ""),
    # product pictures
    "pictures_off": (N_("no host is named in pictures.hosts: none are fetched"), ""),
    "pictures_no_room": (
        N_("the disk takes no more pictures"),
        N_("Make room on the disk; pictures come again then."),
    ),
    "pictures_trouble": (
        N_("none come from {host}: {why}"),
        N_("IT: let the benches reach it by https, or correct pictures.hosts. Work goes on without them."),
    ),
    "pictures_from": (N_("from {hosts}; {n} are kept here"), ""),
    "pictures_came": (N_("from {hosts}; {n} are kept here, the last one came {at} UTC"), ""),
    # the whole program
    "tally_kept": (N_("an older copy of the profile would be noticed"), ""),
    "tally_unwritable": (
        N_("{file} cannot be written"),
        _STATE,
    ),
    "tally_nowhere": (
        N_("the place for state cannot be written"),
        _STATE,
    ),
    "station_alone": (N_("one, and no other was noticed"), ""),
    "stations": (N_("{n} on this key"), ""),
    "second_bench": (
        N_(
            "another bench {station} uses this key: its mark {marker} stands on return {return_id}, noticed "
            "{at} UTC; returns are claimed before they are finished"
        ),
        N_(
            "IT: set station.stations to how many stations share the key, on each of them. If this is the "
            "only one: set it to 2, start loopdesk, and set it to 1 again."
        ),
    ),
    "rows_readable": (N_("none"), ""),
    "rows_apart": (
        "{n} {ids}",
        N_("Open these returns in Loop; they cannot be opened here until Loop shows them whole."),
    ),
    "destinations_unasked": (N_("Not asked yet."), ""),
    "destinations_forbidden": (N_("Off: the API key has no permission to read destinations."), ""),
    "destinations_unknown": (N_("Not known yet: {failure}"), ""),
    "destinations_known": (N_("On: {n} known."), ""),
    "boxes_unasked": (N_("Not asked yet."), ""),
    "boxes_forbidden": (N_("Off: the API key has no permission to read Happy Returns shipments."), ""),
    "boxes_unknown": (N_("Not known yet: {failure}"), ""),
    "boxes_known": (N_("On: {n} shipments known."), ""),
    "version": ("{version}", ""),
    "version_as_wanted": (N_("{version}, as wanted"), ""),
    "version_newer": (
        N_("{wanted} is wanted here, this is {version}"),
        N_("IT installs it when loopdesk is closed."),
    ),
    "version_older": (
        N_("{wanted} is wanted here, this is {version}"),
        N_("IT goes back as docs/it-guide.md says: the queue must be empty first."),
    ),
    "version_notes": ("{notes}", ""),
}
"""What each finding says, and what to do about it; "" for nothing."""


def name(check: Check) -> str:
    """Name what a check looked at."""
    return _(_NAMES[check.name]) if check.name in _NAMES else check.name


_STATUSES: Mapping[Status, str] = {
    Status.OK: N_("ok"),
    Status.WARNING: N_("warning"),
    Status.FAILED: N_("failed"),
}


def status(check: Check) -> str:
    """Say in a word how it stands."""
    return _(_STATUSES[check.status])


def found(check: Check) -> str:
    """Say what a check found, in a few words."""
    told = [said(FINDINGS[each.code][0], each) for each in check.findings if each.code in FINDINGS]
    failed = errors.found(check.failure) if check.failure is not None else ""
    *before, last = list(filter(None, (*told, failed))) or [""]
    return "; ".join((*(each.removesuffix(".") for each in before), last))


def advice(check: Check) -> str:
    """Say what to do about what a check found; "" if all is in order."""
    if check.status is Status.OK:
        return ""
    told = dict.fromkeys(_advice(each) for each in check.findings)
    if check.failure is not None and not any(told):
        return errors.advice(check.failure)
    return " ".join(filter(None, told))


def record(check: Check) -> dict[str, str]:
    """Return a check for machines: its name and status never change with the language."""
    return {"name": check.name, "status": check.status, "found": found(check), "advice": advice(check)}


def _advice(finding: Diagnosis) -> str:
    if finding.code == "version_waits":
        return ngettext(
            "1 return waits here: let them go out first.",
            "{n} returns wait here: let them go out first.",
            int(str(finding.values["n"])),
        )
    return said(FINDINGS[finding.code][1], finding)


def said(text: str, finding: Diagnosis) -> str:
    """Translate a text and fill it with what was found."""
    values = {name: _value(name, value) for name, value in finding.values.items()}
    if "seconds" in values:
        values["span"] = _span(float(str(finding.values["seconds"])))
    return " ".join(_(text, **values).split()) if text else ""


def _value(name: str, value: object) -> object:
    match value:
        case ValueWrong():
            return setting_words.complaint(value)
        case LoopdeskError():
            return errors.title(value)
        case datetime():
            return f"{formats.current().day(value.date())}, {formats.current().time(value.time())}"
        case tuple():
            return ", ".join(_(each) for each in value)  # a vocabulary's labels, of which ours are texts
        case int() if name == "size":
            return words.byte_size(value)
        case int() if name != "row":
            return words.number(value)
    return value


def _span(seconds: float) -> str:
    """Say how long, in the largest suitable unit."""
    if seconds >= 730 * 86_400:
        return _("{n} years", n=round(seconds / (365 * 86_400)))
    if seconds >= 2 * 86_400:
        return ngettext("1 day", "{n} days", round(seconds / 86_400))
    if seconds >= 7200:
        return _("{n} h", n=round(seconds / 3600))
    if seconds >= 120:
        return _("{n} min", n=round(seconds / 60))
    return _("{n} s", n=round(seconds))

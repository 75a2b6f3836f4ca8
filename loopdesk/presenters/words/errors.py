"""What failed and what to do about it: words for every code of ``domain/errors`` and for the dock's rules.

Every place that tells a person of a failure asks here: the window, the commands, the doctor.
"""

from __future__ import annotations

from collections.abc import Mapping

from loopdesk.domain.errors import LoopdeskError, RuleBroken, SettingsWrong
from loopdesk.i18n.catalogue import N_, Said, _
from loopdesk.presenters.words import hub_words, setting_words

Failure = LoopdeskError | type[LoopdeskError]

_WORDS: Mapping[str, tuple[str, str]] = {
    **hub_words.LINE,
    "error": (N_("Something did not work."), N_("Try again.")),
    "api": (N_("Loop could not be asked."), N_("Try again.")),
    "unreachable": (
        N_("Loop cannot be reached."),
        N_("Go on working: everything is kept here and goes out when the network is back."),
    ),
    "certificate_date": (
        N_("Loop's certificate is not valid by this computer's clock."),
        N_("Let network time set the clock. If the clock is right, call IT."),
    ),
    "hub_unsent": (
        N_("The hub could not pass it on to Loop."),
        N_("Nothing to do: it is kept here, and the program tries again."),
    ),
    "hub_busy": (
        N_("The hub is still sending it."),
        N_("Nothing to do: the program asks the hub again."),
    ),
    "return_claimed": (
        N_("Another bench finishes this return."),
        N_("Look in Attention who it is."),
    ),
    "hub_not_joined": (
        N_("This bench was not joined to the hub."),
        N_("IT makes a new code at the hub: loopdesk hub bench add."),
    ),
    "clock_wrong": (
        N_("The clock of this computer is wrong."),
        N_("Set it, and let it be set by network time. Nothing is read from Loop before."),
    ),
    "throttled": (
        N_("Loop asks us to slow down."),
        N_("Nothing to do: the program waits by itself."),
    ),
    "answer_lost": (
        N_("Loop's answer did not arrive."),
        N_("Nothing to do: the program asks Loop what is true before it does anything else."),
    ),
    "refused": (
        N_("Loop refused."),
        N_("Read Loop's words, then decide: send again, mark as done, or drop."),
    ),
    "key_refused": (
        N_("Loop does not accept the API key."),
        N_("Ask IT for a key with the Returns permission and enter it in Settings. Everything is kept."),
    ),
    "scope_missing": (
        N_("The API key lacks an optional permission."),
        N_("The feature stays off. IT can add the permission to the key in Loop."),
    ),
    "not_found": (
        N_("Loop knows no such return."),
        N_("Check the label and scan again, or keep it as a mystery parcel."),
    ),
    "store": (N_("This station's store failed."), N_("Call IT. What was kept before is safe.")),
    "disk_full": (
        N_("NOT KEPT: the disk is full."),
        N_("Free some space, then do it again. What you entered is still on the screen."),
    ),
    "store_damaged": (
        N_("This station's store is damaged."),
        N_("Call IT. The damaged file is kept beside a new one; nothing is deleted."),
    ),
    "store_too_new": (
        N_("This profile was used by a newer loopdesk."),
        N_("Install the newer version again. This older one will not touch the store."),
    ),
    "store_busy": (
        N_("The store is in use by another program."),
        N_("Close other programs that touch loopdesk's folder (backup, cloud sync) and try again."),
    ),
    "store_read_only": (
        N_("This station's store cannot be written."),
        N_("IT: give this user the right to write in the profile folder."),
    ),
    "store_replaced": (
        N_("Another program has replaced this station's store."),
        N_("End loopdesk, exclude its folder from backup and cloud sync, start it again."),
    ),
    "store_foreign": (
        N_("The store's file belongs to another program."),
        N_("Choose another profile folder, or move that file away."),
    ),
    "engine_too_old": (
        N_("This copy of loopdesk carries a database engine that is too old."),
        N_("Install loopdesk again from its own package."),
    ),
    "left_behind": (
        N_("Going back would leave unfinished actions behind."),
        N_("Start the newer loopdesk and let them go out, or add --leave-behind."),
    ),
    "left_unknown": (
        N_("It cannot be seen what would be left behind."),
        N_("Call IT: move the folder store aside by hand, whole."),
    ),
    "backup_unusable": (
        N_("The back-up cannot be used."),
        N_("Choose another from the store's folder backups."),
    ),
    "stage_moved": (N_("That action has moved on in the meantime."), N_("Look at the queue again.")),
    "settings": (N_("A settings file is wrong."), N_("Correct the named line.")),
    "secrets": (
        N_("The system's key store cannot be used."),
        N_("The key works until the program ends. Ask IT to unlock or install the key store."),
    ),
    "key_unusable": (
        N_("LOOPDESK_API_KEY holds no API key."),
        N_("Give the key alone: one word of plain letters and digits, without quotes or further lines."),
    ),
    "address_unconfirmed": (
        N_("The key is not sent: nobody confirmed the address in the settings."),
        N_("Give it as LOOPDESK_API_URL or --api-url, or enter the key for it in Settings."),
    ),
    "no_display": (
        N_("There is no display to open the window on."),
        N_("Start it in a desktop session. Without one, these work: loopdesk sync, queue, lookup, doctor."),
    ),
    "picture": (
        N_("A product picture could not be fetched."),
        N_("Nothing to do: the line is shown without it."),
    ),
    "camera": (N_("The camera gives no photo."), N_("Press F8 again, or choose a photo's file.")),
    "photo_not_stored": (
        N_("Photos cannot be stored where Loop could open them."),
        N_("They are kept here and tried again. If it stays so, IT looks at the place for photos."),
    ),
    "manifest": (
        N_("It is not known which version of loopdesk is wanted."),
        N_("IT looks at the address and the key in the settings of updates."),
    ),
    "already_running": (N_("loopdesk is already open on this profile."), N_("Use the window that is open.")),
}
"""Title and advice of each code."""

_EXACT: Mapping[str, tuple[str, str]] = {
    **{f"key_refused.{trouble}": said for trouble, said in hub_words.KEY.items()},
    "hub_not_joined.join_foreign": (
        N_("That is no code of a hub."),
        N_("Scan the code that the hub prints, or paste it as a whole. It begins with LOOPDESK-HUB."),
    ),
    "hub_not_joined.join_newer": (
        N_("This code is of a newer hub."),
        N_("Install the loopdesk that IT wants, then join."),
    ),
    "hub_not_joined.join_damaged": (
        N_("The hub's code is not complete, or a sign in it is wrong."),
        N_("Scan it once more. Nothing was sent to the hub."),
    ),
    "hub_not_joined.join_expired": (
        N_("The code has expired: it is good for 15 minutes."),
        N_("IT makes a new code at the hub: loopdesk hub bench add."),
    ),
    "hub_not_joined.join_used": (
        N_("The code was used already: it is good once."),
        N_("IT makes a new code at the hub: loopdesk hub bench add."),
    ),
    "hub_not_joined.join_unknown": (
        N_("The hub does not know this code."),
        N_("IT makes a new code at the hub: loopdesk hub bench add."),
    ),
    "hub_not_joined.join_certificate": (
        N_("What answers at the hub's address shows another certificate than the code says."),
        N_("Nothing was sent. IT looks whether it is the hub, and makes a new code."),
    ),
    "hub_not_joined.join_certificate_date": (
        N_("Not joined: the hub's certificate is not valid by this computer's clock."),
        N_(
            "Nothing was sent. Let network time set the clock. If it is right, IT looks: loopdesk hub doctor."
        ),
    ),
    "hub_not_joined.join_unreachable": (
        N_("The hub cannot be reached from this bench."),
        N_("Look at the network and at the hub's address, then enter the code again."),
    ),
    "hub_not_joined.join_answer": (
        N_("The hub's answer cannot be understood."),
        N_("IT looks at the hub. The code is used up: a new one is needed."),
    ),
    "hub_not_joined.join_locked": (
        N_("IT has set Loop's address for this machine."),
        N_("IT sets the hub there, or takes the address out of the machine's settings."),
    ),
    "hub_not_joined.join_lead": (
        N_("Actions wait here: only a lead may join this bench to a hub now."),
        N_("Let them go out first, or ask a lead."),
    ),
    "hub_not_joined.join_queue": (
        N_("Actions wait here for a shop whose key the hub does not hold."),
        N_("Let them go out first, then join with a new code."),
    ),
    "camera.off": (N_("The camera is off."), N_("Press F8 to turn it on.")),
    "camera.opening": (N_("The camera is starting."), N_("Press F8 when its picture is there.")),
    "camera.unsupported": (
        N_("Cameras cannot be read at this computer."),
        N_("Choose a photo's file. IT finds the reason in the guide."),
    ),
    "camera.none": (N_("No camera is connected."), N_("Plug it in and press F8 again.")),
    "camera.away": (
        N_("The camera is not connected."),
        N_("Plug it in and press F8 again, or choose another in Settings."),
    ),
    "camera.denied": (
        N_("The system lets this program use no camera."),
        N_("Allow it in the system's settings for privacy, then press F8 again."),
    ),
    "camera.held": (
        N_("The camera cannot be opened."),
        N_("Close the other program that uses it, then press F8 again. Or IT allows it for this program."),
    ),
    "camera.silent": (
        N_("The camera sends no picture."),
        N_("Unplug it, plug it in again, then press F8."),
    ),
    "camera.late": (
        N_("The camera's picture stands still: no photo was taken."),
        N_("Wait until it moves, then press F8 again."),
    ),
    "camera.black": (
        N_("The camera's picture is black: no photo was taken."),
        N_("Open its cover or turn on the light, then press F8 again."),
    ),
    "camera.broken": (
        N_("The camera's picture cannot be read: no photo was taken."),
        N_("Press F8 again. If it stays so, unplug the camera and plug it in again."),
    ),
}
"""As ``_WORDS``, for exact reasons that ask for something else of a person than their kind does."""

_REASONS: Mapping[str, str] = {
    "unreachable.foreign": N_("Something answered with HTTP {status}, in words that are not Loop's."),
    "unreachable.late_turn": N_("Too many other questions were ahead of it."),
    "unreachable.replaced": N_("Another key or address was set in the meantime."),
    "unreachable.closed": N_("The program is ending."),
    "unreachable.deadline": N_("No connection came about in time."),
    "clock_wrong.shows": N_("It shows {day}."),
    "key_refused.no_key": N_("No key is set."),
    "answer_lost.hub_unknown": N_("The hub does not know what became of it."),
    "answer_lost.hub_stranger": N_("Something answered in the hub's place with HTTP {status}."),
    "answer_lost.foreign": N_("Something answered with HTTP {status}, in words that are not Loop's."),
    "answer_lost.login_page": N_("A login page of the network answers in its place (HTTP {status})."),
    "answer_lost.status": N_("It was answered with HTTP {status}."),
    "answer_lost.deadline": N_("No complete answer came in time."),
    "answer_lost.cut_off": N_("The answer was cut off."),
    "answer_lost.too_large": N_("The answer has more than {limit} bytes."),
    "answer_lost.packed": N_("The answer is compressed in a way that cannot be read."),
    "answer_lost.not_json": N_("The answer is not JSON."),
    "answer_lost.bad_number": N_("The answer has a number that cannot be read."),
    "answer_lost.half_character": N_("The answer has half a character."),
    "answer_lost.too_deep": N_("The answer is nested too deeply."),
    "answer_lost.too_many_broken_rows": N_("The answer has too many rows that cannot be read."),
    "answer_lost.shape": N_("The answer has another shape than expected, at {where}."),
    "answer_lost.no_yes": N_("The answer does not say yes."),
    "answer_lost.no_echo": N_("The answer does not repeat the lines."),
    "answer_lost.lines_missing": N_("The answer leaves out these lines: {lines}."),
    "answer_lost.other_return": N_("The answer is about another return."),
    "answer_lost.no_row_readable": N_("No return in the answer can be read."),
    "store.closed": N_("The store is closed."),
    "store.outcome_unwritten": N_("What became of a call could not be written down."),
    "store.pragma": N_("SQLite sets {name} to {told} instead of {expected}."),
    "disk_full.reserve": N_("The space kept in reserve is in use."),
    "store_damaged.body": N_("A return cannot be unpacked."),
    "store_damaged.text": N_("A text is not what was written."),
    "store_damaged.entry": N_("The kind or stage of entry {seq} is unknown."),
    "store_damaged.draft": N_("A draft cannot be read ({error})."),
    "stage_moved.restored": N_("An older copy was restored: what is ready may have been sent."),
    "stage_moved.under_way": N_("Another call for this return is under way."),
    "engine_too_old.version": N_("SQLite {version} is older than {least}."),
    "store_too_new.version": N_("The store has version {version}, this program knows {known}."),
    "left_behind.count": N_("Unfinished actions that are not in the back-up: {count}."),
    "backup_unusable.missing": N_("There is no such file."),
    "backup_unusable.foreign": N_("It is no store of loopdesk."),
    "backup_unusable.version": N_("It has version {version}, this program knows {known}."),
    "secrets.silent_before": N_("The key store did not answer before."),
    "secrets.silent": N_("The key store did not answer within {seconds} s."),
    "secrets.failed": N_("The key store failed ({error})."),
    "secrets.unsafe": N_("{name} does not keep a key safely."),
    "key_unusable.empty": N_("It is empty."),
    "key_unusable.several_lines": N_("It has several lines."),
    "key_unusable.not_plain": N_("It has other signs than plain letters and digits."),
    "key_unusable.too_long": N_("It is far too long."),
    "no_display.unset": N_("Neither DISPLAY nor WAYLAND_DISPLAY is set."),
    "no_display.silent": N_("The display {display} does not answer."),
    "photo_not_stored.unreachable": N_("The place for photos cannot be reached ({error})."),
    "photo_not_stored.silent": N_("The place for photos did not answer in time."),
    "photo_not_stored.certificate": N_("The certificate of the place for photos is not valid now."),
    "photo_not_stored.refused": N_("The place for photos refused (HTTP {status})."),
    "photo_not_stored.clock": N_("The place for photos shows another time; its own is used from now on."),
    "photo_not_stored.no_place": N_("There is no such bucket or folder (HTTP {status})."),
    "photo_not_stored.too_large": N_("The photo is too large for the place for photos (HTTP {status})."),
    "photo_not_stored.full": N_("The place for photos is full (HTTP {status})."),
    "photo_not_stored.moved": N_(
        "The address leads elsewhere (HTTP {status}). Set the address that it leads to."
    ),
    "photo_not_stored.status": N_("The place for photos answered with HTTP {status}."),
    "photo_not_stored.no_secret": N_("What allows storing there is not known here."),
    "photo_not_stored.no_photo": N_("What can be opened there is no photo."),
    "photo_not_stored.unreadable": N_("A photo cannot be read from this machine ({error})."),
    "manifest.unreadable": N_("The manifest cannot be read ({error})."),
    "manifest.status": N_("The manifest was answered with {status}."),
    "manifest.signature": N_("The manifest's signature does not fit the key in updates.public_key."),
    "manifest.version": N_("The manifest names no version."),
    "manifest.number": N_("The manifest has no number and no end. Sign it again with this version."),
    "manifest.older": N_("An older manifest lies in its place."),
    "manifest.ended": N_("The manifest's time is over. Sign it again."),
}
"""What ``LoopdeskError.why`` says, by the failure's code and the reason's."""

_RULES: Mapping[str, str] = {
    "undecided": N_("Decide every line first."),
    "parcels": N_("Not every parcel was seen yet. Scan the others when they come, or go on without them."),
    "no_parcel_awaited": N_("Every parcel of this return was seen, or is not waited for."),
    "no_sibling": N_("No other return of this order is known here."),
    "unknown_state": N_("Loop uses a word for this return that this program does not know. Ask a lead."),
    "bad_id": N_("This return has a number that must not be sent. Ask a lead."),
    "too_many": N_("This return has too many lines to settle here. Ask a lead."),
    "not_legal_in_state": N_("Loop does not allow that for this return."),
    "flag_needs_reason": N_("Say why it is flagged."),
    "never_remove_every_line": N_("If every line is removed, Loop cancels the return. Flag it instead."),
    "too_many_to_remove": N_("Too many lines to remove in one step. Flag it instead."),
    "closed_for_changes": N_("This return is already being settled. Nothing more can be added here."),
    "already_settling": N_("This return is already being settled."),
    "settled_already": N_("This return is settled already. Scan the next parcel."),
    "nothing_to_settle": N_("There is nothing to send for this return."),
    "note_too_long": N_("A note is too long for Loop."),
    "no_name": N_("Say who works here first: the operator's name stands beside this."),
    "no_reason": N_("Say why: a few words are enough."),
    "not_parked": N_("It has moved on in the meantime. Look again."),
    "damaged": N_("It is damaged and cannot be sent. Drop it and decide again at the bench."),
    "newer_value": N_("The line was decided anew since. Sending the old decision would undo that."),
    "waits_for_parked": N_("It waits for an earlier step that needs you. Settle that one first."),
    "not_waivable": N_("The rest cannot go without this step."),
    "mystery_already_open": N_("Another parcel with the same code waits already."),
    "no_return_open": N_("No return is open. Scan a label first."),
    "no_line_selected": N_("Select a line first."),
    "not_expected": N_("The shopper keeps or donates this item: it is not in the parcel and needs no grade."),
    "not_for_extra": N_("This item is on no line. Grade it, or take it off the list with Missing."),
    "grade_first": N_("Grade the line first."),
    "photo_missing": N_("Photo of {item} is missing"),
    "photo_settled": N_("It was settled with its grade. Undo the settlement first, if it is not sent yet."),
    "photo_too_late": N_("The photo came too late: what it is of is not open any more. It is not attached."),
    "no_picture_pasted": N_("What was pasted is no picture. Copy the picture itself, or its file."),
    "photo_of_nothing": N_("A photo came into the folder, and no item is decided that it could be of."),
    "photo_twice": N_("The same photo came into the folder twice: it counts once."),
    "folder_away": N_("The folder of the camera cannot be read. Take photos another way, and tell IT."),
    "folder_back": N_("The folder of the camera can be read again. What came meanwhile is not attached."),
    "no_photo_yet": N_("There is no photo yet. F8 takes one."),
    "no_label_printer": N_("No label printer is set. IT names it in Settings."),
    "nothing_undecided": N_("Every line is decided."),
    "nothing_to_undo": N_("There is nothing to undo here."),
    "nothing_to_send": N_("There is nothing to send: grade a line or write a note first."),
    "too_late": N_("Too late to undo: it was sent to Loop already."),
    "not_seen_yet": N_("The return was on screen too short to be confirmed. Look, then confirm."),
    "not_here": N_("Choose one of the numbers, or put the question away with Esc."),
    "code_as_words": N_("That is a command code, not words. Take it out."),
    "no_such_template": N_("No question with that answer is open."),
    "answer_needed": N_("Say it in a few words, or cancel."),
    "code_needed": N_("Type what stands on the label, or cancel."),
    "photo_needed": N_("Drop, paste or choose a picture, or cancel."),
    "no_such_mystery": N_("There is no mystery parcel with that number."),
    "no_lines": N_("Loop shows no lines of this return. Ask Loop again, or flag it."),
    "no_such_return": N_("This station knows no such return."),
    "no_picture": N_("That file is not a picture that can be kept. Choose a JPEG or PNG photo."),
    "photo_unreadable": N_("That file cannot be read. Choose a JPEG or PNG photo."),
    "photo_too_large": N_("That file is larger than 25 MB. Take the photo with fewer pixels."),
    "photo_pixels": N_("That picture has more than 50 megapixels. Take the photo with fewer pixels."),
    "photo_heic": N_("That is a HEIC photo. Set the camera to JPEG (“most compatible”), and take it again."),
    "photo_cut": N_("The end of that photo is missing: it was not copied whole. Copy or take it again."),
    "photo_broken": N_("That photo is damaged. Take it again."),
}


def title(failure: Failure) -> str:
    """Say what happened in one sentence; of a rule, which one."""
    if isinstance(failure, RuleBroken):
        return rule(failure.detail, **failure.values)
    return _(_words(failure)[0])


def advice(failure: Failure) -> str:
    """Say what the person should do next; "" if the title says it."""
    return "" if isinstance(failure, RuleBroken) else _(_words(failure)[1])


def _words(failure: Failure) -> tuple[str, str]:
    """Return what is said of an exact reason where it has words of its own, else of its kind."""
    why = failure.why if isinstance(failure, LoopdeskError) else ""
    return _EXACT.get(f"{failure.code}.{why}") or _WORDS[failure.code]


def told(failure: Failure | Said) -> str:
    """Say what happened and what to do, of a settings file where; what is no failure is said as it is."""
    if isinstance(failure, Said):
        return str(failure)
    if isinstance(failure, SettingsWrong):
        return found(failure).rstrip(".") + "."
    return f"{title(failure)} {advice(failure)}".strip()


def said(failure: LoopdeskError) -> tuple[Said, Said]:
    """Return what happened and what to do, each to be said in whatever language is spoken then."""
    happened, to_do = _words(failure)
    return Said(happened), Said(to_do)


def fault(number: str, failure: LoopdeskError | None) -> tuple[str, str]:
    """Say what nothing expected, and what to do about it; a bug has only its number."""
    if failure is not None:
        return title(failure), advice(failure)
    return (
        _("Something went wrong in the program (fault {number}).", number=number),
        _("Go on working: what was kept is safe. Give the number to IT."),
    )


def found(failure: LoopdeskError) -> str:
    """Say what happened, and what exactly."""
    return f"{title(failure)} {reason(failure)}".strip()


def reason(failure: LoopdeskError) -> str:
    """Say what exactly happened: in a sentence, in the foreign text that came with it, or ""."""
    if isinstance(failure, RuleBroken):
        return ""
    if isinstance(failure, SettingsWrong):
        return f"{failure.place}: {setting_words.complaint(failure)}"
    text = _REASONS.get(f"{failure.code}.{failure.why}")
    return _(text, **failure.values) if text is not None else failure.detail


def rule(code: str, **values: str | int) -> str:
    """Say which rule of the dock forbids something (``RuleBroken.detail``, ``Proposal.blocked``)."""
    return _(_RULES.get(code, N_("That is not possible for this return.")), **values)

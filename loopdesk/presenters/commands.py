"""The table of commands, the only source of keys, buttons and printed codes, and where each of them stands.

Keys are portable text ("F12", "Ctrl+1", "1"), readable by both Qt and people. Codes are words of upper-case
letters and digits; the printed code is the word and five letters of the station's secret
(``domain.labels.command_codes``).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from loopdesk.domain.scanner.burst import PREFIX
from loopdesk.i18n.catalogue import N_

TEXT_CODE = f"{PREFIX}TEXT"
"""``LDCMDTEXT1`` to ``LDCMDTEXT9`` choose a ready answer of the open question; ``LDCMDTEXT0`` shows more."""

MORE_ANSWERS = "text_more"


class Group(StrEnum):
    """Where a command belongs on screen and on the printed sheets."""

    GRADES = "grades"
    DISPOSITIONS = "dispositions"
    LINES = "lines"
    RETURN = "return"
    TEXTS = "texts"
    WINDOW = "window"


@dataclass(frozen=True, slots=True)
class Command:
    """One thing an operator can ask for.

    Attributes:
        id: Stable word for code, settings and tests.
        text: Caption, in English; the window translates it.
        code: The word of the printed code, without its letters.
        key: Portable text of the key, "" for none.
        icon: Name of the file in ``resources/icons``, without its suffix.
    """

    id: str
    text: str
    code: str
    key: str
    icon: str
    group: Group


_CHOOSE = (
    *(N_("Choose 1"), N_("Choose 2"), N_("Choose 3"), N_("Choose 4"), N_("Choose 5")),
    *(N_("Choose 6"), N_("Choose 7"), N_("Choose 8"), N_("Choose 9")),
)


def _texts() -> tuple[Command, ...]:
    """The codes that choose the first to the ninth ready answer shown, and the one that shows more."""
    return (
        *(
            Command(f"text_{n}", text, f"{TEXT_CODE}{n}", "", "list", Group.TEXTS)
            for n, text in enumerate(_CHOOSE, start=1)
        ),
        Command(MORE_ANSWERS, N_("More answers"), f"{TEXT_CODE}0", "", "list", Group.TEXTS),
    )


COMMANDS: tuple[Command, ...] = (
    Command("grade_a", N_("Grade A"), "LDCMDGRADEA", "1", "circle-check", Group.GRADES),
    Command("grade_b", N_("Grade B"), "LDCMDGRADEB", "2", "circle-check", Group.GRADES),
    Command("grade_c", N_("Grade C"), "LDCMDGRADEC", "3", "circle-check", Group.GRADES),
    Command("grade_d", N_("Grade D"), "LDCMDGRADED", "4", "triangle-alert", Group.GRADES),
    Command("grade_wrong", N_("Wrong item"), "LDCMDWRONG", "5", "package-x", Group.GRADES),
    Command("grade_missing", N_("Missing"), "LDCMDMISSING", "6", "circle-help", Group.GRADES),
    Command("grade_junk", N_("Junk"), "LDCMDJUNK", "7", "trash-2", Group.GRADES),
    Command("disposition_stock", N_("Back to stock"), "LDCMDSTOCK", "Ctrl+1", "package", Group.DISPOSITIONS),
    Command("disposition_hold", N_("Hold for resale"), "LDCMDHOLD", "Ctrl+2", "pause", Group.DISPOSITIONS),
    Command("disposition_recycle", N_("Recycle"), "LDCMDRECYCLE", "Ctrl+3", "recycle", Group.DISPOSITIONS),
    Command("disposition_donate", N_("Donate"), "LDCMDDONATE", "Ctrl+4", "truck", Group.DISPOSITIONS),
    Command("select_all", N_("Select all undecided"), "LDCMDALL", "Ctrl+A", "check-check", Group.LINES),
    Command("rest_a", N_("The rest is grade A"), "LDCMDRESTA", "Shift+1", "circle-check", Group.LINES),
    Command("next_line", N_("Next line"), "LDCMDNEXT", "Down", "chevron-down", Group.LINES),
    Command("previous_line", N_("Previous line"), "LDCMDPREV", "Up", "arrow-up-down", Group.LINES),
    Command("extra_item", N_("Extra item"), "LDCMDEXTRA", "Ctrl+E", "package-plus", Group.LINES),
    Command("photo", N_("Photo"), "LDCMDPHOTO", "F8", "camera", Group.LINES),
    Command("photos", N_("See photos"), "LDCMDPHOTOS", "Shift+F8", "image", Group.LINES),
    Command("label", N_("Print label"), "LDCMDLABEL", "Ctrl+L", "printer", Group.LINES),
    Command("empty_box", N_("Empty box"), "LDCMDEMPTY", "Ctrl+0", "package-open", Group.RETURN),
    Command("wrong_parcel", N_("Wrong parcel"), "LDCMDELSEWHERE", "Ctrl+9", "package-search", Group.RETURN),
    Command("note", N_("Note"), "LDCMDNOTE", "F2", "sticky-note", Group.RETURN),
    Command("flag", N_("Flag for review"), "LDCMDFLAG", "F4", "flag", Group.RETURN),
    Command("confirm", N_("Confirm"), "LDCMDCONFIRM", "F12", "check", Group.RETURN),
    Command("undo", N_("Undo"), "LDCMDUNDO", "F10", "undo-2", Group.RETURN),
    Command("park", N_("Put aside"), "LDCMDPARK", "F9", "archive", Group.RETURN),
    Command("go_on_without", N_("Without the rest"), "LDCMDWITHOUT", "Ctrl+G", "truck", Group.RETURN),
    Command("other_return", N_("Other return"), "LDCMDOTHER", "Ctrl+O", "copy", Group.RETURN),
    Command("mystery", N_("Mystery parcel"), "LDCMDMYSTERY", "Ctrl+M", "circle-help", Group.RETURN),
    Command("refresh", N_("Ask Loop again"), "LDCMDREFRESH", "F5", "refresh-cw", Group.RETURN),
    *_texts(),
    Command("type_code", N_("Type a code"), "LDCMDTYPE", "F3", "keyboard", Group.WINDOW),
    Command("finished", N_("Last finished"), "LDCMDLAST", "Ctrl+H", "clock", Group.WINDOW),
    Command("dismiss", N_("Close the message"), "LDCMDDISMISS", "Esc", "x", Group.WINDOW),
)
"""Every command, in the order of the printed sheets."""

_BY_CODE = {command.code: command for command in COMMANDS}
_BY_ID = {command.id: command for command in COMMANDS}


def by_code(code: str) -> Command | None:
    """Return the command with that word, or None."""
    return _BY_CODE.get(code)


def by_id(command_id: str) -> Command | None:
    """Return the command with that id, or None."""
    return _BY_ID.get(command_id)


def in_group(group: Group) -> tuple[Command, ...]:
    """Return the commands of a group, in their order."""
    return tuple(command for command in COMMANDS if command.group is group)


def command_of(code: str) -> Command:
    """Return the command of a printed code that the table is known to hold."""
    command = by_code(code)
    assert command is not None, code
    return command


# --- which commands stand where ---------------------------------------------------------------------

COLUMN_COMMANDS = ("LDCMDFLAG", "LDCMDNOTE", "LDCMDPARK", "LDCMDEMPTY", "LDCMDELSEWHERE")
"""The commands above Confirm, in their order on screen."""

MORE_COMMANDS = ("LDCMDRESTA", "LDCMDALL", "LDCMDREFRESH", "LDCMDTYPE", "LDCMDMYSTERY", "LDCMDLAST")
"""The commands behind the last button of the column."""

IDLE_COMMANDS = ("LDCMDTYPE", "LDCMDMYSTERY")
"""With nothing open: a label that no scanner reads is typed, or its parcel gets a number."""

ALWAYS = ("LDCMDPARK", "LDCMDREFRESH", "LDCMDOTHER", "LDCMDLABEL", "LDCMDLAST", *IDLE_COMMANDS)
"""Those that also act where nothing can be entered any more."""

BESIDE_GRADES = (
    *("LDCMDRESTA", "LDCMDALL", "LDCMDNEXT", "LDCMDPREV"),
    *("LDCMDEXTRA", "LDCMDEMPTY", "LDCMDELSEWHERE", "LDCMDPHOTO"),
)
"""On the printed page of the grades: what else is found in a box, scanned between two grades or for them."""

# --- how they act -----------------------------------------------------------------------------------

NEEDS_EYES = frozenset({"LDCMDCONFIRM", "LDCMDELSEWHERE", "LDCMDDISMISS"})
"""Commands about what is on screen: while another view hides the bench they only bring it forward."""

AT_ONCE = frozenset({"LDCMDCONFIRM", "LDCMDELSEWHERE", "LDCMDUNDO"})
"""Commands of which two within half a second are one press."""

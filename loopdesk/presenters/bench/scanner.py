"""What the bench says about the scanner itself: keys that were no scan, and how to set it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, assert_never

from loopdesk.domain.scanner.serial_ports import GunState
from loopdesk.domain.scanner.wedge import Notice
from loopdesk.i18n.catalogue import N_, _
from loopdesk.presenters.bench.state import Step
from loopdesk.presenters.screens.window import Signal
from loopdesk.presenters.words import words


def say(step: Step, notice: Notice) -> None:
    """Say what became of keys that were no scan and no person's."""
    match notice:
        case Notice.REST:
            rest = _("The code holds several lines: only the first line counts.")
            detail = step.band.detail
            if rest not in detail:
                step.update(step.band.sentence, words.listed((detail, rest)))
        case Notice.SHORT:
            step.say(
                Signal.BLOCKED,
                _("Not taken"),
                _("Keys came as from a scanner, but too few for a code. Nothing was decided."),
                _("Press keys one by one. Set a scanner to end its codes with Enter, and scan again."),
            )
        case Notice.SLOW:
            step.say(
                Signal.ATTENTION,
                _("Scanner"),
                _("The text field may hold what a slow scanner typed. Clear it and scan again."),
                _("Set the scanner to end every code with Enter, and to pause between no characters."),
            )
        case _:
            assert_never(notice)


def say_pace(step: Step, gap_ms: int) -> None:
    """Say, beside what was scanned, that the station has learned how fast its scanner types."""
    learned = _(
        "This scanner was found to pause up to {ms} ms between characters; the station waits for it now.",
        ms=gap_ms,
    )
    step.update(step.band.sentence, words.listed((step.band.detail, learned)))


# --- at serial ports --------------------------------------------------------------------------------


def say_port(step: Step, name: str, state: GunState, before: GunState | None) -> None:
    """Say that a scanner at a serial port went or cannot be had, and that it is there again."""
    if state is GunState.READING:
        back = _("The scanner at {port} is read.", port=name)
        if step.band.serial == step.state.missed:  # what the band says is over
            step.say(Signal.READY, _("Ready"), back, sound=False)
        elif before is not None:
            step.update(step.band.sentence, words.listed((step.band.detail, back)))
        return
    sentence, detail = _trouble(name, state)
    step.say(Signal.ATTENTION, _("Scanner?"), sentence, detail)
    step.become(missed=step.band.serial)


def port_rows(states: Mapping[str, GunState]) -> tuple[tuple[str, str], ...]:
    """Return a figure for each scanner at a serial port: its name, and how it is."""
    return tuple((_("Scanner at {port}", port=name), _(_STATES[state])) for name, state in states.items())


def first_run_words(names: Sequence[str]) -> str:
    """Say which scanners at serial ports were found at the first start, and propose the sure way."""
    if names:
        return _(
            "Found at a serial port: {ports}. Set scanner.port to auto in Settings to read it there.",
            ports=words.listed(tuple(names)),
        )
    return _(
        "Scanners type like a keyboard. The sure way is a scanner set to USB-COM: Settings, Serial port."
    )


def _trouble(name: str, state: _Troubled) -> tuple[str, str]:
    """Return what is wrong and what to do."""
    match state:
        case GunState.HELD:
            return (
                _("Another program has the scanner at {port}.", port=name),
                _("Close that program; the scanner is taken then by itself."),
            )
        case GunState.DENIED:
            return (
                _("This user may not open the scanner at {port}.", port=name),
                _("Call IT: the checks on Health say what to do."),
            )
        case GunState.BROKEN:
            return (
                _("The scanner at {port} cannot be opened.", port=name),
                _("Call IT: the checks on Health say what to do."),
            )
        case GunState.AWAY:
            return (
                _("The scanner at {port} is not there.", port=name),
                _("Plug it in or switch it on; it is taken then by itself."),
            )


_Troubled = Literal[GunState.AWAY, GunState.HELD, GunState.DENIED, GunState.BROKEN]

_STATES = {
    GunState.READING: N_("is read"),
    GunState.AWAY: N_("is not there"),
    GunState.HELD: N_("is held by another program"),
    GunState.DENIED: N_("may not be opened by this user"),
    GunState.BROKEN: N_("cannot be opened"),
}

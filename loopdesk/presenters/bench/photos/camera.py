"""Photos by the camera: one press makes its live picture, the next takes what it shows. Pure."""

from __future__ import annotations

from loopdesk.domain.camera import CameraState
from loopdesk.i18n.catalogue import _
from loopdesk.presenters.bench.effects import StartCamera, TakePhoto
from loopdesk.presenters.bench.questions import MysteryAsked, PhotoAsked
from loopdesk.presenters.bench.state import BenchState, Step
from loopdesk.presenters.screens.returns import LiveScreen
from loopdesk.presenters.screens.window import Signal
from loopdesk.presenters.words import errors
from loopdesk.services.station.events import CameraChanged


def takes_photos(state: BenchState) -> bool:
    """Whether photos come from the camera here; where none can be read at all, they come from files."""
    return state.here.camera not in (None, CameraState.UNSUPPORTED)


def press(step: Step, of: PhotoAsked | MysteryAsked) -> None:
    """Take a photo of this, if the camera is live; else make it live, so that a person can aim."""
    match step.state.here.camera:
        case CameraState.LIVE:
            step.do(TakePhoto(of))
        case CameraState.OPENING:
            step.again()
        case _:
            step.do(StartCamera())
            step.say(
                Signal.WAITING, _("Camera"), _("It starts. F8 takes the photo once its picture is there.")
            )
            step.become(aiming=step.band.serial)


def taken(step: Step) -> None:
    """Keep the live picture large after a photo: the next one is mostly of the same item."""
    if step.state.here.camera is CameraState.LIVE:
        step.become(aiming=step.band.serial)


def changed(step: Step, event: CameraChanged) -> None:
    """Say that the camera is live, or why it cannot be; what was said since it was asked for stays."""
    if event.failure is not None:
        step.say(Signal.BLOCKED, _("Camera"), errors.title(event.failure), errors.advice(event.failure))
        return
    if step.band.serial != step.state.aiming:
        return
    if event.state is CameraState.LIVE:
        step.say(Signal.ASKED, _("Camera"), _("Aim, then press F8 again: that takes the photo."))
        step.become(aiming=step.band.serial)
    elif event.state is CameraState.OFF and step.band.signal is not Signal.DECIDED:  # what is kept stays said
        step.update(_("The camera is off. F8 turns it on again."))


def live_screen(state: BenchState) -> LiveScreen | None:
    """Return what stands beside the live picture; None while the camera is off."""
    if state.here.camera not in (CameraState.OPENING, CameraState.LIVE):
        return None
    is_large = state.band.serial == state.aiming
    return LiveScreen(_("Camera on"), _("F8 takes the photo"), is_large)

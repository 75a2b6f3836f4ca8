"""The public links of photos in grades: how a link is made, and what a settlement's grades name. Pure.

Loop takes links that anyone can open, for good. So a name must not tell which picture it is: it is an HMAC
of the content's hash under the station's secret, and nobody who has a picture can ask whether it is there.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from loopdesk.domain.outbox.actions import Action, Kind
from loopdesk.domain.returns.grading import Draft
from loopdesk.domain.returns.photos import sent_photos

_PURPOSE = b"loopdesk photo name v1\n"


@dataclass(frozen=True, slots=True)
class PhotoAddress:
    """Where the photos of this station can be opened by anyone.

    Attributes:
        url: Without a slash at the end.
        secret: What the names are made with.
    """

    url: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LinkedPhoto:
    """A photo that a grade names.

    Attributes:
        line_item_id: The line that is graded.
        photo: Its name here, which is the hash of its content.
        name: Its name at the place for photos.
        link: Where anyone can open it, once it is there.
    """

    line_item_id: str
    photo: str
    name: str
    link: str


def name_of(photo: str, secret: str) -> str:
    """Return the name of a photo at the place: 32 hex digits and ``.jpg``; the same for the same content."""
    digest = hmac.new(secret.encode(), _PURPOSE + photo.encode(), hashlib.sha256).hexdigest()
    return f"{digest[:32]}.jpg"


def link_at(url: str, name: str) -> str:
    """Return the address of a name below another: where it is stored, or where anyone can open it."""
    return f"{url}/{name}"


def linked(
    actions: Sequence[Action], draft: Draft, place: PhotoAddress | None
) -> tuple[tuple[Action, ...], tuple[LinkedPhoto, ...]]:
    """Put the links of a line's photos into its grade; none without a place: then the photos stay here.

    Returns:
        The actions, and the photos that they name, in the order of each grade.
    """
    if place is None or not place.secret:
        return tuple(actions), ()
    out: list[Action] = []
    photos: list[LinkedPhoto] = []
    for action in actions:
        found = draft.inspection(action.target) if action.kind is Kind.GRADE else None
        if found is None or not found.photos:
            out.append(action)
            continue
        own = [_photo(action.target, photo, place) for photo in sent_photos(found)]
        photos += own
        images = [photo.link for photo in own]
        out.append(replace(action, payload={**action.payload, "images": images}))
    return tuple(out), tuple(photos)


def _photo(line_item_id: str, photo: str, place: PhotoAddress) -> LinkedPhoto:
    name = name_of(photo, place.secret)
    return LinkedPhoto(line_item_id, photo, name, link_at(place.url, name))

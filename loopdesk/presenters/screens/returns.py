"""The parts of an open return's screen, as frozen values; the rules of ``window`` apply here too."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from loopdesk.domain.pictures import NO_PICTURE, ProductPicture


@dataclass(frozen=True, slots=True)
class Link:
    """Something that can be opened: a sibling return, a candidate, a return put aside."""

    return_id: str
    text: str
    detail: str = ""
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class HeaderScreen:
    """The return that is open.

    Attributes:
        promise: What the shopper was promised ("Refund 98.68 USD to the original payment · 3 lines").
        details: Further lines: shopper, carrier and number, label, kind, destination.
        parcels: "parcel 1 of 3", "" for a single one.
        warnings: What the operator must not overlook (other dock, state, unknown words).
        notes: Notes that Loop holds, oldest first.
        shop: Whose return it is, where the station works for several shops; "" otherwise.
        shop_colour: ``#rrggbb``, "" for none.
    """

    return_id: str
    order_name: str
    rma: str
    promise: str
    details: tuple[str, ...]
    state: str
    state_tone: str
    parcels: str = ""
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    siblings: tuple[Link, ...] = ()
    shop: str = ""
    shop_colour: str = ""


@dataclass(frozen=True, slots=True)
class LineRow:
    """One line of the return, as the list shows it.

    Attributes:
        index: Position in the return; the identity of a row (line ids may repeat at Loop).
        seen: "✓ 10:41", "" if not scanned.
        decided: The grade's label ("A", "Missing"), "" while undecided.
        decided_detail: Disposition and consequence ("back to stock", "will be removed").
        is_expected: False for keep and donate lines: shown separately, not to be decided.
        picture: The product's picture: its key in the window's cache of pictures, and whether it is here.
        is_marked: Part of a selection of several lines; the next decision applies to all of them.
        is_extra: It is on no line; ``subtitle`` says why it is here, which matters more than when.
    """

    index: int
    line_item_id: str
    title: str
    subtitle: str
    seen: str
    decided: str
    decided_detail: str
    decided_tone: str = "plain"
    photos: int = 0
    picture: ProductPicture = NO_PICTURE
    is_expected: bool = True
    is_marked: bool = False
    is_extra: bool = False


@dataclass(frozen=True, slots=True)
class LinesFilter:
    """A part of a long list that can be shown alone, with the number of its lines."""

    name: str
    text: str
    count: int
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class CommandButton:
    """A command as a button.

    Attributes:
        command: Its id in the command table.
        key: Its key, as printed on the cap.
        chosen: It is the current choice.
        meaning: What a grade means in words ("As new, complete").
    """

    command: str
    text: str
    key: str
    chosen: bool = False
    enabled: bool = True
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class ItemScreen:
    """The item in hand: the selected line, large, and what can be decided about it.

    Attributes:
        title: In full, however long.
        codes: SKU and barcode.
        price: Price and what Loop does with it.
        reason: What the shopper chose as the reason; ``comment`` is what they wrote, in quotes.
        held: What Loop already holds for the line, "" if nothing.
        note: The operator's own words, with an item that came instead.
        photos: Names of the photos that are kept with it, oldest first.
        photo_wish: Says that a photo is called for and missing, or where those that are there stay; else "".
        picture: The product's picture, as in the list.
        grades: In the order of their digits.
        exceptions: Wrong item, missing, junk; and an item that is on no line.
        dispositions: Where it goes; none can be chosen before there is a grade.
        photo: Takes a photo of it.
    """

    line_item_id: str
    title: str
    variant: str
    codes: str
    price: str
    reason: str
    comment: str
    held: str
    note: str
    photos: tuple[str, ...]
    photo_wish: str
    grades: tuple[CommandButton, ...]
    exceptions: tuple[CommandButton, ...]
    dispositions: tuple[CommandButton, ...]
    photo: CommandButton
    picture: ProductPicture = NO_PICTURE


@dataclass(frozen=True, slots=True)
class Choice:
    """One settlement that the operator may choose."""

    kind: str
    text: str
    consequence: str
    chosen: bool = False
    irreversible: bool = False


@dataclass(frozen=True, slots=True)
class PlanScreen:
    """What will happen, and the one big button.

    Attributes:
        sentence: One sentence in words.
        steps: What goes to Loop, in order.
        button: The big button: confirm. It never changes its meaning: undo has its place in the band.
        choices: The legal settlements, the chosen one marked; empty if there is nothing to choose.
    """

    sentence: str
    steps: tuple[str, ...]
    button: CommandButton
    choices: tuple[Choice, ...] = ()
    tone: str = "plain"


@dataclass(frozen=True, slots=True)
class LiveScreen:
    """The live picture of the camera, while it is on.

    Attributes:
        light: Says beside the light that it is on.
        hint: How a photo is taken with it.
        is_large: Somebody aims; otherwise it leaves what is known of the item to be read.
    """

    light: str
    hint: str
    is_large: bool = True


class QuestionKind(StrEnum):
    """What the operator is asked."""

    NOTE = "note"
    FLAG = "flag"
    EXTRA = "extra"
    STRAY = "stray"
    MYSTERY = "mystery"
    MYSTERY_PHOTO = "mystery_photo"
    PHOTO = "photo"
    PHOTO_SHOWN = "photo_shown"
    CODE = "type_code"
    RETURN = "return"
    ELSEWHERE = "elsewhere"


@dataclass(frozen=True, slots=True)
class AnswerCodes:
    """The printed codes that answer a question, "" for none; in no ``repr``, for their letters are secret.

    Attributes:
        ready: Of the numbered answers, in their order.
        more: Shows further answers.
        accept: Accepts what the field holds.
        leave: Closes the question.
    """

    ready: tuple[str, ...] = field(default=(), repr=False)
    more: str = field(default="", repr=False)
    accept: str = field(default="", repr=False)
    leave: str = field(default="", repr=False)


NO_CODES = AnswerCodes()
"""A question that no scanner answers."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question to the operator, over the bench or beside it; answered by scan, touch, number or words.

    Attributes:
        number: Which question it is: the same in any language, and while anything else of it changes.
        templates: Ready answers, at most nine, chosen by their number's key, by touch, or by a code.
        details: A second line of each of them; empty when none has one.
        chosen: The one that Confirm takes, -1 for none.
        more: Says that there are more answers and which are shown ("10 to 18 of 20"), "" when all are.
        codes: What a scanner reads beside each answer.
        is_choice: Answered by its templates alone, whose numbers are keys; there is no field.
        text: What the field holds at first.
        second: Caption of a second field, "" for a question with one.
        second_text: What the second field holds at first.
        photo: Path of the photo that is open, to be shown large; "" for none.
        is_hint_told: The band says the hint now, so the question does not repeat it.
    """

    kind: QuestionKind
    title: str
    hint: str
    templates: tuple[str, ...] = ()
    text: str = ""
    accept: str = "OK"
    cancel: str = ""
    second: str = ""
    second_text: str = ""
    is_choice: bool = False
    photo: str = ""
    details: tuple[str, ...] = ()
    chosen: int = -1
    more: str = ""
    codes: AnswerCodes = NO_CODES
    is_hint_told: bool = False
    number: int = 0

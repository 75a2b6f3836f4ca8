"""The questions of the bench: one value each with its own data, and how it is put to the operator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from loopdesk.domain.returns.grading import Draft, Vocabulary
from loopdesk.domain.returns.shared_drafts import Presence, SharedDraft
from loopdesk.domain.sync import HubContact
from loopdesk.i18n.catalogue import N_, _
from loopdesk.presenters.commands import TEXT_CODE
from loopdesk.presenters.screens.returns import AnswerCodes, Link, Prompt, QuestionKind
from loopdesk.presenters.words import elsewhere_words


@dataclass(frozen=True, slots=True)
class Typed:
    """What a field holds, or what was given as an answer.

    Attributes:
        masked: The same as it may be kept: the letters of a command code are kept nowhere.
        is_code: It is a command code, which is never an answer in words.
    """

    text: str = ""
    masked: str = ""
    is_code: bool = False

    @property
    def clean(self) -> str:
        """The text without spaces around it."""
        return self.text.strip()


EMPTY = Typed()
"""A field that holds nothing."""


@dataclass(frozen=True, slots=True)
class NoteAsked:
    """A note is asked for."""


@dataclass(frozen=True, slots=True)
class FlagReasonAsked:
    """Why the return is to be flagged; the question covers its head, so it names the order."""

    order: str


@dataclass(frozen=True, slots=True)
class ExtraAsked:
    """What lies in the parcel that is on no line.

    Attributes:
        instead_of: The id of the line in whose place it lies, "" for an item that is too many.
        title: That line's, or that item's.
        item_id: The item that is noted already and of which more is told, "" for a new one.
    """

    instead_of: str = ""
    title: str = ""
    item_id: str = ""


@dataclass(frozen=True, slots=True)
class PhotoAsked:
    """A picture of a decided line, or of an item on no line.

    Attributes:
        item_id: The line's id, or the item's.
        title: What it is.
        instead_of: The photo whose place it takes, "" for one more.
    """

    return_id: str
    item_id: str
    title: str
    instead_of: str = ""


@dataclass(frozen=True, slots=True)
class PhotoShown:
    """A photo that is open, and what is to be done with it.

    Attributes:
        item_id, title: As ``PhotoAsked``.
        name: Under which it is kept.
        number: Its place among those of the item, from 0, the oldest first; ``count`` is how many there are.
    """

    return_id: str
    item_id: str
    title: str
    name: str
    number: int
    count: int


@dataclass(frozen=True, slots=True)
class CodeAsked:
    """A code to look up."""


@dataclass(frozen=True, slots=True)
class StrayAsked:
    """What a code is that the open return does not have.

    Attributes:
        order: The return that stays open.
        is_label: It is a parcel's label as far as one can tell, and no item's code: never to be forgotten.
    """

    code: str
    order: str
    is_label: bool


@dataclass(frozen=True, slots=True)
class MysteryAsked:
    """What is told of a parcel without a return; ``code`` is "" for one without a readable code."""

    code: str = ""
    words: str = ""
    shelf: str = ""
    photo: str = ""


@dataclass(frozen=True, slots=True)
class MysteryPhotoAsked:
    """A picture of such a parcel; what was told of it so far stays."""

    told: MysteryAsked


@dataclass(frozen=True, slots=True)
class OpenElsewhere:
    """Whether to go on with a return that is open at another bench.

    Attributes:
        there: Where, since when, and by whom.
        hub: Whether the hub could be heard when it was asked.
        zone, at: In which time zone, and when, it was asked.
    """

    return_id: str
    order: str
    there: Presence
    hub: HubContact
    zone: tzinfo
    at: datetime


@dataclass(frozen=True, slots=True)
class BothEntered:
    """Which of two stands that were entered apart.

    Attributes:
        here, theirs: What was entered here, and at the other bench.
        zone, at: As of ``OpenElsewhere``.
        is_ours: The other one is this bench's too, of after the copy from which its store was put back.
    """

    return_id: str
    order: str
    here: Draft
    theirs: SharedDraft
    zone: tzinfo
    at: datetime
    is_ours: bool = False


Question = (
    NoteAsked
    | FlagReasonAsked
    | ExtraAsked
    | PhotoAsked
    | PhotoShown
    | CodeAsked
    | StrayAsked
    | MysteryAsked
    | MysteryPhotoAsked
    | OpenElsewhere
    | BothEntered
)


NEEDED: dict[type, str] = {
    CodeAsked: "code_needed",
    PhotoAsked: "photo_needed",
    MysteryPhotoAsked: "photo_needed",
}
"""What is needed where words are no answer."""

ASKED_WORDS: Mapping[type[Question], str] = {
    NoteAsked: N_("Note"),
    FlagReasonAsked: N_("Why flag it?"),
    ExtraAsked: N_("Extra item"),
    PhotoAsked: N_("Photo"),
    PhotoShown: N_("Photo"),
    CodeAsked: N_("Type a code"),
    StrayAsked: N_("Not on this return"),
    MysteryAsked: N_("Mystery parcel"),
    MysteryPhotoAsked: N_("Photo"),
    OpenElsewhere: N_("At another bench"),
    BothEntered: N_("At another bench"),
}
"""The band's word for each question."""


def flag_reasons(vocabulary: Vocabulary) -> tuple[str, ...]:
    """The ready answers of the question why a return is flagged, in the order of their numbers."""
    return (*vocabulary.flag_reasons, wrong_parcel_reason())


def wrong_parcel_reason() -> str:
    """The ready answer that says that the parcel belongs elsewhere."""
    return _("Wrong parcel: it belongs to another return or shop")


def stray_answers() -> tuple[str, ...]:
    """The answers to ``StrayAsked``, in the order of their numbers."""
    return _("Extra item"), _("Wrong item"), _("Another parcel")


def prompt_of(question: Question, vocabulary: Vocabulary) -> Prompt:
    """Return a question as it is shown."""
    match question:
        case NoteAsked():
            hint = _("It is kept with the return and goes to Loop when you settle.")
            templates = vocabulary.note_templates
            return Prompt(QuestionKind.NOTE, _("Note"), hint, templates, accept=_("Keep the note"))
        case FlagReasonAsked(order):
            hint, reasons = _("A person at Loop will see this reason."), flag_reasons(vocabulary)
            title = _("Why flag {order}?", order=order)
            return Prompt(QuestionKind.FLAG, title, hint, reasons, accept=_("Flag"))
        case ExtraAsked(item_id=item_id, title=title) if item_id:
            hint = _("Scan its code, or describe it: both are noted.")
            return Prompt(
                QuestionKind.EXTRA, _("More about {item}", item=title), hint, accept=_("Keep the words")
            )
        case ExtraAsked(instead_of, title):
            hint = _("Scan the item, or describe it.")
            asked = _("What came instead of {line}?", line=title) if instead_of else _("Extra item")
            return Prompt(QuestionKind.EXTRA, asked, hint, accept=_("Add the item"))
        case PhotoAsked() | PhotoShown() | MysteryPhotoAsked():
            return _photo_prompt(question)
        case CodeAsked():
            hint = _("A tracking number, an order, an RMA number or a SKU. Enter looks it up.")
            return Prompt(QuestionKind.CODE, _("Type a code"), hint, accept=_("Look up"))
        case StrayAsked(code, order):
            return Prompt(
                QuestionKind.STRAY,
                _("Not on this return"),
                _("Scanned: {code}. {order} stays open. What is it?", code=code[:60], order=order),
                stray_answers(),
                cancel=_("Nothing, go on"),
                is_choice=True,
            )
        case OpenElsewhere() | BothEntered():
            return _shared_prompt(question, vocabulary)
        case MysteryAsked():
            return _mystery_prompt(question)


def _shared_prompt(question: OpenElsewhere | BothEntered, vocabulary: Vocabulary) -> Prompt:
    match question:
        case OpenElsewhere(order=order):
            return Prompt(
                QuestionKind.ELSEWHERE,
                _("{order} is open at another bench", order=order),
                elsewhere_words.open_at(question.there, question.hub, question.zone, question.at),
                (_("Go on here"), _("Leave it there")),
                cancel=_("Close"),
                is_choice=True,
            )
        case BothEntered(order=order, theirs=theirs, is_ours=is_ours):
            here, there = elsewhere_words.two_entered(
                question.here, theirs, vocabulary, question.zone, question.at
            )
            return Prompt(
                QuestionKind.ELSEWHERE,
                _("{order} was entered twice at this bench", order=order)
                if is_ours
                else _("{order} was entered at two benches", order=order),
                _(
                    "Here (older copy): {here}. At the hub: {there}. The other stays in the audit log.",
                    here=here,
                    there=there,
                )
                if is_ours
                else _(
                    "Here: {here}. {bench}: {there}. The other stays in the audit log.",
                    here=here,
                    bench=theirs.bench,
                    there=there,
                ),
                (
                    _("What is entered here"),
                    _("What the hub has") if is_ours else _("What {bench} entered", bench=theirs.bench),
                ),
                cancel=_("Choose later"),
                is_choice=True,
            )


def photo_answers(count: int) -> tuple[str, ...]:
    """The answers to ``PhotoShown``, in the order of their numbers.

    Args:
        count: How many photos the item has.
    """
    return _("Take it again"), _("Delete it"), *((_("The photo before it"),) if count > 1 else ())


def _photo_prompt(question: PhotoAsked | PhotoShown | MysteryPhotoAsked) -> Prompt:
    match question:
        case PhotoAsked(title=name, instead_of=before):
            title = _("Another photo of {item}", item=name) if before else _("Photo of {item}", item=name)
            hint = _("Drop or paste a picture, choose one, or type where it is.")
            return Prompt(QuestionKind.PHOTO, title, hint, accept=_("Attach"))
        case PhotoShown(title=name, number=number, count=count):
            return Prompt(
                QuestionKind.PHOTO_SHOWN,
                _("Photo {n} of {all} of {item}", n=number + 1, all=count, item=name),
                _("Undo brings a deleted photo back."),
                photo_answers(count),
                cancel=_("Close"),
                is_choice=True,
                photo=question.name,
            )
        case MysteryPhotoAsked():
            title = _("Photo of the mystery parcel")
            hint = _("Choose a picture, or type where it is. It stays here with the parcel's number.")
            return Prompt(QuestionKind.MYSTERY_PHOTO, title, hint, accept=_("Attach"))


def picker_prompt(choices: Sequence[Link], picked: int) -> Prompt:
    """Return the question which of several returns is meant; ``picked`` is the one that Confirm opens."""
    return Prompt(
        QuestionKind.RETURN,
        _("Which return is it?"),
        _("Its number, a touch, or the code beside it opens it."),
        tuple(link.text for link in choices),
        cancel=_("None of these"),
        is_choice=True,
        details=tuple(link.detail for link in choices),
        chosen=picked,
    )


# --- numbers and codes ------------------------------------------------------------------------------

PAGE = 9
"""So many answers are shown at once: each has a digit, and a code on the sheet."""


def page_count(answers: int) -> int:
    """Return how many pages so many answers need."""
    return max(1, -(-answers // PAGE))


def on_page(prompt: Prompt, page: int) -> Prompt:
    """Return a question with the answers of one page, numbered from 1."""
    count = len(prompt.templates)
    if count <= PAGE:
        return prompt
    first = page * PAGE
    last = min(first + PAGE, count)
    return replace(
        prompt,
        templates=prompt.templates[first:last],
        details=prompt.details[first:last],
        chosen=prompt.chosen - first if first <= prompt.chosen < last else -1,
        more=_("More: {first} to {last} of {all} are shown", first=first + 1, last=last, all=count),
    )


def with_codes(prompt: Prompt, printed: Callable[[str], str]) -> Prompt:
    """Return a question with the codes that answer it.

    Args:
        printed: Gives the code that is printed for a command's word.
    """
    codes = AnswerCodes(
        ready=tuple(printed(f"{TEXT_CODE}{n}") for n in range(1, len(prompt.templates) + 1)),
        more=printed(f"{TEXT_CODE}0") if prompt.more else "",
        accept="" if prompt.is_choice else printed("LDCMDCONFIRM"),
        leave=printed("LDCMDDISMISS"),
    )
    return replace(prompt, codes=codes)


def _mystery_prompt(told: MysteryAsked) -> Prompt:
    wish = _("Confirm gives it a number. Words and shelf are welcome; F8 adds a photo.")
    if told.photo:
        wish = _("Confirm gives it a number; its photo is attached.")
    scanned = _("Scanned: {code}.", code=told.code[:60]) if told.code else ""
    return Prompt(
        QuestionKind.MYSTERY,
        _("No return carries this code") if told.code else _("No readable code"),
        f"{scanned} {wish}".strip(),
        accept=_("Keep as mystery parcel"),
        cancel=_("Forget it"),
        second=_("Shelf"),
    )


def templates_of(question: Question | None, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the ready answers of a question, in the order of their numbers."""
    return prompt_of(question, vocabulary).templates if question is not None else ()

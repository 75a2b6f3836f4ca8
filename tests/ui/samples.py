"""Sample screens of the bench, for its tests and for ``make screens``."""

from __future__ import annotations

from dataclasses import dataclass, replace

from loopdesk.presenters.screens.returns import (
    AnswerCodes,
    Choice,
    CommandButton,
    HeaderScreen,
    ItemScreen,
    LineRow,
    LinesFilter,
    Link,
    PlanScreen,
    Prompt,
    QuestionKind,
)
from loopdesk.presenters.screens.window import (
    BandScreen,
    BenchScreen,
    Countdown,
    Signal,
    StripScreen,
)
from tests.bench_rig import issued

KEYS = (
    ("grade_a", "1"),
    ("grade_b", "2"),
    ("grade_wrong", "5"),
    ("disposition_stock", "Ctrl+1"),
    ("select_all", "Ctrl+A"),
    ("rest_a", "Shift+1"),
    ("next_line", "Down"),
    ("previous_line", "Up"),
    ("note", "F2"),
    ("type_code", "F3"),
    ("flag", "F4"),
    ("refresh", "F5"),
    ("photo", "F8"),
    ("park", "F9"),
    ("undo", "F10"),
    ("confirm", "F12"),
    ("dismiss", "Esc"),
)
ICONS = {
    "undo": "undo-2",
    "flag": "flag",
    "note": "sticky-note",
    "photo": "camera",
    "park": "archive",
    "extra_item": "package-plus",
    "empty_box": "package-open",
    "select_all": "list",
    "refresh": "refresh-cw",
    "type_code": "keyboard",
    "confirm": "check",
}

BIDI = "\u202egnp.exe\u202c"
HOSTILE = (
    f"<b>Bold</b> <img src=x onerror=alert(1)> {BIDI} & Co. "
    "\x1b[31m\x07 z\u0335\u0321\u0322\u0323\u0324\u0325algo "
    "Überlängendonaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenhersteller فستان أحمر 连衣裙 👩‍👩‍👧"
)


@dataclass(frozen=True)
class Sample:
    """One picture of the bench; ``opened`` opens the list of other ways to finish."""

    screen: BenchScreen
    strip: StripScreen
    opened: bool = False


def grades(chosen: str = "", *, enabled: bool = True) -> tuple[CommandButton, ...]:
    """Return the four grade buttons."""
    words = (
        ("grade_a", "A", "As new, complete"),
        ("grade_b", "B", "Light wear, saleable"),
        ("grade_c", "C", "Worn or repackaging needed"),
        ("grade_d", "D", "Damaged"),
    )
    return tuple(
        CommandButton(command, text, str(number), command == chosen, enabled, meaning)
        for number, (command, text, meaning) in enumerate(words, start=1)
    )


def exceptions(chosen: str = "", *, enabled: bool = True) -> tuple[CommandButton, ...]:
    """Return the buttons of what is no condition of the item."""
    words = (
        ("grade_wrong", "Wrong item", "5"),
        ("grade_missing", "Missing", "6"),
        ("grade_junk", "Junk", "7"),
        ("extra_item", "Extra item", "Ctrl+E"),
    )
    return tuple(
        CommandButton(command, text, key, command == chosen, enabled) for command, text, key in words
    )


def dispositions(chosen: str = "disposition_stock", *, enabled: bool = True) -> tuple[CommandButton, ...]:
    """Return the four disposition buttons."""
    words = (
        ("disposition_stock", "Back to stock"),
        ("disposition_hold", "Resale hold"),
        ("disposition_recycle", "Recycle"),
        ("disposition_donate", "Donate"),
    )
    return tuple(
        CommandButton(command, text, f"Ctrl+{number}", command == chosen, enabled)
        for number, (command, text) in enumerate(words, start=1)
    )


def item(**more: object) -> ItemScreen:
    """Return the item in hand of a return: undecided."""
    made = ItemScreen(
        line_item_id="9002",
        title="Merino beanie, rust",
        variant="one size",
        codes="SKU FD-RL-2 · barcode 0912345678902",
        price="24.00 USD",
        reason="Damaged",
        comment="“hole near the seam”",
        held="",
        note="",
        photos=(),
        photo_wish="",
        grades=grades(),
        exceptions=exceptions(),
        dispositions=dispositions("", enabled=False),
        photo=CommandButton("photo", "Photo", "F8"),
    )
    return replace(made, **more)  # type: ignore[arg-type]


def done_item() -> ItemScreen:
    """Return the item of a return in which nothing can be decided any more."""
    return item(
        grades=grades("grade_c", enabled=False),
        exceptions=exceptions(enabled=False),
        dispositions=dispositions("disposition_hold", enabled=False),
        photo=CommandButton("photo", "Photo", "F8", enabled=False),
    )


def decided_item(grade: str = "grade_c", disposition: str = "disposition_hold") -> ItemScreen:
    """Return the same item with its decision."""
    return item(grades=grades(grade), dispositions=dispositions(disposition))


def commands() -> tuple[CommandButton, ...]:
    """Return the commands above Confirm."""
    return (
        CommandButton("flag", "Flag", "F4"),
        CommandButton("note", "Note", "F2"),
        CommandButton("park", "Put aside", "F9"),
        CommandButton("empty_box", "Empty box", "Ctrl+0"),
    )


def further() -> tuple[CommandButton, ...]:
    """Return the commands behind the last button of the column."""
    return (
        CommandButton("rest_a", "The rest is grade A", "Shift+1"),
        CommandButton("select_all", "All undecided", "Ctrl+A"),
        CommandButton("refresh", "Ask Loop again", "F5"),
        CommandButton("type_code", "Type a code", "F3"),
        CommandButton("mystery", "Mystery parcel", "Ctrl+M"),
    )


def band(
    signal: Signal = Signal.FOUND, word: str = "Found", sentence: str = "", detail: str = ""
) -> BandScreen:
    """Return a band of an open return."""
    return BandScreen(
        signal,
        word,
        sentence,
        detail,
        serial=1,
        undo="#20417",
        progress="2 of 3",
        progress_detail="1 line to decide · parcel 1 of 2",
    )


def line(index: int, title: str = "Field Jacket, olive — M", **more: object) -> LineRow:
    """Return one line of a return."""
    row = LineRow(
        index=index,
        line_item_id=str(9000 + index),
        title=title,
        subtitle=f"FD-RL-{index}",
        seen="",
        decided="",
        decided_detail="undecided",
    )
    return replace(row, **more)  # type: ignore[arg-type]


JACKET_M = line(0, seen="✓ 10:41", decided="A", decided_detail="back to stock", decided_tone="ok")
JACKET_L = line(
    1,
    "Field Jacket, olive — L",
    decided="Missing",
    decided_detail="will be removed",
    decided_tone="offline",
)
BEANIE = line(2, "Merino beanie, rust")


def header(**more: object) -> HeaderScreen:
    """Return the header of an open return."""
    made = HeaderScreen(
        return_id="91000123",
        order_name="#20417",
        rma="RMA 91000123",
        promise="Refund 98.68 USD to the original payment · 3 lines",
        details=("pat.s•••@example.test · USPS 9400 1112 0620 6406 2607 87 · delivered 18 Nov",),
        state="Open",
        state_tone="ok",
        parcels="parcel 1 of 2",
    )
    return replace(made, **more)  # type: ignore[arg-type]


def plan(**more: object) -> PlanScreen:
    """Return the plan of a return with one undecided line."""
    made = PlanScreen(
        sentence="Decide one more line.",
        steps=(
            "Field Jacket, olive — M: A, back to stock",
            "Field Jacket, olive — L: Missing, will be removed",
        ),
        button=CommandButton("confirm", "Confirm", "F12", enabled=False),
    )
    return replace(made, **more)  # type: ignore[arg-type]


CHOICES = (
    Choice(
        "remove_and_process",
        "Remove and process",
        "1 line is removed; the refund becomes 49.34 USD.",
        chosen=True,
        irreversible=True,
    ),
    Choice("flag", "Flag for review", "A person in Loop decides. Nothing is refunded now."),
    Choice("grade_only", "Grade only", "Grades and places go to Loop, nothing else."),
    Choice(
        "cancel",
        "Cancel the return",
        "The shopper gets nothing for it. Cannot be taken back at Loop.",
        irreversible=True,
    ),
)


def bench(**more: object) -> BenchScreen:
    """Return the bench with three lines, the third undecided."""
    made = BenchScreen(
        band=band(
            sentence="USPS label, ZIP removed.",
            detail="Opened from this station in 9 ms · checked with Loop 10:41",
        ),
        header=header(),
        lines=(JACKET_M, JACKET_L, BEANIE),
        selected=2,
        item=item(),
        plan=plan(),
        commands=commands(),
        more=further(),
        title="#20417 · 91000123 — loopdesk",
    )
    return replace(made, **more)  # type: ignore[arg-type]


def strip(**more: object) -> StripScreen:
    """Return a calm status strip."""
    made = StripScreen("Online", "ok", 2, 1, 2, "10:41", "0.4 s", "dock 1", "Kim")
    return replace(made, **more)  # type: ignore[arg-type]


OFFLINE_STRIP = strip(connection="Offline since 10:12", connection_tone="offline", kept=14, mysteries=3)
PARKED = (
    Link("91000120", "#20411 · RMA 91000120", "1 of 3 lines decided · put aside 10:22"),
    Link("91000119", "#20388 · RMA 91000119", "nothing decided · put aside 19 Nov, 16:05", "offline"),
)
CANDIDATES = (
    *PARKED,
    Link("3", "#20400 · RMA 91000111", "Closed · graded nothing yet · Sam P.", "accent"),
)
"""The returns that a scan may stand for."""


def codes(answers: int, *, accept: bool = True) -> AnswerCodes:
    """Return the codes of a question with so many numbered answers, as a sheet has them."""
    return AnswerCodes(
        ready=tuple(issued(f"LDCMDTEXT{n}") for n in range(1, answers + 1)),
        accept=issued("LDCMDCONFIRM") if accept else "",
        leave=issued("LDCMDDISMISS"),
    )


READY = BenchScreen(
    band=BandScreen(Signal.READY, "Ready", "Scan the label of the next parcel.", serial=1),
    header=None,
    lines=(),
    selected=-1,
    item=None,
    plan=None,
    commands=(
        CommandButton("type_code", "Type a code", "F3"),
        CommandButton("mystery", "Mystery parcel", "Ctrl+M"),
    ),
)


FILTERS = (
    LinesFilter("to_decide", "To decide", 160),
    LinesFilter("other_parcels", "Other parcels", 12),
    LinesFilter("all", "All", 200, chosen=True),
)


def _two_hundred() -> tuple[LineRow, ...]:
    sizes = ("XS", "S", "M", "L", "XL")
    rows = [line(n, f"Trail sock, moss — {sizes[n % 5]} / {n}") for n in range(200)]
    for n in range(40):
        rows[n] = replace(
            rows[n], seen="✓ 10:41", decided="A", decided_detail="back to stock", decided_tone="ok"
        )
    return tuple(rows)


def _kept() -> BenchScreen:
    beanie = replace(
        BEANIE, seen="✓ 10:41", decided="C", decided_detail="resale hold", decided_tone="ok", photos=2
    )
    return bench(
        band=BandScreen(
            Signal.KEPT,
            "Kept",
            "Goes to Loop in 6 seconds. Undo costs nothing until then.",
            "Saved on this station · offline since 10:12, 14 returns waiting",
            Countdown(6, 8),
            serial=2,
            undo="#20417",
        ),
        lines=(JACKET_M, JACKET_L, beanie),
        selected=-1,
        item=done_item(),
        plan=PlanScreen(
            "Remove 1 missing line and process the rest. Refund becomes 49.34 USD.",
            (
                "Grade and place 3 lines",
                "Note: “Jacket L not in parcel”",
                "Remove line, process — cannot be undone at Loop",
            ),
            CommandButton("confirm", "Kept", "F12", enabled=False),
        ),
    )


def _hostile() -> BenchScreen:
    endless = "Sehr lange Bezeichnung ohne Ende " * 3000
    return bench(
        band=band(Signal.BLOCKED, "Blocked — Zugriff verweigert", HOSTILE * 3, endless),
        header=header(
            order_name=HOSTILE,
            promise=endless,
            details=(endless, HOSTILE, HOSTILE, HOSTILE),
            state="Loop says “" + "x" * 300 + "”",
            state_tone="blocked",
            warnings=(HOSTILE, endless, "Meant for Reno, not for Berlin."),
            notes=tuple(f"Note {n}: {HOSTILE}" for n in range(30)),
            siblings=tuple(Link(str(n), f"RMA 9100{n} {HOSTILE}") for n in range(12)),
        ),
        lines=(
            line(0, HOSTILE, photos=3),
            line(1, endless, subtitle=endless, decided=endless, decided_detail=endless),
            line(2, HOSTILE, subtitle=HOSTILE),
        ),
        selected=0,
        item=item(
            title=endless,
            variant=HOSTILE,
            codes=HOSTILE,
            reason=HOSTILE,
            comment=endless,
            held="at Loop: B, resale hold",
            note=HOSTILE,
            photos=("gone.jpg", "gone too.jpg"),
        ),
        plan=plan(sentence=endless, steps=tuple(HOSTILE for _ in range(20)), choices=CHOICES, tone="blocked"),
    )


def all_samples() -> dict[str, Sample]:
    """Return every sample by name."""
    confirm = CommandButton("confirm", "Remove and process", "F12")
    ready_plan = plan(
        sentence="Remove 1 missing line and process the rest. Refund becomes 49.34 USD.",
        steps=("Grade and place 3 lines", "Note: “Jacket L not in parcel”", "Remove 1 line, process"),
        button=confirm,
        choices=CHOICES,
    )
    decided = replace(BEANIE, seen="✓ 10:41", decided="C", decided_detail="resale hold", decided_tone="ok")
    unexpected = line(3, "Gift wrap", decided_detail="the shopper keeps it", is_expected=False)
    screens = {
        "ready": READY,
        "ready-parked": replace(READY, parked=PARKED),
        "found-1": bench(lines=(replace(BEANIE, index=0),), selected=0, plan=plan(steps=())),
        "found-3": bench(),
        "decided": bench(
            lines=(JACKET_M, JACKET_L, decided, unexpected),
            item=decided_item(),
            plan=ready_plan,
        ),
        "found-200": bench(
            lines=_two_hundred(),
            selected=43,
            header=header(promise="Store credit 3,200.00 USD · 200 lines"),
            filters=FILTERS,
        ),
        "marked": bench(
            lines=(
                JACKET_M,
                replace(JACKET_L, decided="", decided_detail="undecided", is_marked=True),
                replace(BEANIE, is_marked=True),
            )
        ),
        "hostile": _hostile(),
        "kept": _kept(),
        "unknown": replace(
            READY,
            band=band(
                Signal.UNKNOWN,
                "Unknown",
                "No return carries 9400 1112 0620 6406.",
                "Asked the station and Loop",
            ),
            prompt=Prompt(
                QuestionKind.MYSTERY,
                "Mystery parcel 17",
                "Say what is on the box; it is looked for at every sync.",
                ("No label", "Label cannot be read", "Wrong merchant"),
                "",
                "Keep as mystery",
                codes=codes(3),
            ),
        ),
        "picker": replace(
            READY,
            band=band(Signal.FOUND, "3 returns", "The bag stands for several returns."),
            prompt=Prompt(
                QuestionKind.RETURN,
                "Which return is it?",
                "Its number, a touch, or the code beside it opens it.",
                tuple(link.text for link in CANDIDATES),
                cancel="None of these",
                is_choice=True,
                details=tuple(link.detail for link in CANDIDATES),
                chosen=0,
                codes=codes(len(CANDIDATES), accept=False),
            ),
        ),
        "prompt": bench(
            prompt=Prompt(
                QuestionKind.FLAG,
                "Why is it flagged?",
                "Scan or touch a reason, or type one. It goes to Loop as a note.",
                (
                    "Extra item in the box",
                    "Item damaged in transit",
                    "Customer letter enclosed",
                    "Serial number does not match the order",
                ),
                "",
                "Flag",
                codes=codes(4),
            )
        ),
        "grade-only": bench(
            band=band(
                Signal.FOUND,
                "Found",
                "UPS tracking number.",
                "Loop has paid for it already; it still must be graded.",
            ),
            header=header(
                state="Closed",
                state_tone="accent",
                warnings=("Meant for Reno, not for Berlin.",),
                notes=("Label printed at the store", "Customer called about this one"),
                siblings=(Link("1", "RMA 91000124 · open"), Link("2", "RMA 91000090 · closed")),
            ),
            plan=plan(
                sentence="Grade only: Loop has settled this return already.",
                steps=("Grade and place 3 lines",),
                button=CommandButton("confirm", "Send grades", "F12"),
            ),
        ),
        "attention": bench(
            band=band(
                Signal.ATTENTION, "Attention", "2 returns need a lead.", "Oldest has waited 39 minutes"
            ),
            plan=plan(
                sentence="Process: needs a person.",
                tone="blocked",
                steps=("Loop says that the return changed",),
            ),
            item=done_item(),
            selected=-1,
        ),
        "done": bench(
            band=replace(
                band(Signal.DONE, "Done", "#20411 is processed.", "Read back from Loop 10:43"), practice=True
            ),
        ),
        "taken_back": bench(band=band(Signal.TAKEN_BACK, "Taken back", "#20417 was taken back.")),
        "decided_d": bench(
            band=replace(
                band(Signal.EXCEPTION, "Damaged", "Merino beanie, rust → recycle", "Next: Field Jacket"),
                letter="D",
            )
        ),
        "stray": bench(
            band=band(
                Signal.STRAY, "Not on this return", "Choose: 1 extra item, 2 wrong item, 3 another parcel."
            )
        ),
        "mystery": replace(
            READY, band=BandScreen(Signal.MYSTERY, "1042", "Write the number on the box.", serial=1)
        ),
        "settled": bench(band=band(Signal.SETTLED, "Settled already", "Only the grades are sent.")),
        "cancelled": bench(band=band(Signal.CANCELLED, "Cancelled", "Set the parcel aside.")),
        "review": bench(band=band(Signal.REVIEW, "In review", "A person must clear it in Loop.")),
        "selected": bench(band=band(Signal.SELECTED, "Line 2", "Field Jacket, olive — L")),
        "asked": bench(band=band(Signal.ASKED, "Note", "Write it, or choose one.")),
        "double": bench(band=band(Signal.DOUBLE, "Double", "The same label again. Nothing was changed.")),
    }
    made = {name: Sample(screen, strip(practice=name == "done")) for name, screen in screens.items()}
    for name in ("kept", "unknown"):
        made[name] = replace(made[name], strip=OFFLINE_STRIP)
    made["choices"] = Sample(screens["decided"], strip(), opened=True)
    return made

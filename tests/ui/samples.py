"""Sample screens of the bench, for its tests and for the gallery."""

from __future__ import annotations

from dataclasses import dataclass, replace

from loopdesk.presenters.screens.returns import (
    Choice,
    CommandButton,
    HeaderScreen,
    LineRow,
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
    """One picture of the gallery; ``opened`` opens the list of other ways to finish."""

    screen: BenchScreen
    strip: StripScreen
    opened: bool = False


def grades(chosen: str = "", *, enabled: bool = True) -> tuple[CommandButton, ...]:
    """Return the seven grade buttons."""
    words = (
        ("grade_a", "A"),
        ("grade_b", "B"),
        ("grade_c", "C"),
        ("grade_d", "D"),
        ("grade_wrong", "Wrong item"),
        ("grade_missing", "Missing"),
        ("grade_junk", "Junk"),
    )
    return tuple(
        CommandButton(command, text, str(number), command == chosen, enabled)
        for number, (command, text) in enumerate(words, start=1)
    )


def dispositions(chosen: str = "disposition_stock") -> tuple[CommandButton, ...]:
    """Return the four disposition buttons."""
    words = (
        ("disposition_stock", "Back to stock"),
        ("disposition_hold", "Resale hold"),
        ("disposition_recycle", "Recycle"),
        ("disposition_donate", "Donate"),
    )
    return tuple(
        CommandButton(command, text, f"Ctrl+{number}", command == chosen)
        for number, (command, text) in enumerate(words, start=1)
    )


def commands() -> tuple[CommandButton, ...]:
    """Return the further commands of an open return."""
    return (
        CommandButton("flag", "Flag", "F4"),
        CommandButton("note", "Note", "F2"),
        CommandButton("photo", "Photo", "F8"),
        CommandButton("park", "Put aside", "F9"),
        CommandButton("extra_item", "Extra item", "Ctrl+E"),
        CommandButton("empty_box", "Empty box", "Ctrl+0"),
        CommandButton("select_all", "All undecided", "Ctrl+A"),
        CommandButton("refresh", "Ask Loop again", "F5"),
    )


def band(
    signal: Signal = Signal.FOUND, word: str = "Found", sentence: str = "", detail: str = ""
) -> BandScreen:
    """Return a band."""
    return BandScreen(signal, word, sentence, detail, serial=1)


def line(index: int, title: str = "Field Jacket, olive — M", **more: object) -> LineRow:
    """Return one line of a return."""
    row = LineRow(
        index=index,
        line_item_id=str(9000 + index),
        title=title,
        subtitle=f"FD-RL-{index} · 09123456789{index:02}",
        reason="Too small",
        comment="“sleeves end at my elbow”",
        seen="",
        decided="",
        decided_detail="undecided",
    )
    return replace(row, **more)  # type: ignore[arg-type]


JACKET_M = line(0, seen="✓ 10:41", decided="A", decided_detail="back to stock", decided_tone="ok")
JACKET_L = line(
    1,
    "Field Jacket, olive — L",
    reason="Changed my mind",
    comment="",
    decided="Missing",
    decided_detail="will be removed",
    decided_tone="offline",
)
BEANIE = line(2, "Merino beanie, rust", reason="Damaged", comment="“hole near the seam”")


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
        grades=grades(),
        dispositions=(),
        plan=plan(),
        commands=commands(),
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
READY = BenchScreen(
    band=band(Signal.READY, "Ready", "Scan the label of the next parcel."),
    header=None,
    lines=(),
    selected=-1,
    grades=(),
    dispositions=(),
    plan=None,
    commands=(
        CommandButton("type_code", "Type a code", "F3"),
        CommandButton("refresh", "Ask Loop again", "F5"),
    ),
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
        grades=(),
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
            warnings=(HOSTILE, endless, "Meant for Reno, not for this dock."),
            notes=tuple(f"Note {n}: {HOSTILE}" for n in range(30)),
            siblings=tuple(Link(str(n), f"RMA 9100{n} {HOSTILE}") for n in range(12)),
        ),
        lines=(
            line(0, HOSTILE, comment=HOSTILE, held="at Loop: B, resale hold", note=HOSTILE, photos=3),
            line(
                1,
                endless,
                subtitle=endless,
                reason=endless,
                comment=endless,
                decided=endless,
                decided_detail=endless,
            ),
            line(2, HOSTILE, subtitle=HOSTILE),
        ),
        selected=0,
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
    unexpected = line(
        3, "Gift wrap", reason="", comment="", decided_detail="the shopper keeps it", is_expected=False
    )
    screens = {
        "ready": READY,
        "ready-parked": replace(READY, parked=PARKED),
        "found-1": bench(lines=(replace(BEANIE, index=0),), selected=0, plan=plan(steps=())),
        "found-3": bench(),
        "decided": bench(
            lines=(JACKET_M, JACKET_L, decided, unexpected),
            grades=grades("grade_c"),
            dispositions=dispositions("disposition_hold"),
            plan=ready_plan,
        ),
        "found-200": bench(
            lines=_two_hundred(), selected=43, header=header(promise="Store credit 3,200.00 USD · 200 lines")
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
            ),
        ),
        "picker": replace(
            READY,
            band=band(Signal.FOUND, "3 returns", "The bag stands for several returns."),
            picker=(
                *PARKED,
                Link("3", "#20400 · RMA 91000111", "Closed · graded nothing yet · Sam P.", "accent"),
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
                warnings=("Meant for Reno, not for this dock.",),
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
            grades=(),
            selected=-1,
        ),
        "done": bench(
            band=replace(
                band(Signal.DONE, "Done", "#20411 is processed.", "Read back from Loop 10:43"), practice=True
            ),
        ),
        "taken_back": bench(band=band(Signal.TAKEN_BACK, "Taken back", "#20417 was taken back.")),
        "double": bench(band=band(Signal.DOUBLE, "Double", "The same label again. Nothing was changed.")),
    }
    made = {name: Sample(screen, strip(practice=name == "done")) for name, screen in screens.items()}
    for name in ("kept", "unknown"):
        made[name] = replace(made[name], strip=OFFLINE_STRIP)
    made["choices"] = Sample(screens["decided"], strip(), opened=True)
    return made

"""Sample screens of the views beside the bench, for their tests and for ``make screens``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from loopdesk.presenters.screens.pages import (
    ArrivalRow,
    ArrivalsScreen,
    AttentionScreen,
    CarrierRow,
    CaseChoice,
    CaseRow,
    CaseScreen,
    CheckRow,
    DoneRow,
    FactRow,
    FieldScreen,
    FinishedScreen,
    FirstRunScreen,
    HealthRow,
    HealthScreen,
    HistoryRow,
    MysteriesScreen,
    MysteryRow,
    QueueRow,
    QueueScreen,
    SearchRow,
    SearchScreen,
    SettingsScreen,
)
from loopdesk.presenters.screens.returns import Link
from tests.ui.samples import HOSTILE

FILTERS = (
    ("open", "Not finished"),
    ("parked", "Needs you 1"),
    ("held", "Undo possible 1"),
    ("ready", "Waiting 2"),
    ("sent", "At Loop 3"),
    ("ended", "Ended"),
)


def queue_row(number: int, what: str, stage: str, tone: str = "offline", **more: object) -> QueueRow:
    """Return the row of one return in the queue."""
    return_id = f"91000{number:04}"
    detail = "Grade 2 lines, place 2 lines, 1 note, process"
    row = QueueRow(return_id, return_id, what, detail, "Kept", 1, stage, tone, "10:41", "3 minutes")
    return replace(row, **more)  # type: ignore[arg-type]


def call_row(
    number: int, what: str, rung: str, steps: int, stage: str, tone: str = "offline", **more: object
) -> QueueRow:
    """Return the row of one call below its return."""
    key = f"{number:032x}"
    row = QueueRow(key, "910000001", what, "", rung, steps, stage, tone, "10:02", "42 minutes", is_call=True)
    return replace(row, **more)  # type: ignore[arg-type]


QUEUE_ROWS = (
    queue_row(
        1,
        "#20388 · Pat Smith",
        "Needs you · Changed at Loop before it was sent",
        "blocked",
        rung="Needs you",
        decided="10:02",
        age="42 minutes",
        error="State was review, not open.",
        is_unfolded=True,
    ),
    call_row(1, "Grade: Field Jacket, olive — M → A", "Confirmed", 4, "Confirmed by Loop", "ok", age=""),
    call_row(
        2, "Place: Field Jacket, olive — M → back to stock", "Sent", 2, "Asking Loop what happened", "unknown"
    ),
    call_row(3, "Note: “Jacket L not in parcel. Kim, dock 1”", "Kept", 1, "Waits for the network"),
    call_row(
        4,
        "Process",
        "Kept",
        1,
        "Needs you · Changed at Loop before it was sent",
        "blocked",
        error="State was review, not open.",
    ),
    queue_row(5, "#20417 · Robin Doe", "Kept, undo possible for 6 seconds", decided="10:44", age="just now"),
    queue_row(6, "#20391 · Sam Poe", "Being sent", "accent", rung="Sent", steps=2),
    queue_row(7, "#20377 · Jo Fox", "Waits for the network"),
    queue_row(8, "#20379", "Accepted by Loop, waiting for it to finish", "accent", rung="Accepted", steps=3),
    queue_row(9, "#20380 · Ana Lee", "Confirmed by Loop", "ok", rung="Confirmed", steps=4, age=""),
)
HISTORY = (
    HistoryRow("10:02:11", "Kept on dock 1 by Kim: grade 2 lines, place 2 lines, process."),
    HistoryRow("10:02:19", "Confirmed by Loop: grade 2 lines, place 2 lines."),
    HistoryRow("10:02:20", "Asked Loop again (process). State was review, not open. Stopped."),
)
QUEUE_CHOICES = (
    CaseChoice("attention", "Decide what to do with #20388", primary=True),
    CaseChoice("open_at_bench", "Open #20388 at the bench"),
    CaseChoice("evidence", "Evidence of #20388 as a PDF"),
    CaseChoice(
        "withdraw",
        "Withdraw #20388…",
        consequence="Nothing of this settlement of #20388 has been sent.",
        accept="Withdraw #20388",
    ),
)
QUEUE = QueueScreen(
    QUEUE_ROWS, FILTERS, "open", "", (), "Kept 14 returns · at Loop 2 returns · need you 1 return."
)
QUEUE_SELECTED = replace(
    QUEUE,
    selected=QUEUE_ROWS[0].key,
    title=QUEUE_ROWS[0].what,
    stage=QUEUE_ROWS[0].stage,
    tone="blocked",
    history=HISTORY,
    choices=QUEUE_CHOICES,
)
QUEUE_EMPTY = QueueScreen((), FILTERS, "open", "", (), "Everything is confirmed by Loop.")
QUEUE_LONG = replace(
    QUEUE,
    rows=tuple(queue_row(n, f"#{20000 + n} · Pat Smith", "Waits for the network") for n in range(100)),
    range="101 to 200 of 5,000 returns",
    has_previous=True,
    has_next=True,
)

FINISHED = FinishedScreen(
    rows=tuple(
        replace(row, key=f"{row.key}{n}", detail=f"{done} by Kim")
        for n, done in enumerate(("Process", "Remove and process"))
        for row in QUEUE_ROWS[5:]
    ),
    selected=f"{QUEUE_ROWS[5].key}0",
    title=QUEUE_ROWS[5].what,
    stage=QUEUE_ROWS[5].stage,
    tone="offline",
    lines=(
        DoneRow("Field Jacket, olive — M", "A · Back to stock"),
        DoneRow("Field Jacket, olive — L", "Missing"),
        DoneRow("Note", "Box was wet on one side"),
    ),
    history=HISTORY[:1],
    choices=(
        CaseChoice("undo", "Undo #20417", primary=True),
        CaseChoice("open_at_bench", "Open #20417 at the bench"),
        CaseChoice("evidence", "Evidence of #20417 as a PDF"),
    ),
)
FINISHED_NONE = FinishedScreen()
FINISHED_LATE = replace(
    FINISHED,
    choices=FINISHED.choices[1:],
    stage="Being sent",
    tone="accent",
    message="Too late to undo #20417: part of it has been sent.",
    message_tone="blocked",
)

CASE_CHOICES = (
    CaseChoice("check_again", "Check again", primary=True),
    CaseChoice(
        "it_is_done",
        "It is done…",
        consequence="You say that this has happened at Loop: process.",
        accept="It is done",
    ),
    CaseChoice(
        "send_again",
        "Send anyway…",
        consequence=(
            "It is sent to Loop once more: process. Loop is asked again just before. You accept the return "
            "as Loop shows it now. Loop can never take it back."
        ),
        accept="Send it",
    ),
    CaseChoice(
        "drop",
        "Drop, with a reason…",
        needs_reason=True,
        consequence="This is never sent to Loop: process. What Loop has already stays as it is.",
        accept="Drop",
    ),
    CaseChoice("open_at_bench", "Open at the bench"),
)
CASE = CaseScreen(
    return_id="91000099",
    title="#20388 — changed at Loop before it was sent",
    subtitle=(
        "Kim asked at 10:02: grade 2 lines, place 2 lines, process. Confirmed by Loop: grade 2 lines, place "
        "2 lines. Not confirmed: process."
    ),
    advice="A person at Loop must clear the review first.",
    then_title="When Kim decided · 10:02",
    then=(FactRow("Open", True), FactRow("2 lines"), FactRow("Refund 92.00 USD"), FactRow("No notes", True)),
    now_title="At Loop · 10:41",
    now=(
        FactRow("In review", True),
        FactRow("2 lines"),
        FactRow("Refund 92.00 USD"),
        FactRow("Note: “customer disputes item”", True),
    ),
    history=HISTORY,
    choices=CASE_CHOICES,
)
CASES = (
    CaseRow("91000099", "#20388", "Changed at Loop before it was sent", "39 minutes"),
    CaseRow("91000101", "#20402", "Loop refused", "12 minutes"),
)
ATTENTION = AttentionScreen(
    CASES, "91000099", CASE, "2 returns need a lead.", "The oldest has waited 39 minutes."
)
ATTENTION_ONE = replace(ATTENTION, cases=CASES[:1], summary="1 return needs a lead.")
ATTENTION_ASKING = replace(ATTENTION, asking=CASE_CHOICES[2])
ATTENTION_DROP = replace(
    ATTENTION,
    asking=CASE_CHOICES[3],
    message="Say why: a few words are enough.",
    message_tone="blocked",
)
ATTENTION_EMPTY = AttentionScreen((), "", None, "Nothing needs you.")
ATTENTION_HOSTILE = replace(
    ATTENTION,
    case=replace(
        CASE,
        title=HOSTILE,
        subtitle=HOSTILE * 3,
        advice=HOSTILE,
        then_title=HOSTILE,
        then=(FactRow(HOSTILE),),
        now=(FactRow(HOSTILE, True), FactRow("Sehr lange Zeile ohne Ende " * 40, True)),
        history=tuple(HistoryRow(f"10:02:{n:02}", HOSTILE) for n in range(30)),
    ),
    message=HOSTILE,
)

MYSTERY_PHOTO = str(Path(__file__).parents[2] / "resources" / "icons" / "package-open.svg")
MYSTERY_ROWS = (
    MysteryRow(17, "17", "9400 1112 0620 6406 2607 87", "10:12", "Kim", "blue box, wet", "M 2", "Waits"),
    MysteryRow(16, "16", "no code", "09:55", "Ana", "no label at all, two shoes", "M 1", "Waits"),
    MysteryRow(
        15,
        "15",
        "1Z999AA10123456784",
        "19 Nov, 16:05",
        "Kim",
        "",
        "",
        "Found: #20377",
        "91000088",
        is_open=False,
    ),
    MysteryRow(
        14,
        "14",
        "JJD000390007827",
        "18 Nov, 11:20",
        "Sam",
        "letter only",
        "M 1",
        "Ended without a return",
        is_open=False,
    ),
)
MYSTERIES = MysteriesScreen(MYSTERY_ROWS[:2], "2 parcels wait for their return.")
MYSTERY_LINKING = replace(
    MYSTERIES,
    selected=17,
    link_text="jacket",
    links=(
        Link("91000123", "#20417", "Pat Smith · Open · 3 lines", "ok"),
        Link("91000124", "#20418", "Robin Doe · In review · 1 line", "unknown"),
    ),
)
MYSTERY_ALL = replace(MYSTERIES, rows=MYSTERY_ROWS, selected=15, chosen_filter="all")
MYSTERY_UNCLEAR = replace(
    MYSTERIES,
    rows=(
        replace(MYSTERY_ROWS[0], match="Several returns: choose", is_unclear=True, photo=MYSTERY_PHOTO),
        MYSTERY_ROWS[1],
    ),
    selected=17,
    links=(
        Link("91000123", "#20417", "Pat Smith · Open · 3 lines", "ok"),
        Link("91000456", "#20418", "Robin Doe · In review · 1 line", "unknown"),
    ),
    problem="2 returns carry this code. Choose the one that it is.",
)
MYSTERY_EMPTY = MysteriesScreen((), "No parcel waits for its return.")

ARRIVAL_ROWS = (
    ArrivalRow(
        "1",
        "91000137",
        "#20437",
        "91000137",
        "USPS",
        "9400111202555842332669",
        "out for delivery",
        "accent",
        "07:12",
        "Open",
        "ok",
    ),
    ArrivalRow(
        "2",
        "91000112",
        "#20412",
        "91000112",
        "UPS",
        "1Z12345E0205271688",
        "out for delivery",
        "accent",
        "06:40",
        "Closed",
        "accent",
    ),
    ArrivalRow(
        "3",
        "91000112",
        "#20412",
        "91000112",
        "UPS",
        "1Z12345E6605272234",
        "ready for pickup",
        "plain",
        "17 Nov, 18:02",
        "Open",
        "ok",
    ),
    ArrivalRow(
        "4",
        "91000140",
        "EX20417-R",
        "91000140",
        "No carrier named",
        "JJD000390007827",
        "out for delivery",
        "accent",
        "05:58",
        "In review",
        "unknown",
    ),
)
CARRIER_ROWS = (
    CarrierRow("*", "All carriers", "3 out for delivery · 1 ready for pickup"),
    CarrierRow("=ups", "UPS", "2 out for delivery"),
    CarrierRow("=usps", "USPS", "1 out for delivery · 1 ready for pickup"),
    CarrierRow("=", "No carrier named", "1 today"),
)
ARRIVALS = ArrivalsScreen(
    ARRIVAL_ROWS,
    (("today", "Today 4"), ("week", "This week 57"), ("not_seen", "Delivered, not seen 6")),
    "today",
    "4 parcels are expected today.",
    "As Loop told it at 10:41. It tells no day; carriers may be late.",
    CARRIER_ROWS,
    "*",
)
ARRIVALS_WEEK = replace(
    ARRIVALS,
    chosen_filter="week",
    message="57 parcels are expected this week.",
    carriers=(
        CarrierRow("*", "All carriers", "13 out for delivery · 12 ready for pickup · 132 in transit"),
        CarrierRow("=ups", "UPS", "2 out for delivery · 29 in transit"),
        CarrierRow("=usps", "USPS", "11 out for delivery · 12 ready for pickup · 103 in transit"),
    ),
)
ARRIVALS_NOT_SEEN = replace(
    ARRIVALS,
    rows=tuple(
        replace(x, label="delivered", tone="offline", since=f"{18 - n} Nov, 14:20")
        for n, x in enumerate((*ARRIVAL_ROWS, *(replace(x, key=f"{x.key}b") for x in ARRIVAL_ROWS[:2])))
    ),
    chosen_filter="not_seen",
    message="6 parcels were delivered and never scanned here.",
    note="Offline since 09:15: this is what Loop told at 09:14.",
    carriers=(
        CarrierRow("*", "All carriers", "6 delivered"),
        CarrierRow("=ups", "UPS", "4 delivered"),
        CarrierRow("=usps", "USPS", "2 delivered"),
    ),
)
ARRIVALS_EMPTY = ArrivalsScreen(
    (),
    (("today", "Today 0"), ("week", "This week 0"), ("not_seen", "Delivered, not seen 0")),
    "today",
    "No parcel is expected today.",
    "As Loop told it at 10:41. It tells no day; carriers may be late.",
)
ARRIVALS_HOSTILE = replace(
    ARRIVALS,
    rows=(
        ArrivalRow("1", "1", HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, "plain", HOSTILE, HOSTILE, "ok"),
    ),
    carriers=(CarrierRow("*", HOSTILE, HOSTILE),),
)

SEARCH_ROWS = (
    SearchRow(
        "91000123",
        "#20417",
        "91000123",
        "Pat Smith",
        "Open",
        "ok",
        "Field Jacket, olive — M, Field Jacket, olive — L, Merino beanie, rust",
        "9400111206206406260787",
    ),
    SearchRow(
        "91000124",
        "#20418",
        "91000124",
        "rob•••@example.test",
        "In review",
        "unknown",
        "Field Jacket, olive — S",
        "1Z999AA10123456784 and 1 more",
    ),
    SearchRow(
        "91000090", "#20301", "91000090", "Sam Poe", "Closed", "accent", "Field Jacket, olive — XL", ""
    ),
    SearchRow(
        "91000080",
        "#20277",
        "91000080",
        "Jo Fox",
        "Cancelled",
        "blocked",
        "Trail sock, moss, Field Jacket, olive — XL and 12 more",
        "JJD000390007827",
    ),
)
SEARCH = SearchScreen("jacket", SEARCH_ROWS, "4 returns found.")
SEARCH_EMPTY = SearchScreen(
    "", (), "12,408 returns are known here. Type an order, a name, an item, or a part of a number."
)
SEARCH_INDEXING = replace(
    SEARCH,
    message="4 returns found. Still indexing 412,350 of 1,000,000: older returns may stand out of order.",
)
SEARCH_BROKEN = SearchScreen(
    "jacket",
    (),
    "",
    problem="The disk is full; nothing more can be kept. IT: make room on this disk, then scan again.",
)
SEARCH_NOTHING = SearchScreen(
    "zebra", (), "Nothing here has that. To ask Loop, scan the label or press F3 at the bench."
)

SECTIONS = (
    (
        "Bench",
        (
            FieldScreen(
                "hold_seconds",
                "Undo window",
                "number",
                "8",
                help="So long a settlement waits here before it goes to Loop; undo costs nothing meanwhile.",
                source="from the hub, for the whole site",
                news="Meanwhile “20” was set elsewhere.",
            ),
            FieldScreen(
                "theme",
                "Theme",
                "choice",
                "system",
                tuple((word, word) for word in ("system", "light", "dark", "contrast")),
                help="The colors of the window; contrast is for bad light and tired eyes.",
            ),
            FieldScreen(
                "sound.on",
                "Sounds",
                "switch",
                "true",
                help="A sound for each state of the signal band.",
            ),
            FieldScreen(
                "scale",
                "Size",
                "number",
                "900",
                help="The size of everything in the window, in percent.",
                problem="Must be 100 to 200.",
            ),
        ),
    ),
    (
        "Station",
        (
            FieldScreen(
                "station.name",
                "Station",
                "text",
                "dock 1",
                help="The name of this bench; part of every note.",
                source="set by LOOPDESK_STATION",
                locked=True,
            ),
            FieldScreen(
                "station.operator",
                "Operator",
                "text",
                "Kim",
                help="The person at the bench; part of every decision.",
            ),
        ),
    ),
)
PAGES = (("bench", "This bench"), ("it", "Lead and IT"))
SETTINGS = SettingsScreen(SECTIONS, "Loop accepts the key.", "ok", pages=PAGES, changed=True)
SETTINGS_OPERATOR = replace(SETTINGS, page="bench", saved="Saved at 10:41.", changed=False)
SETTINGS_LOCKED = replace(
    SETTINGS,
    key_state="Actions wait here that were decided with another key. They are not sent with this one.",
    key_tone="blocked",
    key_choice=CaseChoice(
        "same_shop", "It is the same shop…", consequence="You say so.", accept="It is the same shop"
    ),
    problem="Correct what is marked first.",
)
SETTINGS_JOINING = replace(
    SETTINGS,
    asking=CaseChoice(
        "join_hub",
        "Join the hub…",
        consequence="This bench speaks to Loop through the hub at hub.warehouse.example from then on, and no "
        "longer with a key of its own. What waits here goes there too, if it is the same shop.",
        accept="Join the hub",
    ),
)
SETTINGS_ASKING = replace(
    SETTINGS,
    asking=CaseChoice(
        "practice",
        "Practice…",
        consequence=(
            "The program starts again with sample returns and a simulator of Loop. Nothing done there ever "
            "reaches Loop. What is kept here waits meanwhile."
        ),
        accept="Practice",
    ),
)

HEALTH_ROWS = (
    HealthRow(
        "sound",
        "This station",
        "No sound can be heard here.",
        "Look at it",
        "offline",
        "First seen 10:43.",
        "Connect a loudspeaker, or switch sounds off in Settings; the window shows every state.",
    ),
    HealthRow(
        "attention",
        "",
        "Some returns need a lead before they go on.",
        "Look at it",
        "offline",
        "Since 10:02.",
        "Open Attention: beside each return stands what can be done.",
    ),
    HealthRow("queue", "", "What was settled here is on its way to Loop.", "In order", "ok"),
    HealthRow(
        "free disk",
        "Disk",
        "The disk is almost full: 1.6 GB are free.",
        "Look at it",
        "offline",
        "First seen 10:43.",
        "Free some space: with a full disk nothing can be kept.",
    ),
    HealthRow(
        "connection", "Loop and network", "Loop answers, and takes this station's key.", "In order", "ok"
    ),
    HealthRow("sync", "", "The list of returns is up to date.", "In order", "ok"),
    HealthRow("serial scanners", "Scanner", "The scanner works as a keyboard.", "In order", "ok"),
    HealthRow("label printer", "Label printer", "No label printer is set.", "In order", "ok"),
    HealthRow(
        "photo place", "Photos", "Photos stay at this station: no place for them is set.", "In order", "ok"
    ),
    HealthRow(
        "store integrity", "What is kept here", "Everything that is kept here is whole.", "In order", "ok"
    ),
    HealthRow("clock skew", "Time", "This computer's clock is right.", "In order", "ok"),
)
HEALTH = HealthScreen(HEALTH_ROWS, summary="3 things need a look. Looked at 10:43.", tone="offline")
HEALTH_DETAILS = replace(
    HEALTH,
    is_unfolded=True,
    checks=(
        CheckRow("API key", "In order", "ok", "Loop accepts it."),
        CheckRow("Loop", "In order", "ok", "Answered in 0.4 s."),
        CheckRow("Clock", "In order", "ok", "2 seconds apart from Loop's."),
        CheckRow("Store", "In order", "ok", "Whole; 24.3 MB."),
        CheckRow(
            "Free disk",
            "Look at it",
            "offline",
            "1.6 GB free.",
            "Free some space: below 0.2 GB nothing can be kept.",
        ),
        CheckRow(
            "Sound",
            "Not in order",
            "blocked",
            "No sound device.",
            "Plug in a speaker, or switch sounds off in Settings.",
        ),
    ),
    figures=(
        ("Returns known", "12 408"),
        ("Last sync", "10:41"),
        ("Waiting here", "14 returns"),
        ("At Loop", "2 returns"),
        ("Needs you", "1 return"),
        ("Loop answers in", "0.4 s"),
        ("Requests a minute", "12 of 192"),
        ("Store", "24.3 MB"),
        ("Free disk", "1.6 GB"),
    ),
)
HEALTH_RUNNING = replace(HEALTH, rows=(), running=True, summary="Looking at everything…", tone="plain")

FIRST = FirstRunScreen("", "")
FIRST_WRONG = FirstRunScreen(
    "dock 1",
    "Kim",
    "Loop refuses this key. Copy it again as a whole; it needs the Returns permission in Loop.",
    wrong="key",
)
FIRST_OFFLINE = FirstRunScreen(
    "dock 1",
    "Kim",
    "Loop cannot be reached, so the key could not be checked.",
    tone="offline",
    wrong="key",
    go_on="Begin without checking",
)

FIRST_HUB = FirstRunScreen("dock 1", "", is_hub=True)
FIRST_HUB_SCANNED = FirstRunScreen(
    "dock 1",
    "Kim",
    "The hub's code was read. Begin uses it.",
    tone="offline",
    is_hub=True,
    is_scanned=True,
)
FIRST_HUB_WRONG = FirstRunScreen(
    "dock 1",
    "Kim",
    "What answers at the hub's address shows another certificate than the code says. Nothing was sent. IT "
    "looks whether it is the hub, and makes a new code.",
    wrong="key",
    is_hub=True,
)

SAMPLES: dict[str, tuple[str, object]] = {
    "queue": ("queue", QUEUE),
    "queue-selected": ("queue", QUEUE_SELECTED),
    "queue-empty": ("queue", QUEUE_EMPTY),
    "queue-long": ("queue", QUEUE_LONG),
    "finished": ("finished", FINISHED),
    "finished-none": ("finished", FINISHED_NONE),
    "finished-late": ("finished", FINISHED_LATE),
    "attention": ("attention", ATTENTION),
    "attention-one": ("attention", ATTENTION_ONE),
    "attention-asking": ("attention", ATTENTION_ASKING),
    "attention-drop": ("attention", ATTENTION_DROP),
    "attention-empty": ("attention", ATTENTION_EMPTY),
    "attention-hostile": ("attention", ATTENTION_HOSTILE),
    "arrivals": ("arrivals", ARRIVALS),
    "arrivals-week": ("arrivals", ARRIVALS_WEEK),
    "arrivals-not-seen": ("arrivals", ARRIVALS_NOT_SEEN),
    "arrivals-empty": ("arrivals", ARRIVALS_EMPTY),
    "arrivals-hostile": ("arrivals", ARRIVALS_HOSTILE),
    "mystery": ("mystery", MYSTERIES),
    "mystery-linking": ("mystery", MYSTERY_LINKING),
    "mystery-unclear": ("mystery", MYSTERY_UNCLEAR),
    "mystery-all": ("mystery", MYSTERY_ALL),
    "mystery-empty": ("mystery", MYSTERY_EMPTY),
    "search": ("search", SEARCH),
    "search-empty": ("search", SEARCH_EMPTY),
    "search-nothing": ("search", SEARCH_NOTHING),
    "search-indexing": ("search", SEARCH_INDEXING),
    "search-broken": ("search", SEARCH_BROKEN),
    "settings": ("settings", SETTINGS),
    "settings-operator": ("settings", SETTINGS_OPERATOR),
    "settings-locked": ("settings", SETTINGS_LOCKED),
    "settings-asking": ("settings", SETTINGS_ASKING),
    "settings-joining": ("settings", SETTINGS_JOINING),
    "health": ("health", HEALTH),
    "health-details": ("health", HEALTH_DETAILS),
    "health-running": ("health", HEALTH_RUNNING),
    "first-run": ("first_run", FIRST),
    "first-run-wrong": ("first_run", FIRST_WRONG),
    "first-run-offline": ("first_run", FIRST_OFFLINE),
    "first-run-hub": ("first_run", FIRST_HUB),
    "first-run-hub-scanned": ("first_run", FIRST_HUB_SCANNED),
    "first-run-hub-wrong": ("first_run", FIRST_HUB_WRONG),
}
"""Every sample by name: the view that draws it, and the screen."""

"""The faults that loopdesk must survive, by number, and where each is shown: writes ``docs/faults.md``.

A test says which faults it shows with ``@pytest.mark.fault(8, 9)``. What no test can show is in ``BY_HAND``,
with the reason and what a person does instead. ``python -m tests.faults`` writes the page.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "faults.md"

GROUPS: dict[str, dict[int, str]] = {
    "Network": {
        1: "no network for half a day",
        2: "names do not resolve, or to the wrong machine",
        3: "connecting hangs",
        4: "certificate expired, self-made, for another name",
        5: "the company inspects TLS with its own authority",
        6: "a guest network's login page or redirect answers",
        7: "proxy variables, a proxy that refuses",
        8: "the server drops an idle connection just then",
        9: "reset after the request was read",
        10: "the answer ends early, at any byte",
        11: "the answer drips",
        12: "an endless answer, a zip bomb",
        13: "places in the connection pool leak",
        14: "the line flaps every few seconds",
        15: "the network changes, the machine sleeps in a request",
        16: "IPv6 is a black hole",
    },
    "Loop's answers": {
        17: "a refusal with status 200",
        18: "status 200 with anything else",
        19: "the key is refused",
        20: "the return is not found",
        21: "one bad line in a batch",
        22: "429, with any Retry-After",
        23: "a server error after a POST",
        24: "a removal ends with 500",
        25: "accepted, then failed without a word",
        26: "accepted, effect half an hour later",
        27: "somebody else closed the return",
        28: "flagged between decision and sending",
        29: "the shopper edits it in between",
        30: "ids, fields and words change",
        31: "JSON that breaks readers",
        32: "times in every form",
        33: "paging links that lead away or in circles",
        34: "several returns for one name",
        35: "another API version, a grade nobody defined",
        157: "one row of a list that cannot be read",
        158: "a cursor of the list that dies for good",
        162: "arrays that PHP writes as objects, refunds of nothing",
        159: "a filter's page with 401, 403 or 429, after Loop has acted",
        160: "a return that somebody closed unpaid",
        161: "a sign of payment that comes hours late",
        166: "what was decided by changes at Loop before it is sent",
        176: "a list of a million empty rows",
    },
    "Loop's webhooks": {
        193: "one without a signature, with a wrong one, or with another shop's",
        194: "one that comes twice, late, or after a newer one",
        195: "one with an empty or torn body, in the form of either age of the documents",
        196: "one of more than a megabyte, or that drips",
        197: "bursts, while the benches work",
        198: "the process is killed after it stored one, or while it applies some",
        199: "none comes although returns changed",
        200: "the key that their secrets and bodies are sealed with is lost",
    },
    "Unknown outcome": {
        36: "processed, answer lost",
        37: "not processed, answer lost",
        38: "queued, answer lost, closed minutes later",
        39: "two doubtful attempts",
        40: "a removal done by halves",
        41: "a lost cancel, the return closed meanwhile",
        42: "a lost close, but money had moved",
        43: "a note stored, answer lost",
        44: "a note stored, reads still old",
        45: "a lost grade, then another grade",
        46: "an old request delivered again much later",
        47: "a lost flag",
        48: "nothing can be read for hours",
    },
    "Crashes": {
        49: "before a settlement is kept",
        50: "after it is kept, before the screen says so",
        51: "after the claim, before connecting",
        52: "between two halves of a request",
        53: "after the request, before the result is kept",
        54: "while reading back",
        55: "inside a migration",
        56: "during a checkpoint, a purge, a rotation",
        57: "a crash at every start",
        58: "the window dies of a native fault",
        59: "told to end: logout, shutdown",
        60: "out of memory",
    },
    "Storage": {
        61: "power loss with writes torn and out of order",
        62: "a disk that lies about having written",
        63: "the disk is full when something is kept",
        64: "the disk is full when the answer came",
        65: "a sync fails",
        66: "files or folder cannot be written",
        67: "a damaged file",
        68: "an older copy is put back, the log deleted",
        69: "another program holds or swaps the file",
        70: "a network drive",
        71: "a SQLite with the log bug",
        72: "the file is opened beside SQLite",
        73: "the file grows without end",
        74: "rot in what will be sent",
    },
    "At the same time": {
        75: "two ask for the same settlement",
        76: "two programs on a profile",
        77: "the one that works is killed",
        78: "the one that works is frozen",
        79: "it wakes again",
        80: "a long reader lets the log grow",
        81: "writers lock each other out",
        82: "one connection in two threads",
        83: "two stations, one return",
        84: "undo against sending",
    },
    "Clocks": {
        85: "the wall clock jumps",
        86: "reboot",
        87: "sleep for hours",
        88: "the clock is wrong for windows of time",
        89: "inspected in the future",
        90: "two stations' clocks differ",
        156: "the clock is wrong by minutes or years, or put right",
    },
    "Scanner": {
        91: "one label read twice",
        92: "characters missing or mixed",
        93: "another keyboard layout, Caps Lock",
        94: "a scan into a dialog",
        95: "a scan into a note",
        96: "no terminator, or Tab",
        97: "a very long code",
        98: "routing prefixes, GS1, several candidates",
        99: "a number this station does not know",
    },
    "Hostile input": {
        100: "control characters and chords in a barcode",
        101: "an id that would leave its path",
        102: "SQL in what is typed and scanned",
        103: "markup in Loop's texts",
        104: "texts that reverse, hide or never end",
        105: "formulas in exported tables",
        106: "addresses that Loop hands us",
        107: "pictures of products",
        108: "the operator's photos",
        109: "line breaks in key or settings",
        110: "markup on paper and clipboard",
        111: "control characters in the log",
    },
    "Product pictures": {
        177: "a picture's address of another scheme, host, port or user, a redirect",
        178: "a host of pictures that leads into the dock's own network",
        179: "a picture that is a bomb, endless, cut off, renamed, or of another format",
        180: "a disk that has no room for pictures",
        181: "a host of pictures that does not answer, a station offline",
    },
    "Photos for Loop": {
        186: "a shift of photos taken offline, with crashes, at a place that loses answers",
        187: "a place for photos that refuses, fails, hangs, or has another time",
        188: "a place for photos that nobody can open",
        189: "somebody else graded the line before the links came",
    },
    "The camera": {
        190: "no camera, one that is taken, refused, pulled out, dark, or sends no picture",
        191: "a camera that stays live",
        192: "a program without what reads cameras",
    },
    "Settings, secrets, people": {
        112: "the key store fails, hangs, lies",
        113: "a packaged program without key store",
        114: "the key in any other place",
        115: "the key to another host",
        116: "another shop's key",
        117: "the key changes while sending",
        118: "a damaged settings file",
        119: "another address in the settings",
        120: "shoppers in logs and exports",
        121: "shoppers kept too long",
        122: "a stolen computer",
        123: "one login for all operators",
        124: "forged webhooks",
        125: "debug logging left on",
    },
    "Window and loop": {
        126: "a dialog stalls everything else",
        127: "closed while something is being sent",
        128: "a failure nobody sees",
        129: "a task that is collected",
        130: "the window hangs",
        131: "signals to what is gone",
        132: "a double click, a held key",
        133: "the screen is older than Loop",
        134: "the screen says more than the store",
        135: "undo in the last millisecond",
        136: "color or sound not noticed",
    },
    "The scanner's hands": {
        148: "a square code holds line ends and command codes",
        149: "a command's word on a foreign label",
        150: "a slow or uneven scanner types like a person",
        151: "a scanner types every sign as an Alt code",
        152: "keypad without NumLock, an input method in between",
        153: "an item or an unknown code while a return is open",
        154: "a command on a view that hides what it changes",
        155: "confirm pressed twice",
    },
    "Station and command line": {
        163: "a back-up of the whole profile put back, the store's folder deleted",
        164: "a flipped bit in the store's log after a crash",
        165: "the settings name another address while actions wait",
        167: "a core dump, a crash reporter",
        168: "an older manifest that was signed, put back",
        169: "control signs in what the command line prints",
        170: "a web page asks the simulator",
        171: "an output of another encoding, closed or full",
        172: "a key pasted with quotes, a byte order mark, blanks",
        173: "no display, a profile that cannot be written",
        174: "two benches, told that there is one",
    },
    "Upgrade and system": {
        137: "an update with work in the queue",
        138: "killed while updating the store",
        139: "an older program, a newer store",
        140: "two versions at once",
        141: "a tampered update",
        142: "planted libraries",
        143: "a module in quarantine",
        144: "uninstalled with work in the queue",
        145: "nobody starts the program",
        146: "locale, names, long paths",
        147: "a dependency with a known hole",
    },
    "Printing": {
        175: "a printed code that reads as another",
        182: "a product's title that commands the label printer",
        183: "the label printer is off, out of paper, or answers nothing",
        184: "the label printer stops reading in the middle of a label",
        185: "killed between the record of a label and its printing",
    },
    "The hub": {
        201: "a hub process dies around a commit, or at any moment",
        202: "PostgreSQL stops hard while the hub is busy",
        203: "the lock of a hub process is freed although it lives",
        204: "a request to the hub comes late, or twice",
        205: "forty benches finish the same return at once",
        206: "the hub's line to Loop breaks, or Loop's answer cannot be stored",
        207: "a bench goes away while its request waits at the hub",
        208: "nobody reports the end of a claimed return",
        209: "the ledger has forgotten an old answer, and its key comes again",
        210: "the hub process that reads a shop is killed",
        211: "the hub process that reads a shop is stopped, and wakes when another one does",
        212: "a bench is killed in the middle of a fill, or of the hub's changes",
        213: "the line to the hub is half-open, or breaks in the middle of an event",
        214: "the hub is away for hours, or comes back older than the bench's position",
        215: "the hub tells something that cannot be read",
        216: "Loop accepts a processing and cannot do it",
        217: "rows of a bench's audit log are changed, cut out or rewritten",
        218: "a bench is wiped, or put back to an older copy, and goes on writing its audit log",
        219: "a bench is offline while somebody is taken off the list of people",
        220: "two benches end one mystery parcel at the same time",
        221: "an older copy of a bench's store, or of the hub, numbers mystery parcels again",
        222: "IT gives all benches a version that one of them cannot read",
        223: "two benches enter something for one return, each without the hub",
        224: "a return is settled at one bench while another one that is offline has a draft of it",
        225: "an older copy of a bench's store, or of the hub, has older drafts",
        226: "another bench's draft names a file outside the folder of photos",
        227: "a bench on which a return is open is switched off",
        228: "the hub goes on as an older copy while Loop is at work at what the lost one sent",
        229: "who reads Loop's lists is killed in the middle of the first fill, or of a night's sweep",
        230: "the hub process that fills a new bench is killed",
    },
}
"""Number and name of every fault, in groups."""

BY_HAND: dict[int, tuple[str, str]] = {
    46: (
        "No client can hold back what a proxy delivers a second time.",
        (
            "Grade a line, grade it otherwise, let the proxy repeat the first request: the bench shows what "
            "Loop holds at the next scan, and the history has both grades."
        ),
    ),
    57: (
        "There is no reduced mode.",
        (
            "`loopdesk queue --json` shows the whole queue without starting window or sender; "
            "`loopdesk doctor` names what is wrong."
        ),
    ),
    113: (
        "Needs the packaged program on each system.",
        "Install, enter a key, restart: Health says where the key is kept.",
    ),
    141: ("The program does not update itself.", "The system checks the signature of the package."),
    142: (
        "Needs the packaged program on Windows.",
        "Put a foreign DLL beside the program: the user must not be able to write there.",
    ),
    143: (
        "Needs a virus scanner.",
        "Remove one module from an installed copy: the start ends with its name, not with half a window.",
    ),
    144: (
        "The profile lies outside the installed folder, so that removing the program leaves the queue.",
        "Uninstall with work in the queue, install again, start: the queue is there.",
    ),
}
"""Why no test shows a fault, and how a person checks it."""


def names() -> dict[int, str]:
    """Return every fault's name by its number."""
    return {number: name for group in GROUPS.values() for number, name in group.items()}


def shown() -> dict[int, list[str]]:
    """Return by fault the tests that are marked with it, as pytest names them without parameters."""
    found: dict[int, list[str]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        place = path.relative_to(ROOT).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"), place)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for number in _marked(node):
                    found[number].append(f"{place}::{node.name}")
    return dict(found)


def _marked(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[int]:
    calls = [each for each in node.decorator_list if isinstance(each, ast.Call)]
    marks = [call for call in calls if ast.unparse(call.func) == "pytest.mark.fault"]
    return [int(ast.literal_eval(given)) for mark in marks for given in mark.args]


def page() -> str:
    """Write the page."""
    tests = shown()
    automated = sum(1 for number in names() if number in tests)
    by_tests = f"{automated} of {len(names())} by tests, {len(names()) - automated} by a person."
    lines = [
        "# Faults",
        "",
        "<!-- Written by `make docs` from tests/faults.py and the marks of the tests; change it there. -->",
        "",
        f"What may go wrong around a receiving bench, and where it is shown that it is survived: {by_tests}",
        "A test says what it shows with `@pytest.mark.fault(number)`.",
    ]
    for group, faults in GROUPS.items():
        lines += ["", f"## {group}", "", "| # | Fault | Shown by |", "|---|---|---|"]
        lines += [f"| {number} | {name} | {_where(number, tests)} |" for number, name in faults.items()]
    return "\n".join(lines) + "\n"


def _where(number: int, tests: dict[int, list[str]]) -> str:
    if number in tests:
        return "<br>".join(f"`{_short(test)}`" for test in tests[number])
    why, how = BY_HAND.get(number, ("?", "?"))
    return f"*By hand.* {why} {how}"


def _short(test: str) -> str:
    """Remove the common prefix."""
    return test.removeprefix("tests/").replace("::test_", "::")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

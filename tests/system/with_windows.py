"""Three docks in real windows on one hub: nothing is lost, doubled or called done where another dock did it.

Whatever is killed in between, each dock says what the simulator's own record says.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from loopdesk.simulator.samples import SAMPLES, Sample
from tests.system.site_of_windows import NEEDED, Dock, Site, a_site
from tests.system.tools import needs


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for all tests here; each works on returns of its own."""
    needs(*NEEDED)
    with a_site(tmp_path_factory.mktemp("site"), LOOPDESK_HOLD_SECONDS="1") as site:
        yield site


def confirm_at_once(*docks: Dock) -> None:
    """Press the key that confirms at all of these at the same time."""
    pressed: list[subprocess.Popen[bytes]] = [dock.confirm() for dock in docks]
    assert [each.wait() for each in pressed] == [0] * len(docks)


def assert_one_did(site: Site, return_id: str, *docks: Dock) -> Dock:
    """One dock says that it is done, the others who did it, where and when; and Loop heard of it once."""
    ends = {dock: dock.until_band(r"^(Done|Settled already)\.") for dock in docks}
    done = [dock for dock, said in ends.items() if said == "Done. Process: confirmed by Loop."]
    assert len(done) == 1, ends
    for dock in set(docks) - set(done):
        assert ends[dock].startswith(
            f"Settled already. It was finished at {done[0].name} by {done[0].person}, "
        )
    assert site.acted(return_id).count("process") == 1
    assert site.truth(return_id)["processings"] == 1
    return done[0]


def at_docks(sample: Sample, *docks: Dock) -> None:
    """Open a return at these docks, and decide it there."""
    assert sample.tracking_number is not None
    for dock in docks:
        dock.open(sample.tracking_number, sample.return_id)
    for dock in docks:
        dock.decide(*"1" * len(sample.line_item_ids))


def test_what_is_put_aside_at_one_dock_is_finished_at_another(site: Site) -> None:
    one, two, _ = site.docks
    sample = SAMPLES["multi_line"]
    assert sample.tracking_number is not None
    one.open(sample.tracking_number, sample.return_id)
    one.press("1", "3")
    one.until_said("2 of 3")
    one.press("F9")
    two.until_said("PUT ASIDE", f"RMA {sample.return_id}. 2 of 3 lines decided", "Dock 1, Ana")
    two.open(sample.tracking_number, sample.return_id)
    two.until_band(r"Entered at Dock 1 by Ana, ")
    two.decide("1")
    confirm_at_once(two)
    two.until_band(r"^Done\. Process: confirmed by Loop\.")
    one.until("an empty list of what was put aside", lambda: "PUT ASIDE" not in one.text())
    truth = site.truth(sample.return_id)
    grades = [line["condition"]["category"]["grade"] for line in truth["lines"]]
    assert (truth["processings"], grades) == (1, ["grade_a", "grade_c", "grade_a"])
    assert site.acted(sample.return_id) == ["process"]


def test_of_docks_that_confirm_a_return_within_a_second_one_does_and_the_others_read_who(site: Site) -> None:
    sample = SAMPLES["single"]
    at_docks(sample, *site.docks)
    confirm_at_once(*site.docks)
    winner = assert_one_did(site, sample.return_id, *site.docks)
    other = next(dock for dock in site.docks if dock is not winner)
    other.press("ctrl+h")
    where = f"it was finished at {winner.name} by {winner.person}, "
    other.until_said("Settled already", f"Loop had done it already · {where}")
    other.press("alt+1")


def test_who_has_a_return_open_that_is_finished_at_another_dock_reads_so_at_once(site: Site) -> None:
    one, two, _ = site.docks
    sample = SAMPLES["postal"]
    at_docks(sample, one, two)
    confirm_at_once(one)
    one.until_band(r"^Done\. Process: confirmed by Loop\.")
    two.until_said("Settled at Dock 1 by Ana, ", "Only the grades are sent.")
    assert "cannot be undone at Loop" not in two.text()
    two.press("F9")
    assert site.acted(sample.return_id) == ["process"]


def test_who_comes_back_after_another_dock_has_finished_the_return_reads_who(site: Site) -> None:
    one, _, three = site.docks
    sample = SAMPLES["canada"]
    at_docks(sample, one, three)
    site.line.cut()
    three.until_said("Hub not reachable")
    confirm_at_once(three)
    three.until_band(r"^Kept offline\.")
    confirm_at_once(one)
    one.until_band(r"^Done\. Process: confirmed by Loop\.")
    site.line.mend()
    three.until_all_left()
    assert assert_one_did(site, sample.return_id, one, three) is one


@pytest.mark.parametrize(
    ("killed", "shared", "own"),
    [
        ("hub as they are kept", "prefixed", "with_notes"),
        ("hub as they leave", "order_later", "credit_and_refund"),
        ("PostgreSQL as they are kept", "anywhere", "store_credit"),
        ("PostgreSQL as they leave", "quantity_three", "elsewhere"),
    ],
)
def test_whatever_is_killed_nothing_is_lost_doubled_or_falsely_called_done(
    site: Site, killed: str, shared: str, own: str
) -> None:
    one, two, three = site.docks
    both, alone = SAMPLES[shared], SAMPLES[own]
    at_docks(both, one, two)
    at_docks(alone, three)
    before = site.posted()
    confirm_at_once(*site.docks)
    if killed.endswith("leave"):
        three.until("anything that reaches Loop", lambda: site.posted() > before)
    if killed.startswith("hub"):
        site.kill_hub()
        one.until_said("Hub not reachable")
        site.hub.hub.start()
    else:
        site.kill_postgres()
        site.hub.postgres.start()
    for dock in site.docks:
        dock.until_all_left()
    assert_one_did(site, both.return_id, one, two)
    assert assert_one_did(site, alone.return_id, three) is three
    for dock in site.docks:
        dock.until_said("needs you 0")

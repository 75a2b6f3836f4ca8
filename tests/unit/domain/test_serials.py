"""Which serial number a unit was sold with, and whether it is the one in the parcel."""

from __future__ import annotations

import pytest

from loopdesk.domain.returns.serials import owner, sold_serials, unlike_sold
from tests.builders import a_line

SOLD = a_line("30000001", properties=(("Serial Number", "SN-9, SN-10"), ("Gift wrap", "SN-11")))
FOUND = (("10", "LOT7"), ("21", "sn 9"))


@pytest.mark.parametrize("name", ["serial", "Serial Number", "serial_no", "_IMEI", "S/N", "Seriennummer"])
def test_a_serial_number_is_found_under_its_usual_names_and_the_stations_own(name: str) -> None:
    line = a_line("30000001", properties=((name, "SN-9"),))
    assert sold_serials(line, ("Seriennummer",)) == ("SN-9",)


def test_several_serial_numbers_are_told_apart_and_other_properties_are_none() -> None:
    assert sold_serials(SOLD) == ("SN-9", "SN-10")
    assert sold_serials(a_line("30000001", properties=(("serial", " - "),))) == ()


def test_case_and_punctuation_do_not_matter_and_where_nothing_was_sold_by_serial_none_is_another() -> None:
    assert unlike_sold(SOLD, FOUND) == ()
    assert unlike_sold(SOLD, (*FOUND, ("21", "SN-11"))) == ("SN-11",)
    assert unlike_sold(a_line("30000001"), FOUND) == ()


def test_the_line_that_was_sold_with_a_serial_number_owns_it() -> None:
    other = a_line("30000002", properties=(("serial", "SN-1"),))
    assert owner((other, SOLD), FOUND) == "30000001"
    assert owner((other, SOLD), (("21", "SN-2"),)) == ""

"""What a scan may stand for: every printed form, every known wrong barcode, any text at all."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.labels.classify import classify, item_codes_equal
from loopdesk.domain.labels.gs1 import DATA, RUN_TOGETHER, has_separator, item_data, item_in
from loopdesk.domain.labels.scans import CandidateKind, Meaning
from loopdesk.domain.returns.extras import noted
from loopdesk.domain.returns.returns import is_loop_id
from loopdesk.presenters.words import scan_words
from loopdesk.simulator import barcodes
from loopdesk.simulator.samples import practice_labels

USPS = "9400111202555842332669"
FEDEX = "986578788855"
UPS = "1Z999AA10123456784"

TRACKING = [
    (UPS, UPS, "UPS label"),
    ("1z999aa10123456784", UPS, "UPS label, in small letters (is Caps Lock on?)"),
    ("1Z 999 AA1 01 2345 6784", UPS, "UPS label"),
    (f"420{'10023'}{USPS}", USPS, "USPS label, ZIP removed"),
    (f"]C1420{'10023'}\x1d{USPS}", USPS, "USPS label, ZIP removed"),
    (f"42010023{'1234'}{USPS}", USPS, "USPS label, ZIP+4 removed"),
    (USPS, USPS, "USPS number"),
    ("9400 1112 0255 5842 3326 69", USPS, "USPS number"),
    ("92748931507708513018050063", "92748931507708513018050063", "USPS number of 26 digits"),
    (
        "4201002392748931507708513018050063",
        "92748931507708513018050063",
        "USPS label of 26 digits, ZIP removed",
    ),
    ("03071790000523483741", "03071790000523483741", "USPS number of 20 digits"),
    ("61299998820821171811", "61299998820821171811", "FedEx Ground Economy (SmartPost) number"),
    (FEDEX, FEDEX, "FedEx Express number"),
    ("7905 3531 2317", "790535312317", "FedEx Express number"),
    ("568283610012734", "568283610012734", "FedEx Ground number"),
    ("9611020987654312345672", "987654312345672", "FedEx Ground label, the last 15 digits"),
    ("1001921334250001000300779017972697", "779017972697", "FedEx label, the last 12 digits"),
    ("9632001560123456789900794808390594", "794808390594", "FedEx label, the last 12 digits"),
    ("DT123456789012", "DT123456789012", "FedEx door tag"),
    ("RB123456785GB", "RB123456785GB", "Royal Mail number"),
    ("RB 123 456 785 US", "RB123456785US", "USPS number (S10)"),
    ("0073938000549297", "0073938000549297", "Canada Post number"),
    ("3318810025", "3318810025", "DHL Express waybill"),
    ("73891051146", "73891051146", "DHL Express waybill"),
    ("JJD0099999999", "JJD0099999999", "DHL piece number"),
    ("JD014600003823456789", "JD014600003823456789", "DHL piece number"),
    ("GM2951173225174494", "GM2951173225174494", "DHL eCommerce number"),
    ("C11031500001879", "C11031500001879", "OnTrac number"),
    ("D10011354453707", "D10011354453707", "OnTrac number"),
    ("1LS717793482164", "1LS717793482164", "LaserShip number"),
    ("1LS7119013618127-1", "1LS7119013618127-1", "LaserShip number"),
    ("LX17635036", "LX17635036", "LaserShip number"),
    ("TBA502887274000", "TBA502887274000", "Amazon number"),
    ("008182709980000020033350276C", "09980000020033", "DPD label, the parcel number in its middle"),
    ("%008182709980000020033350276", "09980000020033", "DPD label, the parcel number in its middle"),
    ("320595463938", "320595463938", "Purolator number"),
    ("KYV009956937", "KYV009956937", "Purolator number"),
    ("MI123456789012", "MI123456789012", "UPS Mail Innovations number"),
    ("000123450000000027", "000123450000000027", "Shipping container number (SSCC)"),
    ("00000123450000000027", "000123450000000027", "Shipping container number (SSCC) in a GS1 code"),
]


@pytest.mark.fault(98)
@pytest.mark.parametrize(("raw", "code", "rule"), TRACKING)
def test_a_carriers_label_gives_the_number_that_loop_stores(raw: str, code: str, rule: str) -> None:
    found = [
        (x.code, scan_words.rule(x.rule))
        for x in classify(raw).candidates
        if x.kind is CandidateKind.TRACKING
    ]
    assert (code, rule) in found


@pytest.mark.parametrize(
    ("raw", "code"),
    [(raw, code) for raw, code, rule in TRACKING if "UPS" in rule or "USPS label, ZIP" in rule],
)
def test_what_cannot_be_anything_else_comes_first(raw: str, code: str) -> None:
    assert classify(raw).candidates[0].code == code


@pytest.mark.parametrize(("caption", "raw"), practice_labels())
def test_every_practice_label_leads_to_the_number_behind_it(caption: str, raw: str) -> None:
    meaning = classify(raw)
    if "wrong barcode" in caption:
        assert meaning.hint == "postcode"
        return
    stored = raw[8:] if raw.startswith("420") else raw[-12:] if raw.startswith("96320") else raw
    assert stored in {candidate.code for candidate in meaning.candidates}


@pytest.mark.fault(98)
@given(st.integers(0, 9_999_999), st.sampled_from(["10023", "90210", "00501"]), st.sampled_from(["", "1234"]))
def test_a_zip_never_changes_the_usps_number(serial: int, postcode: str, more: str) -> None:
    number = barcodes.usps(serial)
    assert classify(f"420{postcode}{more}{number}").candidates[0].code == number


@given(st.integers(0, 99_999_999_999))
def test_a_fedex_number_is_found_at_the_end_of_the_long_barcode(serial: int) -> None:
    number = barcodes.fedex(serial)
    assert classify(f"9632001960000000000400{number}").candidates[0].code == number


def test_the_whole_code_is_told_apart_from_what_is_read_out_of_it() -> None:
    routed = f"42010023{USPS}"
    exact = {x.code for x in classify(f"]C142010023\x1d{USPS}").candidates if x.is_exact}
    assert exact == {routed}
    assert not any(x.is_exact for x in classify(routed).candidates if x.code == USPS)


def test_digits_that_fit_two_codes_by_chance_are_not_cut_apart() -> None:
    """A damaged number that begins like goods and ends like a parcel's number with a check sign."""
    damaged = "927489315077085130180424402"
    assert {x.code for x in classify(damaged).candidates} == {damaged}


def test_two_scanners_at_once_are_named_and_both_numbers_found() -> None:
    scan = "".join(a + b for a, b in zip(UPS, "1Z5R89390357567127", strict=True))
    found = {x.code: (x.rule, x.is_joint) for x in classify(scan).candidates if "two_scanners" in x.rule}
    assert found == dict.fromkeys((UPS, "1Z5R89390357567127"), ("ups_label+two_scanners", True))
    assert scan_words.rule("ups_label+two_scanners") == "UPS label, read by two scanners at once"


@pytest.mark.fault(92)
def test_a_misread_label_says_so_and_is_only_looked_up_exactly() -> None:
    misread = "1Z999AA10123456785"
    for candidate in classify(misread).candidates:
        assert candidate.code == misread
        if candidate.kind is CandidateKind.TRACKING:
            assert candidate.rule == "misread:ups_label"


# --- items ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("036000291452", "036000291452"),
        ("0036000291452", "036000291452"),
        ("]E04006381333931", "4006381333931"),
        ("73513537", "73513537"),
        ("]d2010950600013435221ABC123\x1d10LOT", "9506000134352"),
        ("(01)09506000134352(21)ABC123", "9506000134352"),
        ("0109506000134352", "9506000134352"),
        ("ld-003 m", "LD-003M"),
    ],
)
def test_goods_are_items(raw: str, code: str) -> None:
    assert code in {x.code for x in classify(raw).candidates if x.kind is CandidateKind.ITEM}


def test_a_upc_is_goods_before_it_is_anything_else() -> None:
    assert classify("036000291452").candidates[0].kind is CandidateKind.ITEM


@pytest.mark.fault(98)
def test_a_serial_number_in_a_gs1_code_is_found_behind_its_separator() -> None:
    codes = {x.code for x in classify("]d2010950600013435221ABC123\x1d10LOT").candidates}
    assert "ABC123" in codes


def test_a_gs1_code_with_a_wrong_check_digit_gives_no_item_number() -> None:
    assert "9506000134351" not in {x.code for x in classify("(01)09506000134351(21)A").candidates}


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("036000291452", "0036000291452", True),
        ("00036000291452", "036000291452", True),
        ("ld-003 m", " LD-003M", True),
        ("]E04006381333931", "4006381333931", True),
        ("LD-003", "LD-004", False),
        ("36000291452", "036000291452", False),
        ("", "", False),
        ("", "A", False),
    ],
)
def test_codes_of_goods_compare_as_a_dock_would(a: str, b: str, same: bool) -> None:
    assert item_codes_equal(a, b) is same
    assert item_codes_equal(b, a) is same


# --- ids and names --------------------------------------------------------------------------------


def codes_of(raw: str, kind: CandidateKind, **how: tuple[str, ...]) -> list[str]:
    return [x.code for x in classify(raw, **how).candidates if x.kind is kind]


def test_digits_may_be_a_return_or_an_order() -> None:
    assert codes_of("91000101", CandidateKind.RETURN_ID) == ["91000101"]
    assert codes_of("1164", CandidateKind.ORDER_NAME) == ["1164", "#1164"]
    assert codes_of("#1164", CandidateKind.ORDER_NAME) == ["#1164", "1164"]
    assert codes_of("5678901234567", CandidateKind.PROVIDER_ORDER_ID) == ["5678901234567"]
    assert codes_of("RMA # 91000101", CandidateKind.RETURN_ID) == ["91000101"]


def test_short_digits_are_an_order_first_and_long_ones_a_return() -> None:
    direct = (CandidateKind.RETURN_ID, CandidateKind.ORDER_NAME)
    for raw, first in (("1164", CandidateKind.ORDER_NAME), ("91000101", CandidateKind.RETURN_ID)):
        assert next(x.kind for x in classify(raw).candidates if x.kind in direct) is first


@pytest.mark.parametrize("raw", ["EX20417", "#EX20417", "ex20417"])
def test_an_order_name_with_letters_is_one_with_and_without_its_prefix_configured(raw: str) -> None:
    assert "EX20417" in codes_of(raw, CandidateKind.ORDER_NAME)
    assert codes_of(raw, CandidateKind.ORDER_NAME, order_prefixes=("ex",))[0] in ("EX20417", "#EX20417")


def test_a_configured_prefix_makes_the_order_the_first_candidate() -> None:
    first = classify("us-1164/b", order_prefixes=("", "US-")).candidates[0]
    assert (first.kind, first.code) == (CandidateKind.ORDER_NAME, "US-1164/B")


def test_a_happy_returns_bag_may_be_any_of_their_codes() -> None:
    kinds = {x.kind for x in classify("HRAB12CD34").candidates if x.rule == "happy_returns"}
    assert kinds == {CandidateKind.PACKAGE, CandidateKind.SCANNABLE, CandidateKind.RMA, CandidateKind.BOX}


# --- commands and links ---------------------------------------------------------------------------


@pytest.mark.parametrize("raw", ["LDCMDGRADEA", "ldcmdgradea", "]C0LDCMDGRADEA", " LDCMDGRADEA\r"])
def test_a_command_code_stands_for_no_return(raw: str) -> None:
    assert classify(raw) == Meaning(raw, hint="command")


@pytest.mark.parametrize(
    ("raw", "kind", "code"),
    [
        ("https://shop.loopreturns.com/#/status/91000101?token=x", CandidateKind.RETURN_ID, "91000101"),
        ("HTTPS://SHOP.LOOPRETURNS.COM/RETURN/91000101", CandidateKind.RETURN_ID, "91000101"),
        ("https://returns.brand.example/?return_id=91000101", CandidateKind.RETURN_ID, "91000101"),
        ("https://shop.loopreturns.com/#/find?order=%231164", CandidateKind.ORDER_NAME, "#1164"),
        ("www.loopreturns.com/returns/91000101", CandidateKind.RETURN_ID, "91000101"),
        (f"https://www.ups.com/track?tracknum={UPS}", CandidateKind.TRACKING, UPS),
        (f"https://www.fedex.com/fedextrack/?trknbr={FEDEX}", CandidateKind.TRACKING, FEDEX),
        ("https://dhl.example/tracking.html#/results?id=3318811344", CandidateKind.TRACKING, "3318811344"),
        ("https://post.example/en#/details/7023210477131354", CandidateKind.TRACKING, "7023210477131354"),
        ("https://happyreturns.com/qr/HRX4T8W2", CandidateKind.SCANNABLE, "HRX4T8W2"),
    ],
)
def test_a_number_is_read_out_of_a_link(raw: str, kind: CandidateKind, code: str) -> None:
    assert (kind, code) in {(x.kind, x.code) for x in classify(raw).candidates}


@pytest.mark.parametrize(
    "raw",
    [
        "https://example.com/menu",
        "https://shop.loopreturns.com/#/",
        "https://loopreturns.com.evil.example/4711",
        "http://[::1",
        "https://example.com/?return_id=12345678901234567890",
        "www.example.com",
    ],
)
def test_a_link_without_a_number_is_a_wrong_barcode(raw: str) -> None:
    assert classify(raw).hint == "link"


# --- wrong barcodes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        ("42010023", "postcode"),
        ("]C142010023", "postcode"),
        ("420100231234", "postcode"),
        ("42010023-1234", "postcode"),
        ("421840100231234", "postcode"),
        ("421124K1A0B1", "postcode"),
        ("[)>\x1e01\x1d96841706672\x1d840\x1d001\x1d1Z12345677\x1dUPSN\x1d", "square"),
        ("]U1anything", "square"),
        ("[)>\x1e01\x1d0290210\x1d840\x1d05\x1d7941\x1dFDE", "small bars"),
        ("[)>010290210840", "small bars"),
        ("@\n\x1e\rANSI 636001070002DL", "license"),
        ("ANSI 636001070002DL", "license"),
        ("2LDE53113+48000001", "routing"),
        ("403276533+12", "routing"),
        ("WIFI:S:dock;T:WPA;P:secret;;", "not a parcel"),
        ("BEGIN:VCARD", "not a parcel"),
        ("A" * 129, "too long"),
        ("7" * 4000, "too long"),
        ("", "empty"),
        ("\x1d \r\n\x00", "empty"),
    ],
)
def test_a_known_wrong_barcode_is_named_with_what_to_do(raw: str, word: str) -> None:
    meaning = classify(raw)
    assert word in scan_words.hint(meaning.hint)
    assert not meaning.candidates


@pytest.mark.fault(97)
def test_a_label_may_have_128_characters_and_a_link_2048() -> None:
    number = "A1" * 64
    assert number in {x.code for x in classify(number).candidates}
    assert classify(f"{number}A").hint == "too_long"
    start = "https://example.com/track?number=12345678901&utm_source="
    link = start.ljust(2048, "a")
    assert "12345678901" in {x.code for x in classify(link).candidates}
    assert classify(f"{link}a").hint == "too_long"


@pytest.mark.parametrize("raw", ["]C042010023", "RMA42010023", "]A042010023"])
def test_what_is_said_to_be_no_postcode_is_looked_up(raw: str) -> None:
    assert classify(raw).candidates


# --- keyboards ------------------------------------------------------------------------------------

US_TO_AZERTY = str.maketrans(
    "1234567890-/]aqwzmAQWZM:#", "&é\"'(-è_çà)!$qaz" + "w," + "QAZW?M3"
)  # as a French keyboard types what the scanner means
US_TO_QWERTZ = str.maketrans("yzYZ-/]:", "zyZYß-+Ö")


@pytest.mark.fault(93)
@pytest.mark.parametrize(
    "number", [UPS, USPS, f"42010023{USPS}", f"]C142010023{USPS}", FEDEX, "RB123456785GB"]
)
def test_a_french_keyboard_is_seen_through_when_the_check_digit_proves_it(number: str) -> None:
    meaning = classify(number.translate(US_TO_AZERTY))
    assert meaning.candidates[0].code in (UPS, USPS, FEDEX, "RB123456785GB")
    assert "azerty" in meaning.candidates[0].rule


@pytest.mark.fault(93)
@pytest.mark.parametrize("number", ["1164203", "91000101", "#20417-8"])
def test_a_french_keyboard_without_proof_is_named_and_its_guess_comes_last(number: str) -> None:
    meaning = classify(number.translate(US_TO_AZERTY))
    assert meaning.hint == "layout:azerty"
    assert number in {x.code for x in meaning.candidates if x.is_guess and x.is_local}
    assert all(x.is_exact or x.is_guess or x.kind is CandidateKind.ITEM for x in meaning.candidates)


def test_a_german_keyboard_is_seen_through_when_the_check_digit_proves_it() -> None:
    first = classify(UPS.translate(US_TO_QWERTZ)).candidates[0]
    assert first.code == UPS
    assert "qwertz" in first.rule


def test_a_keyboard_does_not_mend_a_misread_check_sign() -> None:
    """With A for Q, as a French keyboard has it, the check sign would be right."""
    misread = "008182709980000002996340276Q"
    assert "09980000002996" not in {x.code for x in classify(misread).candidates}


@pytest.mark.fault(93)
def test_a_german_keyboard_without_proof_is_named() -> None:
    assert classify("LD-003".translate(US_TO_QWERTZ)).hint == "layout:qwertz"


@pytest.mark.parametrize("raw", ["٣٣١٨٨١٠٠٢٥", "EXß51164", "£41164", "+YřRáíšíéšřýřžý+ěý", "#$!!^$"])
def test_what_no_label_and_no_shop_prints_names_the_keyboard(raw: str) -> None:
    assert classify(raw).hint.startswith("layout:")


@pytest.mark.parametrize("raw", ["MÜ-1164", "注文1178", "ЗАКАЗ-1178", "№1176", "SKØD-12", "Ελλάδα 7"])
def test_what_a_shop_may_print_is_looked_up_without_a_word_of_keyboards(raw: str) -> None:
    meaning = classify(raw)
    assert not meaning.hint
    assert "".join(raw.split()).upper() in {x.code for x in meaning.candidates if x.is_exact}


@pytest.mark.fault(93)
def test_an_input_method_is_seen_through_when_the_check_digit_proves_it() -> None:
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in UPS)
    assert classify(wide).candidates[0].code == UPS


# --- any text -------------------------------------------------------------------------------------

SIGNS = st.text(st.characters(codec=None), max_size=200)
LABEL_LIKE = st.text(string.digits + "19ZUPSRBGHLXC420-# ()]\x1d\x1e&é'_ç/:.?=%", max_size=80)
LINKS = st.builds("https://{}/{}".format, st.text(max_size=20), st.text(max_size=60))


@pytest.mark.fault(97)
@given(st.one_of(SIGNS, LABEL_LIKE, LINKS, st.from_regex(r"\A420[0-9]{5,40}\Z")))
def test_any_text_has_a_meaning_and_only_clean_candidates(raw: str) -> None:
    meaning = classify(raw, order_prefixes=("EX", "ü", ""))
    assert meaning.raw == raw
    assert meaning.candidates or meaning.hint
    seen = set()
    for candidate in meaning.candidates:
        assert candidate.code.isprintable()
        assert 1 <= len(candidate.code) <= 128
        assert not any(sign.isspace() for sign in candidate.code)
        assert candidate.code == candidate.code.upper()
        assert "_" not in scan_words.rule(candidate.rule), "each code has words"
        assert (candidate.code, candidate.kind) not in seen
        seen.add((candidate.code, candidate.kind))
        if candidate.kind is CandidateKind.RETURN_ID:
            assert is_loop_id(candidate.code)


@given(SIGNS, SIGNS)
def test_comparing_goods_never_raises_and_is_symmetric(a: str, b: str) -> None:
    assert item_codes_equal(a, b) is item_codes_equal(b, a)


@given(st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=30), st.booleans())
def test_case_and_an_aim_identifier_never_change_the_candidates(text: str, lower: bool) -> None:
    plain = classify(text)
    other = classify(f"]C0{text.lower() if lower else text}")
    if not plain.hint:
        assert [(x.code, x.kind) for x in other.candidates] == [(x.code, x.kind) for x in plain.candidates]


# --- as guns, people and links write them -----------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("d8077152042820402b", "807715204282"),  # start and stop of Codabar
        ("A986578788855B", "986578788855"),
        ("A71139951151319C", "71139951151319"),  # a scanner's letter, and DPD's check sign
        ("1108541051233142674995712345678901", "331426749957"),  # Purolator's 34 digits
        ("1Z999AA10123456784␍", "1Z999AA10123456784"),  # the picture of a carriage return
        ("␊1Z999AA10123456784␄", "1Z999AA10123456784"),
        ("\ufeff1Z999AA10123456784\u200b", "1Z999AA10123456784"),
        ("https://www.ups.com/track?tracknum=1Z999AA10123456784/trackdetails", "1Z999AA10123456784"),
        ("https://www.fedex.com/?tracknumbers=790535312317,776632517510", "790535312317"),
        ("https://www.fedex.com/?tracknumbers=790535312317,776632517510", "776632517510"),
        ("https://id.gs1.org/401/ABC123456789", "ABC123456789"),
    ],
)
def test_a_number_is_found_in_what_stands_around_it(raw: str, code: str) -> None:
    found = classify(raw)
    assert found.hint == ""
    assert code in [x.code for x in found.candidates if x.kind is CandidateKind.TRACKING]


@pytest.mark.parametrize("raw", ["420902104567", "(420)90210-4567", "42090210", "(420)90210"])
def test_a_long_postcode_is_one_though_its_digits_end_as_those_of_goods(raw: str) -> None:
    assert classify(raw).hint == "postcode"


@pytest.mark.parametrize("raw", ["2LUS90210+48000001", "US90210+48000001", "(2L)US90210+48000001"])
def test_the_routing_code_of_dhl_is_named(raw: str) -> None:
    assert classify(raw).hint == classify("2LUS10001+72000000").hint != ""


def test_a_field_that_ends_in_1z_does_not_make_a_square_code_of_the_stacked_one() -> None:
    raw = "[)>\x1e01\x1d0290210\x1d840\x1d019\x1d986578788855\x1dFDEG\x1e06\x1d10Z1\x1d11ZACME\x1e\x04"
    assert classify(raw).hint == "stacked"


@pytest.mark.parametrize("raw", ["KYV0099569-7", "YT222952127216445-"])
def test_a_misread_sign_is_not_taken_for_a_digit_of_a_french_keyboard(raw: str) -> None:
    """Digits come with Shift there and the signs without: both in one code is no layout but a misreading."""
    assert not [x for x in classify(raw).candidates if "azerty" in x.rule]


def test_a_guess_is_looked_up_last_asks_loop_nothing_and_is_never_a_mere_exchange_of_letters() -> None:
    guesses = [x for x in classify("EX+51164").candidates if x.is_guess]
    assert {"EX-51164"} <= {x.code for x in guesses}
    assert all(x.is_local for x in guesses)
    assert not [x for x in classify("YB1234567").candidates if x.is_guess]


def test_eleven_digits_may_be_a_gls_number_unless_another_one_with_a_digit_more_is_known() -> None:
    (longer,) = (x for x in classify("90123456780").candidates if x.code == "901234567804")
    assert "901234567180" in longer.rivals
    assert longer.code not in longer.rivals


# --- what the code of an item carries ----------------------------------------------------------------

_VALUES = st.text(string.ascii_uppercase + string.digits + "-/.", min_size=1, max_size=20)


@pytest.mark.parametrize("gs", ["\x1d", "<GS>", "{FNC1}"])
@given(lot=_VALUES, serial=_VALUES)
def test_lot_serial_and_expiry_of_an_item_are_read_wherever_its_separators_were_kept(
    gs: str, lot: str, serial: str
) -> None:
    told = (("10", lot), ("21", serial), ("17", "2027-03-31"))
    assert item_data(f"]d20104006381333931{'17270331'}10{lot}{gs}21{serial}") == told
    assert item_data(f"010400638133393110{lot}{gs}21{serial}{gs}17270331") == told
    assert item_data(f"(01)04006381333931(17)270331(10){lot}(21){serial}") == told


@given(st.text())
def test_what_is_no_item_carries_nothing_and_nothing_is_raised(raw: str) -> None:
    known = {name for name, _ in item_data(raw)}
    assert known <= {*DATA, RUN_TOGETHER}
    assert item_data(f"]C100{'106141411234567897'}10LOT") == ()


def test_a_lost_separator_leaves_the_value_unsaid_and_a_date_without_a_day_has_its_month() -> None:
    assert item_data("01040063813339311727030010LOT1") == (("10", "LOT1"), ("17", "2027-03"))
    assert item_data("010400638133393110LOT121SER") == ((RUN_TOGETHER, "10LOT121SER"),)
    assert item_data("01040063813339311727991310LOT1") == (("10", "LOT1"),)
    dated = item_data("]d20104006381333931" + "1727033110A" + "21B")
    assert dated == (("17", "2027-03-31"), (RUN_TOGETHER, "10A21B"))


@pytest.mark.parametrize(
    ("value", "is_certain"),
    [
        ("LOT7", True),
        ("A21", True),  # nothing would be left for a serial number
        ("A210", False),
        ("A11990228", False),
        ("A1127", True),  # a date has six digits
        ("LOT-0201", True),  # no second item
        ("B91X", False),  # anything may follow 91
    ],
)
def test_a_lot_is_certain_when_nothing_in_it_can_be_read_as_more(value: str, is_certain: bool) -> None:
    raw = f"010400638133393110{value}"
    assert item_data(raw) == ((("10", value),) if is_certain else ((RUN_TOGETHER, f"10{value}"),))
    assert item_data(raw, sends_separators=True) == (("10", value),)
    assert item_data(f"(01)04006381333931(10){value}") == (("10", value),)


@given(lot=_VALUES, serial=_VALUES)
def test_without_separators_no_lot_and_no_serial_is_ever_a_wrong_one(lot: str, serial: str) -> None:
    for raw in (f"]d2010400638133393110{lot}21{serial}", f"]d2010400638133393121{serial}10{lot}"):
        told = dict(item_data(raw))
        assert told.get("10", lot) == lot
        assert told.get("21", serial) == serial
        assert told.keys() & {"10", "21", RUN_TOGETHER}
        assert item_in(raw) == "4006381333931"


@given(
    lot=st.text("0123456789", min_size=16, max_size=20),
    serial=st.text("0123456789", min_size=16, max_size=20),
)
def test_an_item_is_found_where_lot_and_serial_together_are_too_long_for_a_lot(lot: str, serial: str) -> None:
    raw = f"]d2010400638133393110{lot}21{serial}"
    assert classify(raw).candidates[0].code == "4006381333931"
    assert item_data(raw, sends_separators=True) == ((RUN_TOGETHER, f"10{lot}21{serial}"),)


def test_a_scan_shows_that_separators_are_sent() -> None:
    assert has_separator("]C142012345\x1d9212345678")
    assert has_separator("]d2010400638133393110LOT<GS>21SER")
    assert not has_separator("#1164")


def test_whatever_an_items_code_carries_has_a_name_in_a_note() -> None:
    assert all(noted([(name, "x")]) for name in (*DATA, RUN_TOGETHER))

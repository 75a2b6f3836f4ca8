"""By which rule a scan led to a return, and what a barcode is that leads to none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from loopdesk.i18n.catalogue import N_, _

_CARRIERS: Mapping[str, str] = {
    "4px": "4PX",
    "amazon": "Amazon",
    "australia_post": "Australia Post",
    "better_trucks": "Better Trucks",
    "bpost": "bpost",
    "cainiao": "Cainiao",
    "canada_post": "Canada Post",
    "canpar": "Canpar",
    "colissimo": "Colissimo",
    "deutsche_post": "Deutsche Post",
    "dhl_ecommerce": "DHL eCommerce",
    "evri": "Evri (Hermes)",
    "fedex_express": "FedEx Express",
    "fedex_ground": "FedEx Ground",
    "fedex_smartpost": "FedEx Ground Economy (SmartPost)",
    "gofo": "GOFO",
    "hermes": "Hermes",
    "landmark_global": "Landmark Global",
    "lasership": "LaserShip",
    "old_dominion": "Old Dominion",
    "ontrac": "OnTrac",
    "packeta": "Packeta",
    "parcelforce": "Parcelforce",
    "postnl": "PostNL",
    "postnord": "PostNord",
    "posti": "Posti",
    "purolator": "Purolator",
    "royal_mail": "Royal Mail",
    "sf_express": "SF Express",
    "spee_dee": "Spee-Dee",
    "speedx": "SpeedX",
    "sunyou": "SunYou",
    "swiss_post": "Swiss Post",
    "uniuni": "UniUni",
    "ups_mail_innovations": "UPS Mail Innovations",
    "usps": "USPS",
    "yanwen": "Yanwen",
    "yodel": "Yodel",
    "yunexpress": "YunExpress",
}
"""The carriers of whose numbers nothing else is to be said, as they write themselves."""

_RULES: Mapping[str, str] = {
    # carriers' labels
    "14_digits": N_("DPD, Hermes or DHL eCommerce number of 14 digits"),
    "australia_post_article": N_("Australia Post article"),
    "australia_post_consignment": N_("Australia Post consignment, article removed"),
    "australia_post_label": N_("Australia Post label, the article number in it"),
    "dhl_express_waybill": N_("DHL Express waybill"),
    "dhl_or_yodel_j_added": N_("DHL or Yodel number, a leading J added"),
    "dhl_or_yodel_j_removed": N_("DHL or Yodel number, the leading J removed"),
    "dhl_parcel_germany": N_("DHL Parcel number (Germany)"),
    "dhl_piece": N_("DHL piece number"),
    "dpd_check_sign_removed": N_("DPD number, check sign removed"),
    "dpd_label": N_("DPD label, the parcel number in its middle"),
    "dpd_label_with_sign": N_("DPD label, the parcel number in its middle, with its check sign"),
    "dpd_label_without_sign": N_("DPD label, the parcel number in its middle, without the sign before it"),
    "fedex_astra": N_("FedEx Express label (ASTRA), the number in it"),
    "fedex_astra_last_12": N_("FedEx Express label (ASTRA), the last 12 digits"),
    "fedex_door_tag": N_("FedEx door tag"),
    "fedex_express_form_removed": N_("FedEx Express number, form number removed"),
    "fedex_express_zeros_removed": N_("FedEx Express number, leading zeros removed"),
    "fedex_ground_label_last_15": N_("FedEx Ground label, the last 15 digits"),
    "fedex_label_last_12": N_("FedEx label, the last 12 digits"),
    "fedex_label_last_14": N_("FedEx label, the last 14 digits"),
    "fedex_smartpost_92_added": N_("FedEx Ground Economy (SmartPost) number, the leading 92 added"),
    "fedex_smartpost_92_removed": N_("FedEx Ground Economy (SmartPost) number without the leading 92"),
    "gls_check_digit_added": N_("GLS number, check digit added"),
    "gls_check_digit_removed": N_("GLS label, check digit removed"),
    "lasership_piece_removed": N_("LaserShip number, the piece's digit removed"),
    "purolator_label": N_("Purolator label, the number in its middle"),
    "s10": N_("Postal number (S10)"),
    "sscc": N_("Shipping container number (SSCC)"),
    "ups_label": N_("UPS label"),
    "ups_letter_and_digits": N_("UPS number of a letter and ten digits"),
    "ups_waybill": N_("UPS waybill number"),
    "usps_20_digits": N_("USPS number of 20 digits"),
    "usps_20_digits_91_added": N_("USPS number of 20 digits, the leading 91 added"),
    "usps_20_digits_91_left_out": N_("USPS number of 20 digits, the leading 91 left out"),
    "usps_22_digits_91_removed": N_("USPS number of 22 digits, the leading 91 removed"),
    "usps_26_digits": N_("USPS number of 26 digits"),
    "usps_30_digits": N_("USPS number of 30 digits"),
    "usps_label_20_digits_zip_removed": N_("USPS label of 20 digits, ZIP removed"),
    "usps_label_20_digits_zip4_removed": N_("USPS label of 20 digits, ZIP+4 removed"),
    "usps_label_26_digits_zip_removed": N_("USPS label of 26 digits, ZIP removed"),
    "usps_label_26_digits_zip4_removed": N_("USPS label of 26 digits, ZIP+4 removed"),
    "usps_label_30_digits_zip_removed": N_("USPS label of 30 digits, ZIP removed"),
    "usps_label_30_digits_zip4_removed": N_("USPS label of 30 digits, ZIP+4 removed"),
    "usps_label_zip_removed": N_("USPS label, ZIP removed"),
    "usps_label_zip4_removed": N_("USPS label, ZIP+4 removed"),
    "usps_s10": N_("USPS number (S10)"),
    # Loop and the shop
    "captioned_order_name": N_("Order name behind its caption"),
    "captioned_order_name_with_hash": N_("Order name behind its caption, with #"),
    "happy_returns": N_("Happy Returns code"),
    "order_name": N_("Order name"),
    "order_name_with_hash": N_("Order name with #"),
    "order_name_without_hash": N_("Order name without #"),
    "order_number": N_("Order number"),
    "order_number_with_hash": N_("Order number with #"),
    "prefixed_order_name": N_("Order name with the shop's prefix"),
    "prefixed_order_name_with_hash": N_("Order name with # and the shop's prefix"),
    "rma": N_("Return number (RMA)"),
    "same_order": N_("Same order"),
    "shop_order_id": N_("Order id of the shop"),
    # goods
    "goods": N_("SKU, or another code of the goods"),
    "gtin": N_("Barcode of the goods (UPC or EAN)"),
    "gtin_zero_removed": N_("Barcode of the goods, leading zero removed"),
    "upc_e": N_("Short barcode of the goods (UPC-E)"),
    "upc_e_without_check_digit": N_(
        "Short barcode of the goods (UPC-E) without its check digit, written out"
    ),
    "upc_e_written_out": N_("Short barcode of the goods (UPC-E), written out"),
    # GS1 codes and web links
    "gs1_carriers_own": N_("Carrier's own number in a GS1 code"),
    "gs1_consignment": N_("Consignment number in a GS1 code"),
    "gs1_customers_item": N_("Item number of the customer in a GS1 code"),
    "gs1_item": N_("Item number in a GS1 code"),
    "gs1_makers_item": N_("Item number of the maker in a GS1 code"),
    "gs1_order": N_("Order number in a GS1 code"),
    "gs1_serial": N_("Serial number in a GS1 code"),
    "gs1_shipment": N_("Shipment number in a GS1 code"),
    "gs1_sscc": N_("Shipping container number (SSCC) in a GS1 code"),
    "link_happy_returns": N_("Happy Returns code in a web link"),
    "link_item": N_("Item number in a web link"),
    "link_number": N_("Number in a web link"),
    "link_order_name": N_("Order name in a web link"),
    "link_rma": N_("Return number in a web link"),
    "link_shipment": N_("Consignment or shipment number in a web link"),
    "link_shop_order_id": N_("Order id of the shop in a web link"),
    "link_sscc": N_("Shipping container number (SSCC) in a web link"),
    # the code itself
    "as_printed": N_("As printed"),
    "behind_postcode": N_("The number behind the postcode"),
    "codabar": N_("Number between the start and stop letters of Codabar"),
    "digits_for_letters": N_("With digits for letters that look alike"),
    "end_of_number": N_("The end of a known number"),
    "exact": N_("Exactly as printed"),
    "exact_tight": N_("As printed, without spaces and hyphens"),
    "inside_number": N_("Found inside the number scanned"),
    "latin_letters": N_("With Latin letters for those of another script that look alike"),
    "misread": N_("Looks like a misread {value}: the check digit is wrong"),
    "signs_removed": N_("Without the signs around it"),
    "typed": N_("Typed through {value}"),
}

_STEPS: Mapping[str, str] = {
    "in_link": N_("in a web link"),
    "inside_longer": N_("found inside a longer code"),
    "one_of_several": N_("one of several codes in one scan"),
    "postcode_removed": N_("postcode removed"),
    "read_twice": N_("read twice in one scan"),
    "scanners_letter_removed": N_("the scanner's letter removed"),
    "small_letters": N_("in small letters (is Caps Lock on?)"),
    "two_scanners": N_("read by two scanners at once"),
    "typed": N_("typed through {value}"),
}
"""What was done to find a number."""

_LAYOUTS: Mapping[str, str] = {
    "azerty": N_("French (AZERTY)"),
    "belgian": N_("Belgian (AZERTY)"),
    "brazilian": N_("Brazilian"),
    "british": N_("British"),
    "canadian_french": N_("Canadian French"),
    "croatian": N_("Croatian"),
    "czech": N_("Czech"),
    "danish": N_("Danish"),
    "dvorak": N_("Dvorak"),
    "greek": N_("Greek"),
    "hebrew": N_("Hebrew"),
    "hungarian": N_("Hungarian"),
    "italian": N_("Italian"),
    "japanese": N_("Japanese"),
    "latin_american": N_("Latin American"),
    "norwegian": N_("Norwegian"),
    "other": N_("none that the scanner can type through"),
    "portuguese": N_("Portuguese"),
    "qwertz": N_("German (QWERTZ)"),
    "russian": N_("Russian"),
    "shift": N_("a Shift key held down"),
    "slovak": N_("Slovak"),
    "spanish": N_("Spanish"),
    "swedish": N_("Swedish"),
    "swiss": N_("Swiss (QWERTZ)"),
    "turkish": N_("Turkish"),
    "ukrainian": N_("Ukrainian"),
    "wide": N_("an input method for full-width characters"),
}

_HINTS: Mapping[str, str] = {
    "card": N_("That is a driver's license or identity card. Do not scan it; scan the parcel's label."),
    "command": N_("That is a command code, not a parcel's number."),
    "empty": N_("The scanner sent an empty code. Scan it once more."),
    "layout": N_(
        "Scanner and computer disagree about the keyboard: it looks like {value}. Ask IT to set both to US "
        "English, then scan again."
    ),
    "link": N_("That is a web link without a return's number. Scan the long barcode of the carrier's label."),
    "not_a_number": N_(
        "That code holds an address, a contact or a setting, not a parcel's number. Scan the long barcode."
    ),
    "outbound": N_(
        "That code is from the way out: a carton, a pallet or a mail tray. Scan the return label's long "
        "barcode."
    ),
    "own_label": N_(
        "That is a label printed here, for an item or a mystery parcel. Scan the barcode of the carrier's "
        "label."
    ),
    "packing_slip": N_("That is the code of a packing slip. Scan the long barcode of the carrier's label."),
    "place": N_("That is the number of a place, not of a parcel. Scan the barcode with the tracking number."),
    "postcode": N_("That is the postcode. Scan the long barcode above or below it."),
    "routing": N_("That is the carrier's routing code. Scan the barcode with the tracking number."),
    "square": N_("That is the square code for the carrier's sorting machines. Scan the long barcode."),
    "stacked": N_(
        "That is the carrier's wide code of many small bars. Scan the long barcode with one row of bars."
    ),
    "too_long": N_(
        "That code is too long for a parcel's number. Scan the long barcode with one row of bars."
    ),
}


def rule(code: str) -> str:
    """Say by which rule a candidate was found (``Candidate.rule``): "UPS label, read twice in one scan"."""
    found, *steps = code.split("+")
    forms = _either(_one(form, _RULES) for form in found.split("|"))
    return ", ".join((forms, *(_one(step, _STEPS) for step in steps)))


def hint(code: str) -> str:
    """Say what a barcode is that leads to no return, and what to scan instead (``Meaning.hint``)."""
    return _one(code, _HINTS) if code else ""


def _either(forms: Iterable[str]) -> str:
    """Join the forms of which any may be meant: "DHL Express waybill, FedEx Ground number or …"."""
    *first, last = forms
    return _("{first} or {last}", first=", ".join(first), last=last) if first else last


def _one(code: str, table: Mapping[str, str]) -> str:
    name, _colon, about = code.partition(":")
    if name in _CARRIERS:
        return _("{carrier} number", carrier=_CARRIERS[name])
    if about:
        value = _(_LAYOUTS[about]) if about in _LAYOUTS else rule(about)
        return _(table[name], value=value)
    return _(table[name]) if name in table else name.replace("_", " ")

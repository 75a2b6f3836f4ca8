"""The numbers of one day, the forms in which bars hold them, and what goes wrong when they are read."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.corpus import check_digits as cd


def similar(serials: range) -> dict[str, list[str]]:
    """The numbers of one day, by carrier: the same shipper, one serial after another."""
    return {
        "USPS": [cd.mod10(f"9400111202555{n:08d}") for n in serials],
        "USPS of 26": [cd.mod10(f"92748931507708513{n:08d}") for n in serials],
        "UPS": [cd.ups(f"999AA101{n:07d}") for n in serials],
        "FedEx Express": [cd.fedex(f"986{n:08d}") for n in serials],
        "FedEx Ground": [cd.mod10(f"568283{n:08d}") for n in serials],
        "SmartPost": [cd.mod10(f"9261299998820{n:08d}")[2:] for n in serials],
        "DHL Express": [cd.mod7(f"33{n:07d}") for n in serials],
        "Canada Post": [cd.mod10(f"0073938{n:08d}") for n in serials],
        "Royal Mail": [cd.s10("RB", f"{n:08d}", "GB") for n in serials],
        "DPD": [f"099800{n:08d}" for n in serials],
        "DPD with a letter": [f"150980{n:07d}U" for n in serials],
        "GLS": [f"90271{n:06d}" for n in serials],
        "GLS, kept with its check digit": [cd.gls(f"50392{n:06d}") for n in serials],
        "InPost": [f"6831063001200345{n:08d}" for n in serials],
        "PostNL": [f"3SABCD{n:09d}" for n in serials],
        "LaserShip": [f"1LS72350{n:08d}-1" for n in serials],
        "Yamato": [f"4020{n:08d}" for n in serials],
    }


def forms(carrier: str, number: str) -> Iterator[str]:
    """What the carrier's bars hold, besides the bare number."""
    yield number
    match carrier:
        case "USPS" | "USPS of 26":
            yield f"42010023{number}"
            yield f"420100231234{number}"
        case "FedEx Express":
            yield f"1001921334250001000300{number}"
            yield f"9622001900000000000000{number}"
            yield f"1010023012840019{number}0201"
        case "FedEx Ground":
            yield f"9611020{number}"
        case "SmartPost":
            yield f"4201002392{number}"
        case "DPD":  # the bars with % hold no check sign: only what is printed under them does
            yield cd.dpd(number)
            yield cd.dpd(f"0081827{number}350276")
        case _:
            yield from _forms_elsewhere(carrier, number)


def _forms_elsewhere(carrier: str, number: str) -> Iterator[str]:
    match carrier:
        case "DPD with a letter":
            yield f"%0030720{number}101616"
            yield f"0030720{number}101616"
        case "GLS":
            yield cd.gls(number)
            yield f"https://gls-group.eu/track?match={number}"
        case "InPost":
            yield f"P|501234567|{number}"
        case "PostNL":
            yield f"https://jouw.postnl.nl/track-and-trace/{number}-NL-1234AB"
        case "LaserShip":
            yield number.replace("-", "")
        case "Yamato":
            yield f"A{number}B"


def damages(scan: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    """One code damaged in each way a gun damages codes, at a place left to chance."""
    place = chance.randrange(len(scan) - 1)
    sign = scan[place]
    other = chance.choice([digit for digit in "0123456789" if digit != sign])
    yield "substituted", f"{scan[:place]}{other}{scan[place + 1 :]}"
    yield "transposed", f"{scan[:place]}{scan[place + 1]}{sign}{scan[place + 2 :]}"
    yield "lost", f"{scan[:place]}{scan[place + 1 :]}"
    yield "doubled", f"{scan[:place]}{sign}{scan[place:]}"
    cut = chance.randrange(1, 4)
    yield "beginning lost", scan[cut:]
    yield "end lost", scan[:-cut]
    late = len(scan) - chance.randrange(1, 5)
    yield "doubled late", f"{scan[:late]}{scan[late]}{scan[late:]}"
    yield "lost late", f"{scan[:late]}{scan[late + 1 :]}"

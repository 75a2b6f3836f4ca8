"""Which addresses of pictures may be fetched, from which machines, and which picture makes room."""

from __future__ import annotations

import ipaddress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopdesk.domain.pictures import (
    KEPT_FOR,
    MOST_BYTES,
    MOST_PIXELS,
    KeptPicture,
    is_host,
    is_public,
    leaving,
    link_of,
)

HOSTS = ("cdn.shopify.com", "images.example.org")
SHIRT = "https://cdn.shopify.com/s/files/1/0000/0000/products/Black_Striped_Shirt.jpg"


def target(url: str) -> str:
    link = link_of(url, HOSTS)
    return link.target if link is not None else ""


def test_the_limits_are_those_that_were_promised() -> None:
    assert (5_000_000, 25_000_000, timedelta(days=120)) == (MOST_BYTES, MOST_PIXELS, KEPT_FOR)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        (SHIRT, "https://cdn.shopify.com/s/files/1/0000/0000/products/Black_Striped_Shirt.jpg?width=640"),
        (f"{SHIRT}?v=1585", f"{SHIRT}?v=1585&width=640"),
        (f"{SHIRT}?v=1585&width=4000&height=9&crop=center#top", f"{SHIRT}?v=1585&width=640"),
        ("HTTPS://CDN.Shopify.com/a.png", "https://cdn.shopify.com/a.png?width=640"),
        ("//cdn.shopify.com/a.png", "https://cdn.shopify.com/a.png?width=640"),
        ("https://cdn.shopify.com:443/a.png", "https://cdn.shopify.com/a.png?width=640"),
        ("https://images.example.org/a.webp?width=9", "https://images.example.org/a.webp?width=9"),
        (
            "https://images.example.org/Löwe am Zaun.jpg",
            "https://images.example.org/L%C3%B6we%20am%20Zaun.jpg",
        ),
        ("https://images.example.org/a%20b.jpg", "https://images.example.org/a%20b.jpg"),
        ("https://images.example.org/", "https://images.example.org/"),
    ],
)
def test_a_picture_of_a_named_host_is_asked_for_in_the_size_that_is_kept(url: str, wanted: str) -> None:
    link = link_of(url, HOSTS)
    assert link is not None
    assert link.url == wanted


@pytest.mark.fault(177)
@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.jpg",
        "/etc/passwd",
        "file:///etc/passwd",
        "file://cdn.shopify.com/a.jpg",
        "ftp://cdn.shopify.com/a.jpg",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "http://cdn.shopify.com/a.jpg",
        "https://evil.example/a.jpg",
        "https://cdn.shopify.com.evil.example/a.jpg",
        "https://evilcdn.shopify.com/a.jpg",
        "https://cdn.shopify.com./a.jpg",
        "https://cdn.shopify.com@evil.example/a.jpg",
        "https://user:word@cdn.shopify.com/a.jpg",
        "https://cdn.shopify.com:443@evil.example/a.jpg",
        "https://cdn.shopify.com%40evil.example/a.jpg",
        "https://@cdn.shopify.com/a.jpg",
        "https://cdn.shopify.com#@evil.example/a.jpg",
        "https://cdn.shopify.com?@evil.example/a.jpg",
        "https://cdn.shopify.com:/a.jpg",
        "https://cdn.shopify.com:0443/a.jpg",
        "https://cdn.shopify.com:443:443/a.jpg",
        "https://xn--cdn.shopify.com/a.jpg",
        "https://cdn.shopify.xn--com-/a.jpg",
        "https://cdn.shopify。com/a.jpg",
        "https://cdn.shopify.com\u200b/a.jpg",
        "https://[::ffff:10.0.0.1]/a.jpg",
        "https://2130706433/a.jpg",
        "https://0177.0.0.1/a.jpg",
        "https://cdn.shopify.com:8443/a.jpg",
        "https://cdn.shopify.com\\@evil.example/a.jpg",
        "https://cdn.shopify.com\n.evil.example/a.jpg",
        "https://cdn.shopify.com /a.jpg",
        " https://cdn.shopify.com/a.jpg",
        "https://cdn.shopify.com/a\r\nHost: evil.example.jpg",
        "https://cdn.shopify.com/\x00.jpg",
        "https://cdn．shopify.com/a.jpg",
        "https://cdn.ſhopify.com/a.jpg",
        "https://cdn%2eshopify.com/a.jpg",
        "https:cdn.shopify.com/a.jpg",
        "https:///cdn.shopify.com/a.jpg",
        "https://cdn.shopify.com",
        "https://127.0.0.1/a.jpg",
        "https://[::1]/a.jpg",
        "https://0x7f000001/a.jpg",
        "https://localhost/a.jpg",
        f"https://cdn.shopify.com/{'a' * 2048}",
    ],
)
def test_any_other_address_is_not_fetched(url: str) -> None:
    assert link_of(url, HOSTS) is None


def test_without_hosts_nothing_is_fetched() -> None:
    assert link_of(SHIRT, ()) is None


@given(st.text(max_size=80), st.sampled_from(["https://", "//", "https://cdn.shopify.com", ""]))
def test_whatever_stands_in_an_answer_leads_to_a_named_host_in_plain_signs_or_nowhere(
    text: str, start: str
) -> None:
    link = link_of(start + text, HOSTS)
    assert link is None or (link.host in HOSTS and link.target.startswith("/"))
    assert link is None or all("!" <= sign <= "~" for sign in link.target)
    assert link is None or link_of(link.url, HOSTS) is not None


def test_one_address_has_one_key_however_it_is_spelled_and_two_have_two() -> None:
    keys = {
        link.key
        for url in (SHIRT, f"{SHIRT}#x", SHIRT.replace("https", "HTTPS"), SHIRT.replace("https:", ""))
        if (link := link_of(url, HOSTS)) is not None
    }
    other = link_of(f"{SHIRT}?v=2", HOSTS)
    assert len(keys) == 1
    assert other is not None
    assert other.key not in keys
    assert all(len(key) == 32 and int(key, 16) for key in keys)


@pytest.mark.fault(178)
@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.1.2.3",
        "::ffff:169.254.169.254",
        "::ffff:0:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:a00:1::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
        "2606:4700::1%2",
        "cdn.shopify.com",
        "127.1",
        "0x7f.1",
        "",
    ],
)
def test_an_address_that_is_not_of_the_public_internet_is_not_connected_to(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "23.227.38.33",
        "8.8.8.8",
        "2606:4700::6812:1",
        "2a00:1450:4001::1",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
    ],
)
def test_an_address_of_the_public_internet_is(address: str) -> None:
    assert is_public(address)


@given(st.integers(0, 2**32 - 1))
def test_no_address_becomes_public_by_another_spelling(number: int) -> None:
    plain = ipaddress.IPv4Address(number)
    for spelled in (f"::ffff:{plain}", str(ipaddress.IPv6Address((0x64FF9B << 96) | number))):
        assert is_public(spelled) == is_public(str(plain))
    assert not is_public(str(ipaddress.IPv6Address(number)))
    assert not is_public(str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80) | 1)))
    if plain.is_private or plain.is_multicast or plain.is_loopback or plain.is_link_local:
        assert not is_public(str(plain))


@pytest.mark.parametrize("name", ["cdn.shopify.com", "a.b", "images-2.example.org", "xn--bcher-kva.example"])
def test_a_name_can_be_a_host_of_pictures(name: str) -> None:
    assert is_host(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "localhost",
        "127.0.0.1",
        "1.2.3",
        "[::1]",
        "*.example.org",
        "example.org.",
        "https://example.org",
        "a b.c",
        "example.org/x",
        "example.org:443",
        "-a.example",
        "a..b",
        "x" * 300 + ".org",
    ],
)
def test_neither_an_address_nor_a_pattern_nor_a_link_can(name: str) -> None:
    assert not is_host(name)


KEPT = [KeptPicture("b", 40, 2.0), KeptPicture("a", 30, 1.0), KeptPicture("c", 50, 3.0)]


@pytest.mark.parametrize(
    ("room", "before", "keys"),
    [
        (0, None, ()),
        (1, None, ("a",)),
        (30, None, ("a",)),
        (31, None, ("a", "b")),
        (120, None, ("a", "b", "c")),
        (121, None, ()),
        (30, 2.0, ("a",)),
        (31, 2.0, ()),
        (70, 2.5, ("a", "b")),
    ],
)
def test_the_oldest_make_room_and_only_if_that_is_enough(
    room: int, before: float | None, keys: tuple[str, ...]
) -> None:
    assert leaving(KEPT, room, before=before) == keys

"""The text of a PDF as a reader finds it: its pages' streams, by the character maps of their fonts."""

from __future__ import annotations

import re
import zlib
from pathlib import Path

_OBJECT = re.compile(rb"(\d+) 0 obj(.*?)endobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_PAIR = re.compile(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")
_RANGE = re.compile(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>\s*(?:<([0-9a-fA-F]+)>|\[(.*?)\])", re.DOTALL)
_SHOWN = re.compile(rb"/(F\d+)\s+[0-9.]+\s+Tf|<([0-9a-fA-F]+)>\s*Tj|\b(T\*|Td|TD|Tm)\b")


def pages(path: Path) -> list[str]:
    """Return the text of each page, without its spacing."""
    objects = {int(number): body for number, body in _OBJECT.findall(path.read_bytes())}
    fonts = {
        name.decode(): _map(objects, int(font))
        for body in objects.values()
        for name, font in re.findall(rb"/(F\d+) (\d+) 0 R", body)
    }
    contents = (re.search(rb"/Contents (\d+) 0 R", body) for body in objects.values())
    return [_text(_stream(objects[int(found[1])]), fonts) for found in contents if found]


def _stream(body: bytes) -> bytes:
    found = _STREAM.search(body)
    assert found is not None
    return zlib.decompress(found[1]) if b"FlateDecode" in body[: found.start()] else found[1]


def _map(objects: dict[int, bytes], font: int) -> dict[int, str]:
    found = re.search(rb"/ToUnicode (\d+) 0 R", objects[font])
    if found is None:
        return {}
    text, out = _stream(objects[int(found[1])]).decode("latin-1"), dict[int, str]()
    for block in re.findall(r"beginbfchar(.*?)endbfchar", text, re.DOTALL):
        out |= {int(glyph, 16): _sign(code) for glyph, code in _PAIR.findall(block)}
    for block in re.findall(r"beginbfrange(.*?)endbfrange", text, re.DOTALL):
        for first, last, code, codes in _RANGE.findall(block):
            each = re.findall(r"<([0-9a-fA-F]+)>", codes)
            for n in range(int(last, 16) - int(first, 16) + 1):
                out[int(first, 16) + n] = _sign(each[n]) if each else chr(int(code, 16) + n)
    return out


def _sign(code: str) -> str:
    return bytes.fromhex(code).decode("utf-16-be")


def _text(stream: bytes, fonts: dict[str, dict[int, str]]) -> str:
    out, font = list[str](), dict[int, str]()
    for name, shown, _ in _SHOWN.findall(stream):
        if name:
            font = fonts[name.decode()]
        elif shown:
            glyphs = (int(shown[n : n + 4], 16) for n in range(0, len(shown), 4))
            out.append("".join(font.get(glyph, "") for glyph in glyphs))
    return "".join(out)

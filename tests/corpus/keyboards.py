"""What a computer makes of a scanner's US key presses under another keyboard layout."""

from __future__ import annotations

_US = "1234567890-=qwertyuiop[]asdfghjkl;'zxcvbnm,./_+QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>?"
_DVORAK = "1234567890[]',.pyfgcrl/=aoeuidhtns-;qjkxbmwvz{}\"<>PYFGCRL?+AOEUIDHTNS_:QJKXBMWVZ"

THROUGH = {
    "AZERTY": str.maketrans("1234567890-/]aqwzmAQWZM:#", "&é\"'(-è_çà)!$qazw,QAZW?M3"),
    "QWERTZ": str.maketrans("yzYZ-/]:", "zyZYß-+Ö"),
    "Swiss": str.maketrans("yzYZ-/]", "zyZY'-¨"),
    "Dvorak": str.maketrans(_US, _DVORAK),
    "Swedish": str.maketrans("-_/;:'[]", "+?-öÖäå¨"),
    "Spanish": str.maketrans("-_/;:'[]", "'?-ñÑ´`+"),
    "Turkish": str.maketrans("-_/.#", "*?.ç^"),
    "Czech": str.maketrans("1234567890yzYZ-_/#]", "+ěščřžýáíézyZY=%-3)"),
    "British": str.maketrans("#", "£"),
}
"""What each layout makes of the scanner's characters."""

"""What the Settings page says of a setting besides its own label and help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from loopdesk.domain.errors import SettingsWrong, ValueWrong
from loopdesk.i18n import formats
from loopdesk.i18n.catalogue import N_, _

_SOURCES: Mapping[str, str] = {
    "environment": N_("set by {variable}"),
    "command line": N_("set on the command line"),
    "policy": N_("set by IT"),
    "hub lock": N_("set by IT, for the whole site"),
    "hub": N_("from the hub, for the whole site"),
    "practice": N_("set by practice, until it ends"),
    "machine": N_("from this machine's settings"),
}

_SECTIONS: Mapping[str, str] = {
    "": N_("This bench"),
    "api": N_("Loop"),
    "hub": N_("Hub"),
    "station": N_("Station"),
    "limits": N_("When to ask a person"),
    "process": N_("Processing"),
    "budget": N_("Requests"),
    "evidence": N_("Photos"),
    "updates": N_("Updates"),
    "sound": N_("Sound"),
    "pictures": N_("Product pictures"),
    "scanner": N_("Scanner"),
    "printer": N_("Label printer"),
}

_UNITS: Mapping[str, str] = {
    "baud": N_("baud"),
    "characters": N_("characters"),
    "days": N_("days"),
}

_OPTIONS: Mapping[str, str] = {
    "system": N_("as this computer"),
    "light": N_("light"),
    "dark": N_("dark"),
    "contrast": N_("contrast"),
    "en": "English",
    "de": "Deutsch",
    "pseudo": N_("pseudo"),
    "none": N_("nowhere"),
    "s3": N_("a bucket (S3)"),
    "put": N_("an address for PUT"),
    "file": N_("a file"),
    "camera": N_("the camera"),
    "debug": N_("debug"),
    "info": N_("info"),
    "warning": N_("warning"),
    "error": N_("error"),
    "off": N_("never"),
    "decided": N_("when a line is decided"),
    "settled": N_("when the return is settled"),
}
"""What may be chosen; a language is called what those call it who speak it."""


def reduced(wanted: int, shown: int) -> str:
    """Say that everything is shown smaller than was set, both in percent."""
    return _(
        "This screen has no room for {wanted} %: everything is shown at {shown} %.",
        wanted=wanted,
        shown=shown,
    )


def source(source: str, variable: str) -> str:
    """Say where a value comes from; "" for the profile's own file and for the default.

    Args:
        source: The code of the place.
        variable: The setting's name in the environment.
    """
    return _(_SOURCES[source], variable=variable) if source in _SOURCES else ""


def section(name: str) -> str:
    """Name a section of the settings by its table in the file."""
    return _(_SECTIONS[name]) if name in _SECTIONS else name


def label(label: str, unit: str) -> str:
    """Name a setting, with the unit of its numbers."""
    if not unit:
        return _(label)
    return _("{label} ({unit})", label=_(label), unit=_(_UNITS[unit]) if unit in _UNITS else unit)


def option(value: str) -> str:
    """Say what may be chosen; what has no word is shown as it is."""
    return _(_OPTIONS[value]) if value in _OPTIONS else value


def options(values: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Return what may be chosen, each with its words."""
    return tuple((value, option(value)) for value in values)


def cameras(names: Sequence[str], chosen: str) -> tuple[tuple[str, str], ...]:
    """Return the cameras that may be chosen, each with its words; the chosen one also while it is away."""
    known = any(name.casefold() == chosen.casefold() for name in names)
    away = () if known or not chosen else ((chosen, _("{camera} (not connected)", camera=chosen)),)
    return (("", _("the first that is found")), *((name, name) for name in names), *away)


def people(names: Sequence[str], chosen: str) -> tuple[tuple[str, str], ...]:
    """Return who may be chosen, by name; whoever is chosen also if they are not in the list."""
    other = (
        () if chosen in names else ((chosen, _("{name} (not in the list)", name=chosen) if chosen else ""),)
    )
    return (*((name, name) for name in names), *other)


def destinations(known: Sequence[tuple[str, str]], chosen: str) -> tuple[tuple[str, str], ...]:
    """Return Loop's destinations that may be chosen, by name; the chosen one also without its name.

    Args:
        known: The id and name of each.
    """
    named = sorted(((key, name or key) for key, name in known), key=lambda each: each[1].casefold())
    looks = [_look(name) for _key, name in named]
    told = tuple(
        (key, _("{name} (no. {id})", name=name, id=key) if looks.count(_look(name)) > 1 else name)
        for key, name in named
    )
    is_known = not chosen or any(key == chosen for key, _name in named)
    other = () if is_known else ((chosen, _("no. {id} (name not known)", id=chosen)),)
    return (("", _("not chosen: no warnings")), *told, *other)


def _look(name: str) -> str:
    """Return what a person sees of a name: no signs without a shape, no case, no spaces around."""
    shown = "".join(sign if sign.isprintable() else "" for sign in name)
    return " ".join(shown.split()).casefold()


_COMPLAINTS: Mapping[str, str] = {
    # values
    "must_be_https": N_("must begin with https:// (http:// is allowed to this machine only)"),
    "must_be_address": N_("must be an address such as https://api.loopreturns.com/api"),
    "must_be_bare_address": N_("must have no user, query or fragment"),
    "must_end_with_path": N_("must end with the path; no ? or #"),
    "unknown_api_version": N_(
        "names version {version} of Loop's API, which is not known here; known are {known}"
    ),
    "must_be_certificate": N_("must be a certificate (DER) in base64, as joining the hub writes it"),
    "must_be_ed25519": N_("must be 32 bytes in base64, as `loopdesk manifest keys` prints them"),
    "must_be_proxy": N_('must be like "http://proxy.example:3128", or empty for none'),
    "must_be_host": N_("must be names of hosts, like cdn.shopify.com, without https:// and without a path"),
    "must_be_one_line": N_("must be one line of plain text"),
    "must_be_secret": N_("must be at least {least} letters, digits and signs, without spaces"),
    "must_be_digits": N_("must be digits only, as Loop shows the destination's id"),
    "must_be_one_of": N_("must be one of {options}"),
    "must_be_switch": N_("must be true or false"),
    "must_be_photo": N_('must be true, false or "required"'),
    "must_be_list": N_('must be a list of texts, like ["EU-", "UK-"]'),
    "must_be_table": N_('must be a table of texts, like { rmaid = "{return}" }'),
    "must_be_json_table": N_('must be a table of texts, here as {"rmaid": "{return}"}'),
    "must_be_text": N_("must be text in quotes"),
    "must_be_whole": N_("must be a whole number from {least} to {most}"),
    "must_be_number": N_("must be a number from {least} to {most}"),
    "too_long": N_("must have at most {n} characters"),
    "too_many": N_("must have at most {n} texts"),
    "odd_api_key": N_("must be 1 to {n} letters, digits and signs, without spaces or line breaks"),
    # what is sent with a processing
    "too_many_keys": N_("must have at most {n} keys"),
    "odd_key": N_("has a key that is not a letter and up to 39 letters, digits, - and _"),
    "text_of_several_lines": N_('"{name}" must be one line of plain text'),
    "unknown_placeholder_in": N_('"{name}" has a placeholder that is not known; known are {known}'),
    "may_become_longer": N_('"{name}" may become longer than {n} characters'),
    "may_become_larger": N_("may become larger than {n} bytes"),
    # files
    "unreadable": N_("cannot be read ({error})"),
    "must_be_version": N_("a version is three numbers, like 1.2.3"),
    "no_signing_key": N_("{file} holds no key that `loopdesk manifest keys` made"),
    "unwritable": N_("cannot be written ({error})"),
    "registry_unreadable": N_("the registry cannot be read ({error})"),
    "not_utf8": N_("is not UTF-8 text"),
    "syntax": N_("is not written as TOML wants it: {what}"),
    "too_deep": N_("is nested too deeply"),
    "cut_off": N_("the file ends in the middle of a line"),
    "must_be_section": N_("must be a table: [{name}]"),
    "key_in_a_file": N_("the API key never stands in a file; enter it in Settings or give it as {variable}"),
    "unknown_setting": N_("is not a known setting"),
    "unknown_setting_in": N_("is not a known setting in [{section}]"),
    "hub_setting": N_("is not right: {error}"),
    "must_be_true_or_keys": N_("must be true or a list of keys"),
    "names_no_setting": N_("names no setting: {name}"),
    "not_for_a_hub": N_("is set at each bench: no hub gives it"),
    "locks_what_is_not_for_a_hub": N_("names what is set at each bench: {name}"),
    # the vocabulary
    "missing": N_("is missing"),
    "empty": N_("must not be empty"),
    "must_be_plain_table": N_("must be a table"),
    "must_be_list_of_texts": N_("must be a list of texts"),
    "must_be_grades": N_("must be written as [[grade]]"),
    "unknown_key": N_("is not a known key"),
    "unknown_word": N_('"{word}" is not a word that Loop knows'),
    "must_be_places": N_("must be written as [[place]]"),
    "must_be_printer_host": N_("must be a name or an address, with a port after a colon if need be"),
    "must_be_amount": N_("must be an amount such as 49.90"),
    "place_twice": N_("another [[place]] has the same conditions"),
    "price_below_nothing": N_("must be more than price_from"),
    "currency_without_price": N_("needs price_from or price_below"),
    "missing_has_no_place": N_("what is missing is put nowhere"),
    "grade_twice": N_('"{grade}" is there twice'),
    "grades_absent": N_("no [[grade]] for {grades}"),
    "label_twice": N_("another grade has the same label"),
    "missing_goes_nowhere": N_('only the grade "missing" suggests "missing", and it suggests nothing else'),
    "lone_brace": N_("has a brace without its partner"),
    "unknown_placeholder": N_("{name} is not a known placeholder"),
    # the profile's folder
    "folder_synchronized": N_(
        'the folder is inside "{folder}", which another program synchronizes; choose a local folder'
    ),
    "folder_on_network": N_("the folder is on a network drive; choose a folder on this machine's own disk"),
    "folder_unusable": N_("the profile folder cannot be used ({error})"),
    "folder_unwritable": N_("the profile folder cannot be written"),
    "folder_unlockable": N_(
        "the profile folder cannot be locked; choose a folder on this machine's own disk"
    ),
}
"""What is wrong with a setting, a vocabulary or a profile's folder, by ``SettingsWrong.why``."""


def complaint(wrong: SettingsWrong | ValueWrong) -> str:
    """Say what is wrong, without where it stands: "must be a number from 0 to 60 (s)"."""
    values: dict[str, object] = dict(wrong.values)
    near, unit = values.pop("near", ""), str(values.pop("unit", ""))
    numbers = {"least", "most", "n"} & values.keys()
    values |= {name: formats.current().number(str(values[name]), grouped=False) for name in numbers}
    said = _(_COMPLAINTS[wrong.why], **values)
    if unit:
        said = _("{text} ({unit})", text=said, unit=_(_UNITS[unit]) if unit in _UNITS else unit)
    return said + _('; did you mean "{near}"?', near=near) if near else said

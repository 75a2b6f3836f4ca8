"""What IT reads of webhooks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from loopdesk.hub.commands.words import minute, told
from loopdesk.hub.webhooks.ending import Ending
from loopdesk.hub.webhooks.loop_api import LoopRefused
from loopdesk.hub.webhooks.overview import SecretsOf, Tallied, WebhookOverview
from loopdesk.hub.webhooks.registering import (
    DOCK_TOPICS,
    ComparedHook,
    HookStanding,
    RegisteredHook,
    WantedHook,
)
from loopdesk.i18n.catalogue import N_, _, ngettext

_STANDING = {
    HookStanding.ACTIVE: N_("active"),
    HookStanding.INACTIVE: N_("INACTIVE at Loop"),
    HookStanding.MISSING: N_("MISSING at Loop"),
}

_ENDING = {
    Ending.TAKEN: N_("taken in"),
    Ending.REPEATED: N_("sent again"),
    Ending.EMPTY: N_("empty: topic and trigger do not fit"),
    Ending.UNSIGNED: N_("refused: not signed by a secret that is known here"),
    Ending.NO_SECRET: N_("refused: no secret is known here"),
    Ending.NO_SHOP: N_("refused: no such shop in the address"),
    Ending.NO_TOPIC: N_("refused: no such topic in the address"),
    Ending.TOO_LARGE: N_("refused: more than a megabyte"),
    Ending.BROKEN_OFF: N_("broken off before all of it was here"),
    Ending.BUSY: N_("asked to come again: busy, or no database"),
}


def standing_lines(found: Iterable[ComparedHook], refusals: Mapping[WantedHook, LoopRefused]) -> list[str]:
    """Return a line for each webhook that is to be there, and what Loop said where it refused."""
    lines = []
    for each in found:
        lines.append(f"{each.wanted.trigger:<28}{_(_STANDING[each.standing]):<20}{each.wanted.url}")
        if each.wanted in refusals:
            lines += [f"    {line}" for line in told(refusals[each.wanted])]
    return lines


def secrets_wanted(shop_id: str, topics: Iterable[str]) -> list[str]:
    """Return what to do about topics whose secret is not known here."""
    return [
        _("Loop shows a secret with each webhook in its admin, under Developer tools. Give them to the hub:"),
        *(f"    loopdesk hub webhooks secret --shop {shop_id} --topic {topic}" for topic in topics),
    ]


def listed_lines(found: Iterable[RegisteredHook]) -> list[str]:
    """Return a line for each webhook at Loop."""
    lines = [f"{x.id:<10}{x.topic:<24}{x.trigger:<28}{x.status or '?':<12}{x.url}" for x in found]
    return lines or [_("The shop has no webhook at Loop.")]


def overview_lines(seen: WebhookOverview, shop_id: str, secrets: SecretsOf) -> tuple[list[str], bool]:
    """Return how a shop's webhooks arrive, and whether all is well."""
    lines, is_well = [], True
    shop = next(each for each in seen.shops if each.shop_id == shop_id)
    if shop.last_at is None:
        lines.append(_("No webhook has arrived within two weeks."))
    else:
        lines.append(_("The last webhook arrived at {time}.", time=minute(shop.last_at)))
    if shop.expects and shop.silent_since is not None:
        is_well = False
        lines.append(
            _("SILENT: returns changed since {time}, and no webhook came.", time=minute(shop.silent_since))
        )
    tallies = [each for each in seen.tallies if each.shop_id in (shop_id, "")]
    lines += [_tally_line(each) for each in tallies]
    is_well = is_well and not any(each.is_refusal for each in tallies)
    if seen.unapplied:
        n, seconds = seen.unapplied, round(seen.oldest_seconds)
        lines.append(
            ngettext(
                "{n} webhook is not applied; it waits for {seconds} s.",
                "{n} webhooks are not applied; the oldest waits for {seconds} s.",
                n,
                seconds=seconds,
            )
        )
        is_well = is_well and not seen.stuck
    lacking = [topic for topic in DOCK_TOPICS if topic not in secrets]
    if lacking:
        lines += secrets_wanted(shop_id, lacking)
    return lines, is_well and not lacking


def _tally_line(each: Tallied) -> str:
    words = _(_ENDING[each.ending])
    return f"{each.number:>8}  {each.topic or '-':<24}{words} ({minute(each.last_at)})"

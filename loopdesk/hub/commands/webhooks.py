"""``loopdesk hub webhooks install|secret|list|check``: Loop's webhooks, and how they arrive."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import ipaddress
import sys
from contextlib import suppress
from urllib.parse import urlsplit

from loopdesk.hub.commands import webhook_words as words
from loopdesk.hub.commands.speaking import Commands, Voice
from loopdesk.hub.commands.words import told
from loopdesk.hub.commands.working import Works, working
from loopdesk.hub.failures import HubFailure
from loopdesk.hub.settings import HubSettings, read_settings
from loopdesk.hub.shops.registry import SiteShop
from loopdesk.hub.webhooks.loop_api import LoopRefused, LoopWebhooks
from loopdesk.hub.webhooks.meaning import TRIGGERS
from loopdesk.hub.webhooks.overview import SecretsOf, overview, secrets_of
from loopdesk.hub.webhooks.registering import (
    DOCK_TOPICS,
    ComparedHook,
    HookStanding,
    RegisteredHook,
    WantedHook,
    compared,
    wanted_hooks,
)
from loopdesk.hub.webhooks.secret_book import keep_secret
from loopdesk.i18n.catalogue import _

Refusals = dict[WantedHook, LoopRefused]


def add(commands: Commands) -> None:
    """Add its parser."""
    does = commands.add_parser("webhooks", help="Loop's webhooks").add_subparsers(
        dest="action", metavar="ACTION", required=True
    )
    install = does.add_parser(
        "install", help="set a shop's webhooks up at Loop, and see that they are active"
    )
    _about(install, install=True)
    install.add_argument(
        "--topic",
        metavar="TOPIC",
        action="append",
        choices=sorted(TRIGGERS),
        help="only this one; repeatable",
    )
    install.set_defaults(run=_install)
    secret = does.add_parser("secret", help="give a webhook's secret: standard input gives it")
    _about(secret)
    secret.add_argument("--topic", metavar="TOPIC", choices=sorted(TRIGGERS), required=True)
    secret.add_argument("--trigger", metavar="TRIGGER", default="", help="if each trigger has another secret")
    secret.add_argument("--only", action="store_true", help="end the secret that counted until now")
    secret.set_defaults(run=_secret)
    listed = does.add_parser("list", help="all webhooks that a shop has at Loop")
    _about(listed)
    listed.set_defaults(run=_list)
    check = does.add_parser("check", help="how webhooks arrive, and whether they are active at Loop")
    _about(check, install=True)
    check.set_defaults(run=_check)


def _about(parser: argparse.ArgumentParser, *, install: bool = False) -> None:
    parser.add_argument("--shop", metavar="ID", required=True)
    if install:
        parser.add_argument(
            "--url", metavar="URL", default="", help="how Loop reaches the hub; http.address by default"
        )


def _base(arguments: argparse.Namespace, settings: HubSettings) -> str:
    """Return where Loop is to send webhooks.

    Raises:
        HubFailure: ``webhook_address``; it is not how Loop could reach anything.
    """
    url: str = arguments.url or settings.http.address
    parts = urlsplit(url)
    is_private = False
    with suppress(ValueError):
        is_private = ipaddress.ip_address(parts.hostname or "").is_loopback
    if not parts.hostname or parts.scheme not in ("https", "http"):
        raise HubFailure(why="webhook_address", address=url)
    if parts.scheme == "http" and not is_private:
        raise HubFailure(why="webhook_plain", address=url)
    return url


async def _shop(works: Works, shop_id: str) -> SiteShop:
    shop = await works.shops.shop(shop_id)
    if shop is None:
        raise HubFailure(why="shop_unknown", shop=shop_id)
    return shop


def _at_loop(settings: HubSettings, shop: SiteShop) -> LoopWebhooks:
    if shop.key is None:
        raise HubFailure(why="no_shop_key", shop=shop.id)
    return LoopWebhooks(settings.loop.url, shop.key)


def _install(arguments: argparse.Namespace, voice: Voice) -> int:
    settings = read_settings(arguments.settings)
    wanted = wanted_hooks(_base(arguments, settings), arguments.shop, arguments.topic or DOCK_TOPICS)
    found, refusals, secrets = asyncio.run(_installed(settings, arguments.shop, wanted))
    voice.say(*words.standing_lines(found, refusals))
    lacking = [topic for topic in dict.fromkeys(each.topic for each in wanted) if topic not in secrets]
    if lacking:
        voice.say("", *words.secrets_wanted(arguments.shop, lacking))
    return 0 if not lacking and all(each.standing is HookStanding.ACTIVE for each in found) else 1


async def _installed(
    settings: HubSettings, shop_id: str, wanted: tuple[WantedHook, ...]
) -> tuple[tuple[ComparedHook, ...], Refusals, SecretsOf]:
    """Set up what is missing, and read back what Loop then says."""
    async with working(settings) as works, _at_loop(settings, await _shop(works, shop_id)) as loop:
        refusals: Refusals = {}
        for each in compared(wanted, await loop.listed()):
            try:
                made = await _set_up(loop, each)
            except LoopRefused as refused:
                if refused.why != "webhook_refused":
                    raise
                refusals[each.wanted] = refused
                continue
            if made is not None and made.secret:
                topic, trigger = each.wanted.topic, each.wanted.trigger
                await keep_secret(works.database, works.sealing, shop_id, topic, trigger, made.secret)
        found = compared(wanted, await loop.listed())
        async with works.database.transaction() as connection:
            return found, refusals, await secrets_of(connection, shop_id)


async def _set_up(loop: LoopWebhooks, found: ComparedHook) -> RegisteredHook | None:
    if found.at_loop is None:
        return await loop.create(found.wanted)
    if found.standing is HookStanding.INACTIVE:
        await loop.activate(found.at_loop, found.wanted)
    return None


def _secret(arguments: argparse.Namespace, voice: Voice) -> int:
    settings = read_settings(arguments.settings)
    asked = _("The webhook's secret: ")
    text = getpass.getpass(asked) if sys.stdin.isatty() else sys.stdin.readline()
    asyncio.run(_kept(settings, arguments, text))
    voice.say(_("Kept. It counts within a few seconds."))
    return 0


async def _kept(settings: HubSettings, arguments: argparse.Namespace, text: str) -> None:
    async with working(settings) as works:
        await keep_secret(
            works.database,
            works.sealing,
            arguments.shop,
            arguments.topic,
            arguments.trigger,
            text,
            is_only=arguments.only,
        )


def _list(arguments: argparse.Namespace, voice: Voice) -> int:
    found = asyncio.run(_listed(read_settings(arguments.settings), arguments.shop))
    voice.say(*words.listed_lines(found))
    return 0


async def _listed(settings: HubSettings, shop_id: str) -> tuple[RegisteredHook, ...]:
    async with working(settings) as works, _at_loop(settings, await _shop(works, shop_id)) as loop:
        return await loop.listed()


def _check(arguments: argparse.Namespace, voice: Voice) -> int:
    settings = read_settings(arguments.settings)
    wanted = wanted_hooks(_base(arguments, settings), arguments.shop)
    lines, is_well = asyncio.run(_checked(settings, arguments.shop, wanted))
    voice.say(*lines)
    return 0 if is_well else 1


async def _checked(
    settings: HubSettings, shop_id: str, wanted: tuple[WantedHook, ...]
) -> tuple[list[str], bool]:
    async with working(settings) as works:
        shop = await _shop(works, shop_id)
        async with works.database.transaction() as connection:
            seen, secrets = await overview(connection), await secrets_of(connection, shop_id)
        lines, is_well = words.overview_lines(seen, shop_id, secrets)
        try:
            async with _at_loop(settings, shop) as loop:
                found = compared(wanted, await loop.listed())
        except HubFailure as failure:
            return [*lines, *told(failure)], False
    is_active = all(each.standing is HookStanding.ACTIVE for each in found)
    return [*lines, *words.standing_lines(found, {})], is_well and is_active

"""What IT reads of a hub's failures."""

from __future__ import annotations

from loopdesk.hub.examination import HubFinding
from loopdesk.hub.failures import HubFailure
from loopdesk.i18n.catalogue import N_, _

_WHY = {
    "address": N_("The database's address is neither a URL nor libpq's key=value form."),
    "unreachable": N_("PostgreSQL cannot be reached."),
    "too_old": N_("PostgreSQL {version} is too old: the hub needs 15 or newer."),
    "pooled": N_("A pooler stands before PostgreSQL, such as PgBouncer. The hub needs PostgreSQL itself."),
    "empty": N_("This database is no hub's yet. Run: loopdesk hub init"),
    "behind": N_("This database is of an older hub. Run: loopdesk hub init"),
    "too_new": N_("A newer hub migrated this database. Install that version again."),
    "changed": N_("The migration {name} differs from the one that was run. Install the released version."),
    "key_missing": N_("The encryption key is neither in {file} nor in {variable}."),
    "key_open": N_("Others than its owner may read {file}. Run: chmod 600 {file}"),
    "key_malformed": N_("The encryption key is not 32 bytes in base64."),
    "no_sealing_key": N_("Without the encryption key no key of Loop can be kept. Run: loopdesk hub check"),
    "no_shop_key": N_("The shop {shop} has no key of Loop. Run: loopdesk hub shop key {shop}"),
    "shop_malformed": N_("An id is 1 to 40 small letters, digits and dashes; a colour is # and six digits."),
    "shop_exists": N_("There is a shop {shop} already."),
    "shop_unknown": N_("There is no shop {shop}. Run: loopdesk hub shop list"),
    "shop_key": N_("That is no key of Loop: one word of plain letters and digits is."),
    "bench_name": N_("A bench's name has 1 to {n} characters."),
    "bench_exists": N_(
        "There is a bench {bench} already. Another code for it: loopdesk hub bench code {bench}"
    ),
    "bench_unknown": N_("There is no bench {bench}. Run: loopdesk hub bench list"),
    "address_unfit": N_("http.address is not how a bench can reach the hub: {address}"),
    "certificate_unusable": N_("The certificate in {file} cannot be used."),
    "webhooks_silent": N_(
        "Loop sends the shop {shop} no webhook, although its returns have changed since {time}. "
        "Run: loopdesk hub webhooks check --shop {shop}"
    ),
    "webhooks_refused": N_(
        "Webhooks that were refused within a day: {n}. Run: loopdesk hub webhooks check --shop ID"
    ),
    "webhooks_stuck": N_("Webhooks that cannot be applied, and are tried again: {n}. The log names them."),
    "webhook_address": N_("This is not how Loop can reach the hub: {address}"),
    "webhook_plain": N_(
        "Webhooks carry shoppers' addresses, so Loop has to reach the hub by https: {address}"
    ),
    "webhook_topic": N_("The topic {topic} has no such trigger."),
    "webhook_secret": N_("A secret is one word of at most {n} characters."),
    "webhook_sealed": N_("The secrets of the shop {shop} cannot be opened: they must be given again."),
    "webhook_key": N_("Loop refuses the shop's key: it needs the scope Developer Tools."),
    "webhook_refused": N_("Loop refuses this webhook:"),
    "webhook_throttled": N_("Loop has too many requests with this key. Try again in a minute."),
    "webhook_unreachable": N_("Loop cannot be reached."),
    "webhook_unread": N_("What answered is not Loop (status {status})."),
    "unwritable": N_("{file} cannot be written."),
    "file_exists": N_("{file} is there already."),
    "not_ours": N_("{file} is no copy of a hub's database."),
    "hub_runs": N_("A hub works on this database ({n} connections). Stop it first."),
    "program_missing": N_("{program} is not installed. It comes with PostgreSQL's client programs."),
    "program_failed": N_("{program} has failed."),
    # What the doctor finds besides
    "plain_http": N_(
        "Benches' tokens go over the network unencrypted. Name a certificate, or listen on 127.0.0.1."
    ),
    "certificate_ends": N_(
        "The certificate ends in {n} days. Benches that pinned it must join again with the next."
    ),
    "loop_unreachable": N_("Loop cannot be reached from here ({kind})."),
    "clock_off": N_("PostgreSQL's clock is off by {n} s. Set that machine's clock."),
    "unsafe": N_("Off in PostgreSQL: {names}. After a crash an action could leave twice; switch it on."),
    "standby_asynchronous": N_(
        "The standby is asynchronous: after a failover an action could leave twice. "
        "Set synchronous_standby_names."
    ),
    "few_connections": N_("PostgreSQL has {n} connections left of {most}. Raise max_connections."),
    "disk_full": N_("PostgreSQL's disk has {n} % left."),
    "no_shop": N_("There is no shop yet. Run: loopdesk hub shop add ID NAME"),
}

_CHECKS = {
    "key": N_("Encryption key"),
    "certificate": N_("Certificate"),
    "database": N_("Database"),
    "loop": N_("Loop"),
    "clock": N_("Clock"),
    "safety": N_("Safety of what is stored"),
    "standby": N_("Standby"),
    "connections": N_("Connections"),
    "disk": N_("Disk"),
    "shops": N_("Shops"),
    "webhooks": N_("Webhooks"),
}


def told(failure: HubFailure) -> tuple[str, ...]:
    """Return the lines that say what is wrong, and what PostgreSQL said."""
    lines = [_(_WHY[failure.why], **failure.values)]
    return (*lines, f"  {failure.detail}") if failure.detail else tuple(lines)


def finding(found: HubFinding) -> tuple[str, ...]:
    """Return the lines for what was looked at."""
    name = _(_CHECKS[found.check])
    if found.code == "ok":
        return (f"{name}: {_('well')}",)
    if found.code == "unknown":
        return (f"{name}: {_('cannot be looked at from here')}",)
    return (f"{name}:", f"  {_(_WHY[found.code], **found.values)}")

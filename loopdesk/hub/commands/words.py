"""What IT reads of a hub's failures."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

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
    "name_missing": N_("Whoever says so must be named: --by NAME"),
    "claim_unknown": N_("Nobody finishes the return {number}. Run: loopdesk hub claims list"),
    "claim_lives": N_(
        "The bench may still be at work on the return {number}. After a quarter of an hour without an effect "
        "at Loop it waits for a person, and can be ended."
    ),
    "not_in_shop": N_("{number} is no number that {shop} and another shop have."),
    "giver_name": N_("Who gives it is named by 1 to {n} characters: --by NAME"),
    "no_such_version": N_("There is no version {n} with a text."),
    "address_unfit": N_("http.address is not how a bench can reach the hub: {address}"),
    "certificate_unusable": N_("The certificate in {file} cannot be used."),
    "certificate_none": N_("The hub has no certificate of its own: a reverse proxy's is changed there."),
    "certificate_foreign": N_(
        "An authority signed {file}. Put the next one and its key in place; hubs use them within seconds."
    ),
    "certificate_no_next": N_("There is no next certificate. Run: loopdesk hub certificate next"),
    "certificate_unknown": N_(
        "These benches do not know the next certificate yet, and would have to join again: {benches}. "
        "Let them be on for an hour, or add --anyway."
    ),
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
    "no_badge_key": N_("Without the encryption key no badge can be kept. Run: loopdesk hub check"),
    "person_name": N_("A name has 1 to 40 characters."),
    "person_email": N_("That is no e-mail address."),
    "person_language": N_("A language is a code such as en or de."),
    "person_exists": N_("There is somebody called {name} already."),
    "person_nobody": N_("There is nobody called {name}. Run: loopdesk hub people list"),
    "person_badge": N_("A badge is LDBADGE and 16 or more letters."),
    "person_badge_taken": N_("Somebody else has this badge."),
    "people_many": N_("A site has at most {n} people."),
    "unreadable": N_("{file} cannot be read as UTF-8 text."),
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
        "The certificate ends in {n} days. Change it in time: loopdesk hub certificate next"
    ),
    "certificate_date": N_(
        "By this machine's clock the certificate is not valid (from {since} to {until}): no bench connects. "
        "Set the clock; if it is right, run: loopdesk hub certificate next, then use --anyway."
    ),
    "loop_unreachable": N_("Loop cannot be reached from here ({kind})."),
    "clock_off": N_("PostgreSQL's clock is off by {n} s. Set that machine's clock."),
    "unsafe": N_("Off in PostgreSQL: {names}. After a crash an action could leave twice; switch it on."),
    "standby_asynchronous": N_(
        "The standby is asynchronous: after a failover an action could leave twice. "
        "Set synchronous_standby_names."
    ),
    "restored": N_(
        "It is an older copy, and Loop may still be at work at what was sent since: for {n} min more "
        "nothing is sent that finishes a return. Then benches send it by themselves."
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
    "ledger": N_("Ledger"),
    "connections": N_("Connections"),
    "disk": N_("Disk"),
    "shops": N_("Shops"),
    "webhooks": N_("Webhooks"),
}


def minute(at: datetime) -> str:
    """Return a time to the minute, in UTC and saying so."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def told(failure: HubFailure) -> tuple[str, ...]:
    """Return the lines that say what is wrong, and what PostgreSQL said."""
    lines = [_(_WHY[failure.why], **failure.values)]
    return (*lines, f"  {failure.detail}") if failure.detail else tuple(lines)


def unexpected(failure: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the lines for what nobody expected: what ``logs.failure_told`` tells of it."""
    kinds = " < ".join([failure["kind"], *failure.get("causes", ())])
    return (
        _("A fault of the hub's own. Nothing that it says is shown here, for it may hold somebody's data."),
        f"  {kinds} {failure.get('sqlstate', '')}".rstrip(),
        f"  {' '.join(failure['places'])}",
    )


def finding(found: HubFinding) -> tuple[str, ...]:
    """Return the lines for what was looked at."""
    name = _(_CHECKS[found.check])
    if found.code == "ok":
        return (_("{name}: well", name=name),)
    if found.code == "unknown":
        return (_("{name}: cannot be looked at from here", name=name),)
    return (f"{name}:", f"  {_(_WHY[found.code], **found.values)}")

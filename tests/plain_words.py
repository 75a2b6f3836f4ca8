"""The plain English words by which classes are named, besides those that ``docs/glossary.md`` explains."""

_WORDS = """
    acting address again already answer api arrangement backup begun behind broken brought busy by cache
    call came carrier carries certificate chain changed clock condition connection count damaged date
    decoder detail device diagnosis disk display done elsewhere ended engine entered error estimate event
    extra fault fetched fields file finished first folder foreign format found full go goods head here in
    indexed info item job keep keyed known left limits link look loop loopdesk lost match met missing
    money name narrow needs new next no of old on only open order other ours out outdated overruled
    overview page part passed payment people perhaps person piece priority progress published push reason
    refused renumbered replaced request rest resume row rule running said say scanner schedule search
    send sent serial settings settled shelf shipment shown side size sought source spec spent status step
    still superseded table taken taker tasks texts theirs throttled ticked time to too totals
    transactions trigger trouble true trust turn unavailable unclear unconfirmed unknown unpaid
    unreachable unusable update use value version wait wanted watch why without writer wrong
"""

PLAIN = frozenset(_WORDS.split())
"""Each in one form; the others (counts, counted) follow."""

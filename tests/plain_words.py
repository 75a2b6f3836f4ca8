"""The plain English words by which classes are named, besides those that ``docs/glossary.md`` explains."""

_WORDS = """
    acting address again already answer api arrangement backup behind broken busy by cache call carrier
    carries certificate changed clock condition connection count damaged date decoder detail device
    diagnosis disk display done ended engine error estimate extra fault fetched fields file finished first
    foreign folder format found full go goods head in indexed info item job keep keyed known later left limits
    link look loop loopdesk lost match missing money narrow needs new next no of old on only open order
    other ours out overview page part passed payment perhaps person piece priority progress reason refused
    replaced request rest resume row rule running scanner schedule search send sent serial settings settled
    shipment size sought source spec spent status step still superseded taken taker tasks theirs throttled
    ticked time too totals transactions trigger trouble true turn unavailable unclear unconfirmed unknown
    unpaid unreachable unusable update value version wait wanted watch why writer wrong
"""

PLAIN = frozenset(_WORDS.split())
"""Each in one form; the others (counts, counted) follow."""

-- Why an entry is where it is: a JSON object of a code, the one foreign text that fills its words, and whether the
-- refusal is in doubt. Until now it was Loop's or our own words. The audit log keeps what was written then.
UPDATE entry SET last_error = CASE
  WHEN stage = 'withdrawn' THEN json_object('code', 'dropped', 'value', last_error)
  WHEN last_error IN (
    'no_effect', 'partial', 'targets_remain', 'closed_with_outcomes', 'other_state', 'changed', 'not_found', 'twice',
    'waits', 'damaged', 'overtaken', 'said_done', 'more_parcels', 'line_gone', 'unreadable', 'unpaid', 'no_witness',
    'bad_batch', 'bad_filter', 'bad_id', 'bad_note', 'bad_state', 'bad_window', 'foreign_host'
  ) THEN json_object('code', last_error)
  WHEN last_error = 'an older copy of the store was restored' THEN json_object('code', 'restored')
  WHEN last_error GLOB 'claimed: *' THEN json_object('code', 'claimed', 'value', substr(last_error, 10))
  WHEN last_error GLOB 'refused: *'
    THEN json_object('code', 'refused', 'value', substr(last_error, 10), 'doubted', json('true'))
  ELSE json_object('code', 'refused', 'value', last_error)
END
WHERE last_error <> '';

-- Where Loop gave no words, our own stood in their place, in doubt or not.
UPDATE entry SET last_error = json_remove(last_error, '$.value')
WHERE last_error <> '' AND last_error ->> '$.code' = 'refused' AND last_error ->> '$.value' IN ('', 'Loop refused.');
UPDATE entry SET last_error = json_remove(json_set(last_error, '$.code', 'not_found'), '$.value')
WHERE last_error <> '' AND last_error ->> '$.code' = 'refused' AND last_error ->> '$.value' = 'Loop knows no such return.';
UPDATE entry SET last_error = json_set(
  last_error, '$.code', 'category_unnamed',
  '$.value', substr(last_error ->> '$.value', 70, instr(last_error ->> '$.value', '. IT adds') - 70)
)
WHERE last_error <> '' AND last_error ->> '$.code' = 'refused'
  AND last_error ->> '$.value' GLOB 'Not sent: this API version needs a subject and a title for the grade *. IT adds*';

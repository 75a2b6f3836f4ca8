-- name: all
SELECT entry_id FROM entry;

-- name: unfinished
SELECT entry_id FROM entry WHERE stage NOT IN ('done', 'superseded', 'withdrawn');

-- Run before a copy is loaded, in the same transaction: whatever a newer version added is not in it.
SET LOCAL client_min_messages = warning;
DO $$
DECLARE
    statements text[];
    each text;
BEGIN
    -- All names first: what falls with its table would have none any more.
    SELECT array_agg(statement) INTO statements FROM (
        SELECT format('DROP TABLE IF EXISTS %s CASCADE', oid::regclass) AS statement FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
          AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')
        UNION ALL
        SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', oid::regprocedure) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
          AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
        UNION ALL
        SELECT format('DROP SEQUENCE IF EXISTS %s CASCADE', oid::regclass) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
        UNION ALL
        SELECT format('DROP TYPE IF EXISTS %s CASCADE', oid::regtype) FROM pg_type
        WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
    ) AS ours;
    FOREACH each IN ARRAY coalesce(statements, '{}') LOOP
        EXECUTE each;
    END LOOP;
END
$$;

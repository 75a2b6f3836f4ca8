-- Which certificates of the hub each bench trusts, as far as it has told.

ALTER TABLE bench ADD COLUMN trusts bytea;
COMMENT ON COLUMN bench.trusts IS 'SHA-256 of the certificates that it trusts, one behind the other (DER)';

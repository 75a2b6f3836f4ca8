-- Codes of returns from an older file: how far they are listed as this program lists them. Until then a return is
-- found by what the older program listed.
ALTER TABLE tally ADD COLUMN coded INTEGER NOT NULL DEFAULT 0;       -- the last return whose codes were listed again,
ALTER TABLE tally ADD COLUMN coded_upto INTEGER NOT NULL DEFAULT 0;  -- and the last of all
UPDATE tally SET coded_upto = (SELECT coalesce(max(number), 0) FROM return);

-- Whose return it is, and the hub's mark of what it told of it; both are '' where no hub tells anything. The mark
-- ends with the answer that it was for.
ALTER TABLE return ADD COLUMN shop TEXT NOT NULL DEFAULT '';
ALTER TABLE return ADD COLUMN told TEXT NOT NULL DEFAULT '';

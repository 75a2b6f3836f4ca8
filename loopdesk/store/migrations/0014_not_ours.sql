-- What waits for Loop or for a person may turn out to have come true by somebody else's doing.
INSERT INTO legal (a, b) VALUES ('parked', 'superseded'), ('settling', 'superseded');

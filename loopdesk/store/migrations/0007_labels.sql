-- Labels that were given to the label printer: what is printed by itself is printed once.
CREATE TABLE label_print (
  number    INTEGER PRIMARY KEY,
  subject   TEXT NOT NULL,     -- what the label is for; see services/ports/labels.py
  content   TEXT NOT NULL,     -- what was decided about it, as far as it is printed
  name      TEXT NOT NULL,     -- how a person knows it
  by_itself INTEGER NOT NULL,  -- nobody asked for it
  began_at  TEXT NOT NULL,
  stage     TEXT NOT NULL CHECK (stage IN ('begun', 'sent', 'failed', 'doubted'))
) STRICT;
CREATE UNIQUE INDEX label_print_once ON label_print (subject, content) WHERE by_itself;
CREATE INDEX label_print_by_subject ON label_print (subject);
CREATE INDEX label_print_by_stage ON label_print (stage);
CREATE INDEX label_print_by_age ON label_print (began_at);

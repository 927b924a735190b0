-- What an application took from whoever made it: fields of the form that were asked, those that were there already, those that somebody
-- filled in, and sheets of paper that nobody had to bring. Older rows say nothing and are not counted.
ALTER TABLE matter_case ADD COLUMN asked BIGINT NOT NULL DEFAULT 0;
ALTER TABLE matter_case ADD COLUMN known BIGINT NOT NULL DEFAULT 0;
ALTER TABLE matter_case ADD COLUMN typed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE matter_case ADD COLUMN sheets BIGINT NOT NULL DEFAULT 0;
-- Who was handed over to people for which reason, newest first.
CREATE INDEX matter_case_handed ON matter_case(handed_over, created_us) WHERE handed_over <> '';
-- What is granted once for the same child, person or household: who has it. The key is a hash of what the form says.
CREATE TABLE matter_once(matter_id TEXT NOT NULL, once_key TEXT NOT NULL, case_id ID NOT NULL, at_us BIGINT NOT NULL, PRIMARY KEY(matter_id, once_key)) {table};

-- What follows a decision as work of a unit: who has taken a check and what a supervisor made of a difference; promised materials that
-- the applicant hands in; files that go to the archive unit.
ALTER TABLE matter_check ADD COLUMN taken_id ID;
ALTER TABLE matter_check ADD COLUMN taken_name TEXT NOT NULL DEFAULT '';
ALTER TABLE matter_check ADD COLUMN verdict TEXT NOT NULL DEFAULT '';
ALTER TABLE matter_check ADD COLUMN verdict_name TEXT NOT NULL DEFAULT '';
ALTER TABLE matter_check ADD COLUMN verdict_note TEXT NOT NULL DEFAULT '';
ALTER TABLE matter_check ADD COLUMN verdict_us BIGINT;
CREATE INDEX matter_check_done ON matter_check(department, done_us) WHERE done_us IS NOT NULL;
CREATE INDEX matter_case_decided ON matter_case(department, decided_us) WHERE decided_us IS NOT NULL;

-- Whether an officer is still in office is asked with each act.
CREATE INDEX account_person ON account(person);

-- A material that follows by promise (容缺): state 0 awaited, 1 sent, 2 accepted, 3 to be sent again, 4 not kept. next_us is when the
-- person is told next: before it is due, and when it is late.
CREATE TABLE promised_material(case_id ID NOT NULL, material TEXT NOT NULL, department TEXT NOT NULL, subject_id ID NOT NULL, matter_id TEXT NOT NULL, name TEXT NOT NULL, created_us BIGINT NOT NULL, due_us BIGINT NOT NULL, bar_until_us BIGINT NOT NULL, next_us BIGINT, state BIGINT NOT NULL, rounds BIGINT NOT NULL, files TEXT NOT NULL, sent_us BIGINT, decided_us BIGINT, decided_name TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY(case_id, material)) {table};
CREATE INDEX promised_material_next ON promised_material(next_us) WHERE next_us IS NOT NULL;
CREATE INDEX promised_material_of ON promised_material(subject_id, due_us);
INSERT INTO promised_material(case_id, material, department, subject_id, matter_id, name, created_us, due_us, bar_until_us, next_us, state, rounds, files, sent_us, decided_us, decided_name, reason) SELECT case_id, SUBSTR(kind, 7), department, subject_id, matter_id, name, created_us, due_us, 0, CASE WHEN done_us IS NULL THEN due_us ELSE NULL END, CASE WHEN done_us IS NULL THEN 0 WHEN result = 'agrees' THEN 2 ELSE 4 END, 0, '', NULL, done_us, by_name, note FROM matter_check WHERE kind LIKE 'later:%';

-- Files of a unit that go to the archive unit: the list with its hashes, accepted or returned by a keeper. state 0 offered, 1 accepted,
-- 2 returned.
CREATE TABLE archive_transfer(transfer_id ID NOT NULL PRIMARY KEY, department TEXT NOT NULL, keeper TEXT NOT NULL, state BIGINT NOT NULL, list TEXT NOT NULL, created_us BIGINT NOT NULL, by_id ID NOT NULL, by_name TEXT NOT NULL, decided_us BIGINT, decided_name TEXT NOT NULL, note TEXT NOT NULL) {table};
CREATE INDEX archive_transfer_of ON archive_transfer(department, created_us);
CREATE INDEX archive_transfer_keeper ON archive_transfer(keeper, created_us);
ALTER TABLE case_archive ADD COLUMN transfer_id ID;
CREATE INDEX case_archive_of ON case_archive(department, state, checked_us);

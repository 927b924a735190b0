-- Who holds a request, since when it stands where it stands, and what is said to have come of it.
ALTER TABLE request ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE request ADD COLUMN stage_us BIGINT NOT NULL DEFAULT 0;
ALTER TABLE request ADD COLUMN outcome TEXT NOT NULL DEFAULT '';
UPDATE request SET stage_us = received_us;
CREATE INDEX request_owner ON request(owner, stage);
CREATE INDEX request_open ON request(stage, due_us);
CREATE INDEX request_master ON request(master);

-- What is supervised by rule until a person closes it: one row for each time that a rule held.
CREATE TABLE request_supervision(case_id ID NOT NULL, rule TEXT NOT NULL, since_us BIGINT NOT NULL, unit TEXT NOT NULL, desk TEXT NOT NULL, opened_us BIGINT NOT NULL, why TEXT NOT NULL, closed_us BIGINT NOT NULL, closed_by TEXT NOT NULL, closed_name TEXT NOT NULL, how TEXT NOT NULL, finding TEXT NOT NULL, PRIMARY KEY(case_id, rule, since_us)) {table};
CREATE INDEX request_supervision_open ON request_supervision(closed_us, opened_us);

-- What cannot be solved now, to be looked at again by another unit.
CREATE TABLE request_revisit(case_id ID NOT NULL, due_us BIGINT NOT NULL, lead TEXT NOT NULL, unit TEXT NOT NULL, opened_us BIGINT NOT NULL, done_us BIGINT NOT NULL, done_by TEXT NOT NULL, done_name TEXT NOT NULL, outcome TEXT NOT NULL, finding TEXT NOT NULL, PRIMARY KEY(case_id, due_us)) {table};
CREATE INDEX request_revisit_due ON request_revisit(done_us, due_us);

-- Open work that passed from one person to another in one act; an absence is one that waits for its day.
CREATE TABLE staff_transfer(transfer_id ID NOT NULL, unit TEXT NOT NULL, from_staff TEXT NOT NULL, from_name TEXT NOT NULL, to_staff TEXT NOT NULL, to_name TEXT NOT NULL, reason TEXT NOT NULL, by_staff TEXT NOT NULL, by_name TEXT NOT NULL, asked_us BIGINT NOT NULL, begins_us BIGINT NOT NULL, ends_us BIGINT NOT NULL, done_us BIGINT NOT NULL, requests BIGINT NOT NULL, tasks BIGINT NOT NULL, PRIMARY KEY(transfer_id)) {table};
CREATE INDEX staff_transfer_begins ON staff_transfer(done_us, begins_us);
CREATE INDEX staff_transfer_unit ON staff_transfer(unit, asked_us);

-- From a case to its class (由个到类): what is done about the cause, with the requests that it came from.
CREATE TABLE request_project(project_id ID NOT NULL, title TEXT NOT NULL, category TEXT NOT NULL, region TEXT NOT NULL, unit TEXT NOT NULL, goal TEXT NOT NULL, measures TEXT NOT NULL, fall_percent INTEGER NOT NULL, opened_us BIGINT NOT NULL, opened_name TEXT NOT NULL, due_us BIGINT NOT NULL, closed_us BIGINT NOT NULL, closed_name TEXT NOT NULL, finding TEXT NOT NULL, PRIMARY KEY(project_id)) {table};
CREATE TABLE request_project_member(project_id ID NOT NULL, case_id ID NOT NULL, PRIMARY KEY(project_id, case_id)) {table};

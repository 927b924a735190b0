-- What leaves after the commit, what runs long, what is not sent yet, and what was erased by law.
ALTER TABLE outbox ADD COLUMN created_us BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN why TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN owner ID;
ALTER TABLE job ADD COLUMN why TEXT NOT NULL DEFAULT '';
CREATE INDEX job_open ON job(created_us) WHERE status < 2;

-- In-app messages of a resident or enterprise.
CREATE TABLE message(subject_id ID NOT NULL, message_id ID NOT NULL, at_us BIGINT NOT NULL, case_id ID, body TEXT NOT NULL, read_us BIGINT, PRIMARY KEY(subject_id, message_id)) {table};

-- A form that somebody has begun; one for each person, on whose behalf, and case type.
CREATE TABLE draft(owner ID NOT NULL, acts_for ID NOT NULL, case_type TEXT NOT NULL, revision BIGINT NOT NULL, definition TEXT NOT NULL, body TEXT NOT NULL, updated_us BIGINT NOT NULL, expires_us BIGINT NOT NULL, PRIMARY KEY(owner, acts_for, case_type)) {table};
CREATE INDEX draft_expiry ON draft(expires_us);

-- Which event records the erasure of which event.
CREATE TABLE erasure(aggregate ID NOT NULL, revision BIGINT NOT NULL, erasure_id ID NOT NULL, at_us BIGINT NOT NULL, PRIMARY KEY(aggregate, revision)) {table};

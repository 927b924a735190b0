-- The process of a case stands beside its head, so that lists do not read it. A task's number is its id in the process;
-- status 0 open, 1 closed, 2 waits for another task.
ALTER TABLE casefile ADD COLUMN process TEXT;
ALTER TABLE casefile ADD COLUMN incidents INTEGER NOT NULL DEFAULT 0;
CREATE INDEX case_incident ON casefile(updated_us) WHERE incidents > 0;
CREATE INDEX task_mine ON task(assignee, created_us) WHERE status = 0 AND assignee IS NOT NULL;
-- Messages for a case, kept until it waits for them or they are too old. status 0 kept, 1 taken, 2 expired.
CREATE TABLE case_message(case_id ID NOT NULL, message_id TEXT NOT NULL, name TEXT NOT NULL, detail TEXT NOT NULL, body TEXT NOT NULL, status INTEGER NOT NULL, sent_us BIGINT NOT NULL, expires_us BIGINT NOT NULL, PRIMARY KEY(case_id, message_id)) {table};
CREATE INDEX case_message_kept ON case_message(expires_us) WHERE status = 0;
-- Which cases a signal reaches.
CREATE TABLE signal_wait(case_id ID NOT NULL, name TEXT NOT NULL, PRIMARY KEY(case_id, name)) {table};
CREATE INDEX signal_name ON signal_wait(name, case_id);

-- Several matters told in one request: each part is a request of its own from the same moment on. The row whose part is the request
-- itself says which matter stays with it.
CREATE TABLE request_part(case_id ID NOT NULL, part_id ID NOT NULL, at_us BIGINT NOT NULL, by_name TEXT NOT NULL, stays TEXT NOT NULL, PRIMARY KEY(case_id, part_id)) {table};
CREATE INDEX request_part_id ON request_part(part_id);
-- Units that were asked to help the one that leads: their answer goes to it, not to the person.
CREATE TABLE request_help(case_id ID NOT NULL, unit TEXT NOT NULL, asked_us BIGINT NOT NULL, due_us BIGINT NOT NULL, asked_by TEXT NOT NULL, question TEXT NOT NULL, answered_us BIGINT NOT NULL, answered_by TEXT NOT NULL, opinion TEXT NOT NULL, PRIMARY KEY(case_id, unit)) {table};
CREATE INDEX request_help_open ON request_help(unit, due_us) WHERE answered_us = 0;

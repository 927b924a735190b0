-- only sqlite:
-- A table without rowid spills every row of more than about 1,000 bytes into a page of its own. Cases and events are longer: as plain
-- tables they stay whole, events are appended one behind the other, and the key's index is small enough to share pages.
ALTER TABLE event RENAME TO event_before;
CREATE TABLE event(aggregate ID NOT NULL, revision BIGINT NOT NULL, type TEXT NOT NULL, at_us BIGINT NOT NULL, leaf BIGINT NOT NULL, payload_hash BYTES NOT NULL, salt BYTES, body TEXT, PRIMARY KEY(aggregate, revision));
INSERT INTO event(aggregate, revision, type, at_us, leaf, payload_hash, salt, body) SELECT aggregate, revision, type, at_us, leaf, payload_hash, salt, body FROM event_before ORDER BY leaf;
DROP TABLE event_before;
DROP INDEX case_incident;
ALTER TABLE casefile RENAME TO casefile_before;
CREATE TABLE casefile(case_id ID NOT NULL PRIMARY KEY, revision BIGINT NOT NULL, case_type TEXT NOT NULL, department TEXT NOT NULL, region_path TEXT NOT NULL, owner ID NOT NULL, status INTEGER NOT NULL, query_code TEXT NOT NULL, created_us BIGINT NOT NULL, updated_us BIGINT NOT NULL, due_us BIGINT, state TEXT NOT NULL, process TEXT, incidents INTEGER NOT NULL DEFAULT 0);
INSERT INTO casefile(case_id, revision, case_type, department, region_path, owner, status, query_code, created_us, updated_us, due_us, state, process, incidents)
  SELECT case_id, revision, case_type, department, region_path, owner, status, query_code, created_us, updated_us, due_us, state, process, incidents FROM casefile_before ORDER BY case_id;
DROP TABLE casefile_before;
CREATE INDEX case_incident ON casefile(updated_us) WHERE incidents > 0;
-- both:

-- ID and BYTES become BLOB or BYTEA; {table} becomes WITHOUT ROWID on SQLite. Keys begin with the aggregate's id.
CREATE TABLE setting(name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE idempotency(actor ID NOT NULL, key TEXT NOT NULL, request_hash BYTES NOT NULL, status INTEGER NOT NULL, reply TEXT NOT NULL, at_us BIGINT NOT NULL, PRIMARY KEY(actor, key)) {table};
CREATE TABLE claim(kind TEXT NOT NULL, value TEXT NOT NULL, owner ID NOT NULL, PRIMARY KEY(kind, value)) {table};
CREATE TABLE serial_block(kind TEXT PRIMARY KEY, next BIGINT NOT NULL);

CREATE TABLE pack_release(hash TEXT PRIMARY KEY, pack_id TEXT NOT NULL, version TEXT NOT NULL, files TEXT NOT NULL, at_us BIGINT NOT NULL);

-- Events are append-only; body and salt become null when the law orders erasure, the hash stays.
CREATE TABLE event(aggregate ID NOT NULL, revision BIGINT NOT NULL, type TEXT NOT NULL, at_us BIGINT NOT NULL, leaf BIGINT NOT NULL, payload_hash BYTES NOT NULL, salt BYTES, body TEXT, PRIMARY KEY(aggregate, revision)) {table};
-- 256 hashes a row: level 0 holds leaves, level n the roots of full rows of level n-1.
CREATE TABLE evidence_tile(level INTEGER NOT NULL, tile BIGINT NOT NULL, hashes BYTES NOT NULL, PRIMARY KEY(level, tile)) {table};
CREATE TABLE evidence_root(size BIGINT PRIMARY KEY, root BYTES NOT NULL, at_us BIGINT NOT NULL, key_id TEXT NOT NULL, signature BYTES NOT NULL);

CREATE TABLE casefile(case_id ID NOT NULL PRIMARY KEY, revision BIGINT NOT NULL, case_type TEXT NOT NULL, department TEXT NOT NULL, region_path TEXT NOT NULL, owner ID NOT NULL, status INTEGER NOT NULL, query_code TEXT NOT NULL, created_us BIGINT NOT NULL, updated_us BIGINT NOT NULL, due_us BIGINT, state TEXT NOT NULL) {table};
CREATE TABLE case_visibility(principal ID NOT NULL, sort_key BIGINT NOT NULL, case_id ID NOT NULL, PRIMARY KEY(principal, sort_key, case_id)) {table};
CREATE TABLE task(case_id ID NOT NULL, task_no INTEGER NOT NULL, step TEXT NOT NULL, performer TEXT NOT NULL, department TEXT NOT NULL, region_path TEXT NOT NULL, assignee ID, status INTEGER NOT NULL, created_us BIGINT NOT NULL, due_us BIGINT, PRIMARY KEY(case_id, task_no)) {table};
CREATE INDEX task_open ON task(department, created_us) WHERE status = 0;
CREATE TABLE timer(case_id ID NOT NULL, timer_no INTEGER NOT NULL, due_us BIGINT NOT NULL, body TEXT NOT NULL, PRIMARY KEY(case_id, timer_no)) {table};
CREATE INDEX timer_due ON timer(due_us);
CREATE TABLE outbox(case_id ID NOT NULL, outbox_id ID NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL, status INTEGER NOT NULL, tries INTEGER NOT NULL, due_us BIGINT NOT NULL, PRIMARY KEY(case_id, outbox_id)) {table};
CREATE INDEX outbox_due ON outbox(due_us) WHERE status = 0;
CREATE TABLE job(job_id ID NOT NULL PRIMARY KEY, kind TEXT NOT NULL, status INTEGER NOT NULL, done BIGINT NOT NULL, total BIGINT NOT NULL, fence BIGINT NOT NULL, leased_until_us BIGINT NOT NULL, created_us BIGINT NOT NULL, body TEXT NOT NULL, result TEXT) {table};

CREATE TABLE file(hash BYTES NOT NULL PRIMARY KEY, size BIGINT NOT NULL, media_type TEXT NOT NULL, created_us BIGINT NOT NULL) {table};
CREATE TABLE file_owner(owner ID NOT NULL, hash BYTES NOT NULL, name TEXT NOT NULL, at_us BIGINT NOT NULL, PRIMARY KEY(owner, hash)) {table};

CREATE TABLE subject(subject_id ID NOT NULL PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL, id_number TEXT NOT NULL, phone TEXT NOT NULL, address TEXT NOT NULL, region_path TEXT NOT NULL) {table};
CREATE TABLE delegation(enterprise ID NOT NULL, agent ID NOT NULL, scope TEXT NOT NULL, from_us BIGINT NOT NULL, to_us BIGINT NOT NULL, PRIMARY KEY(enterprise, agent)) {table};
CREATE TABLE staff(staff_id ID NOT NULL PRIMARY KEY, role INTEGER NOT NULL, name TEXT NOT NULL, department TEXT NOT NULL, region_path TEXT NOT NULL) {table};
-- A login belongs to one person; kind 1 = subject, 2 = staff.
CREATE TABLE account(login TEXT PRIMARY KEY, kind INTEGER NOT NULL, person ID NOT NULL, password TEXT NOT NULL, totp_secret BYTES, demo INTEGER NOT NULL, failures INTEGER NOT NULL, locked_until_us BIGINT NOT NULL, totp_last BIGINT NOT NULL);
CREATE TABLE session(token_hash BYTES NOT NULL PRIMARY KEY, login TEXT NOT NULL, acts_for ID NOT NULL, created_us BIGINT NOT NULL, seen_us BIGINT NOT NULL, expires_us BIGINT NOT NULL) {table};
CREATE TABLE access_log(subject_id ID NOT NULL, at_us BIGINT NOT NULL, access_id ID NOT NULL, actor ID NOT NULL, actor_name TEXT NOT NULL, department TEXT NOT NULL, purpose TEXT NOT NULL, case_id ID, PRIMARY KEY(subject_id, at_us, access_id)) {table};

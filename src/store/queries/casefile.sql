-- name: idempotency_get
SELECT request_hash, status, reply FROM idempotency WHERE actor = ?1 AND key = ?2;
-- set:
SELECT k.n, i.request_hash, i.status, i.reply FROM unnest(?1::bytea[], ?2::text[]) WITH ORDINALITY AS k(actor, key, n) JOIN idempotency i ON i.actor = k.actor AND i.key = k.key;
-- name: idempotency_insert
INSERT INTO idempotency(actor, key, request_hash, status, reply, at_us) VALUES(?1, ?2, ?3, ?4, ?5, ?6);
-- set:
INSERT INTO idempotency(actor, key, request_hash, status, reply, at_us) SELECT * FROM unnest(?1::bytea[], ?2::text[], ?3::bytea[], ?4::integer[], ?5::text[], ?6::bigint[]);
-- name: idempotency_sweep
DELETE FROM idempotency WHERE at_us < ?1;
-- name: claim_insert
INSERT INTO claim(kind, value, owner) VALUES(?1, ?2, ?3) ON CONFLICT(kind, value) DO NOTHING;
-- set:
INSERT INTO claim(kind, value, owner) SELECT * FROM unnest(?1::text[], ?2::text[], ?3::bytea[]) ON CONFLICT(kind, value) DO NOTHING;
-- name: serial_take
INSERT INTO serial_block(kind, next) VALUES(?1, ?2) ON CONFLICT(kind) DO UPDATE SET next = serial_block.next + ?2 RETURNING next;
-- name: case_state
SELECT state FROM casefile WHERE case_id = ?1;
-- set:
SELECT k.n, c.state FROM unnest(?1::bytea[]) WITH ORDINALITY AS k(case_id, n) JOIN casefile c ON c.case_id = k.case_id;
-- name: case_insert
INSERT INTO casefile(case_id, revision, case_type, department, region_path, owner, status, query_code, created_us, updated_us, due_us, state) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12);
-- set:
INSERT INTO casefile(case_id, revision, case_type, department, region_path, owner, status, query_code, created_us, updated_us, due_us, state) SELECT * FROM unnest(?1::bytea[], ?2::bigint[], ?3::text[], ?4::text[], ?5::text[], ?6::bytea[], ?7::integer[], ?8::text[], ?9::bigint[], ?10::bigint[], ?11::bigint[], ?12::text[]);
-- name: case_update
UPDATE casefile SET revision = ?2, department = ?3, status = ?4, updated_us = ?5, due_us = ?6, state = ?7 WHERE case_id = ?1 AND revision = ?8;
-- set:
UPDATE casefile c SET revision = k.revision, department = k.department, status = k.status, updated_us = k.updated_us, due_us = k.due_us, state = k.state FROM unnest(?1::bytea[], ?2::bigint[], ?3::text[], ?4::integer[], ?5::bigint[], ?6::bigint[], ?7::text[], ?8::bigint[]) AS k(case_id, revision, department, status, updated_us, due_us, state, was) WHERE c.case_id = k.case_id AND c.revision = k.was;
-- name: visibility_insert
INSERT INTO case_visibility(principal, sort_key, case_id) VALUES(?1, ?2, ?3);
-- set:
INSERT INTO case_visibility(principal, sort_key, case_id) SELECT * FROM unnest(?1::bytea[], ?2::bigint[], ?3::bytea[]);
-- name: event_insert
INSERT INTO event(aggregate, revision, type, at_us, leaf, payload_hash, salt, body) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);
-- set:
INSERT INTO event(aggregate, revision, type, at_us, leaf, payload_hash, salt, body) SELECT * FROM unnest(?1::bytea[], ?2::bigint[], ?3::text[], ?4::bigint[], ?5::bigint[], ?6::bytea[], ?7::bytea[], ?8::text[]);
-- name: event_list
SELECT revision, at_us, leaf, payload_hash, salt, body FROM event WHERE aggregate = ?1 ORDER BY revision;
-- name: event_erase
UPDATE event SET body = NULL, salt = NULL WHERE aggregate = ?1 AND revision = ?2;
-- name: event_next_leaf
SELECT tile * 256 + length(hashes) / 32 FROM evidence_tile WHERE level = 0 ORDER BY tile DESC LIMIT 1;
-- name: event_by_leaf
SELECT aggregate, revision, at_us, leaf, payload_hash, salt, body FROM event ORDER BY leaf;
-- name: task_close
UPDATE task SET status = 1 WHERE case_id = ?1 AND status = 0;
-- set:
UPDATE task SET status = 1 WHERE case_id = ANY(?1::bytea[]) AND status = 0;
-- name: task_assign
UPDATE task SET assignee = ?2, department = ?3 WHERE case_id = ?1 AND status = 0;
-- set:
UPDATE task t SET assignee = k.assignee, department = k.department FROM unnest(?1::bytea[], ?2::bytea[], ?3::text[]) AS k(case_id, assignee, department) WHERE t.case_id = k.case_id AND t.status = 0;
-- name: task_insert
INSERT INTO task(case_id, task_no, step, performer, department, region_path, assignee, status, created_us, due_us) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9);
-- set:
INSERT INTO task(case_id, task_no, step, performer, department, region_path, assignee, status, created_us, due_us) SELECT case_id, task_no, step, performer, department, region_path, assignee, 0, created_us, due_us FROM unnest(?1::bytea[], ?2::integer[], ?3::text[], ?4::text[], ?5::text[], ?6::text[], ?7::bytea[], ?8::bigint[], ?9::bigint[]) AS k(case_id, task_no, step, performer, department, region_path, assignee, created_us, due_us);
-- name: case_list_own
SELECT c.case_id, c.state, c.updated_us, c.due_us, v.sort_key FROM case_visibility v JOIN casefile c ON c.case_id = v.case_id WHERE v.principal = ?1 AND (v.sort_key < ?2 OR (v.sort_key = ?2 AND v.case_id < ?3)) ORDER BY v.sort_key DESC, v.case_id DESC LIMIT ?4;
-- name: inbox
SELECT t.case_id, c.state, c.updated_us, c.due_us, t.created_us FROM task t JOIN casefile c ON c.case_id = t.case_id WHERE t.department = ?1 AND t.status = 0 AND t.performer = 'clerk' AND (t.created_us > ?2 OR (t.created_us = ?2 AND t.case_id > ?3)) ORDER BY t.created_us, t.case_id LIMIT ?4;
-- name: inbox_count
SELECT COUNT(*), COALESCE(SUM(CASE WHEN due_us IS NOT NULL AND due_us < ?2 THEN 1 ELSE 0 END), 0) FROM task WHERE department = ?1 AND status = 0 AND performer = 'clerk';
-- name: department_cases
SELECT case_id, state, updated_us, due_us, created_us FROM casefile WHERE department = ?1 AND (created_us < ?2 OR (created_us = ?2 AND case_id < ?3)) ORDER BY created_us DESC, case_id DESC LIMIT ?4;
-- name: case_count_by_department
SELECT department, status, COUNT(*) FROM casefile GROUP BY department, status ORDER BY department, status;
-- name: case_all_ids
SELECT case_id, revision, state FROM casefile ORDER BY case_id;
-- name: timer_put
INSERT INTO timer(case_id, timer_no, due_us, body) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(case_id, timer_no) DO UPDATE SET due_us = excluded.due_us, body = excluded.body;
-- name: timer_due
SELECT case_id, timer_no, due_us, body FROM timer WHERE due_us <= ?1 ORDER BY due_us LIMIT ?2;
-- name: timer_delete
DELETE FROM timer WHERE case_id = ?1 AND timer_no = ?2;
-- name: case_row
SELECT state, updated_us, due_us FROM casefile WHERE case_id = ?1;

-- name: idempotency_get
SELECT request_hash, status, reply FROM idempotency WHERE actor = ?1 AND key = ?2;
-- set:
SELECT k.n, i.request_hash, i.status, i.reply FROM unnest(?1::bytea[], ?2::text[]) WITH ORDINALITY AS k(actor, key, n) JOIN idempotency i ON i.actor = k.actor AND i.key = k.key;
-- name: idempotency_keys
SELECT actor, key FROM idempotency;
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
SELECT state, process FROM casefile WHERE case_id = ?1;
-- set:
SELECT k.n, c.state, c.process FROM unnest(?1::bytea[]) WITH ORDINALITY AS k(case_id, n) JOIN casefile c ON c.case_id = k.case_id;
-- name: case_insert
INSERT INTO casefile(case_id, revision, case_type, department, region_path, owner, status, query_code, created_us, updated_us, due_us, state, process, incidents) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14);
-- set:
INSERT INTO casefile(case_id, revision, case_type, department, region_path, owner, status, query_code, created_us, updated_us, due_us, state, process, incidents) SELECT * FROM unnest(?1::bytea[], ?2::bigint[], ?3::text[], ?4::text[], ?5::text[], ?6::bytea[], ?7::integer[], ?8::text[], ?9::bigint[], ?10::bigint[], ?11::bigint[], ?12::text[], ?13::text[], ?14::integer[]);
-- name: case_update
UPDATE casefile SET revision = ?2, department = ?3, status = ?4, updated_us = ?5, due_us = ?6, state = ?7, process = ?9, incidents = ?10 WHERE case_id = ?1 AND revision = ?8;
-- set:
UPDATE casefile c SET revision = k.revision, department = k.department, status = k.status, updated_us = k.updated_us, due_us = k.due_us, state = k.state, process = k.process, incidents = k.incidents FROM unnest(?1::bytea[], ?2::bigint[], ?3::text[], ?4::integer[], ?5::bigint[], ?6::bigint[], ?7::text[], ?8::bigint[], ?9::text[], ?10::integer[]) AS k(case_id, revision, department, status, updated_us, due_us, state, was, process, incidents) WHERE c.case_id = k.case_id AND c.revision = k.was;
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
-- name: task_insert
INSERT INTO task(case_id, task_no, step, performer, department, region_path, assignee, status, created_us, due_us) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10);
-- set:
INSERT INTO task(case_id, task_no, step, performer, department, region_path, assignee, status, created_us, due_us) SELECT * FROM unnest(?1::bytea[], ?2::integer[], ?3::text[], ?4::text[], ?5::text[], ?6::text[], ?7::bytea[], ?8::integer[], ?9::bigint[], ?10::bigint[]);
-- name: task_update
UPDATE task SET assignee = ?3, department = ?4, status = ?5, due_us = ?6 WHERE case_id = ?1 AND task_no = ?2;
-- set:
UPDATE task t SET assignee = k.assignee, department = k.department, status = k.status, due_us = k.due_us FROM unnest(?1::bytea[], ?2::integer[], ?3::bytea[], ?4::text[], ?5::integer[], ?6::bigint[]) AS k(case_id, task_no, assignee, department, status, due_us) WHERE t.case_id = k.case_id AND t.task_no = k.task_no;
-- name: task_close
UPDATE task SET status = 1 WHERE case_id = ?1 AND task_no = ?2;
-- set:
UPDATE task t SET status = 1 FROM unnest(?1::bytea[], ?2::integer[]) AS k(case_id, task_no) WHERE t.case_id = k.case_id AND t.task_no = k.task_no;
-- name: task_list
SELECT task_no, step, performer, department, assignee, status, created_us FROM task WHERE case_id = ?1 ORDER BY task_no;
-- name: case_list_own
SELECT c.case_id, c.state, c.updated_us, c.due_us, v.sort_key FROM case_visibility v JOIN casefile c ON c.case_id = v.case_id WHERE v.principal = ?1 AND (v.sort_key < ?2 OR (v.sort_key = ?2 AND v.case_id < ?3)) ORDER BY v.sort_key DESC, v.case_id DESC LIMIT ?4;
-- name: inbox
SELECT t.case_id, c.state, c.updated_us, c.due_us, t.created_us FROM task t JOIN casefile c ON c.case_id = t.case_id WHERE t.department = ?1 AND t.status = 0 AND (t.performer = ?5 OR t.performer = ?6) AND (t.created_us > ?2 OR (t.created_us = ?2 AND t.case_id > ?3)) ORDER BY t.created_us, t.case_id LIMIT ?4;
-- name: inbox_mine
SELECT t.case_id, c.state, c.updated_us, c.due_us, t.created_us FROM task t JOIN casefile c ON c.case_id = t.case_id WHERE t.assignee = ?1 AND t.status = 0 AND (t.created_us > ?2 OR (t.created_us = ?2 AND t.case_id > ?3)) ORDER BY t.created_us, t.case_id LIMIT ?4;
-- name: incident_list
SELECT case_id, state, updated_us, due_us, updated_us FROM casefile WHERE incidents > 0 AND (updated_us > ?1 OR (updated_us = ?1 AND case_id > ?2)) ORDER BY updated_us, case_id LIMIT ?3;
-- name: inbox_count
SELECT COUNT(*), COALESCE(SUM(CASE WHEN due_us IS NOT NULL AND due_us < ?2 THEN 1 ELSE 0 END), 0) FROM task WHERE department = ?1 AND status = 0 AND performer = 'clerk';
-- name: department_cases
SELECT case_id, state, updated_us, due_us, created_us FROM casefile WHERE department = ?1 AND (created_us < ?2 OR (created_us = ?2 AND case_id < ?3)) ORDER BY created_us DESC, case_id DESC LIMIT ?4;
-- name: case_count_by_department
SELECT department, status, COUNT(*) FROM casefile GROUP BY department, status ORDER BY department, status;
-- name: case_all_ids
SELECT case_id, revision, state, process FROM casefile ORDER BY case_id;
-- name: case_open_after
SELECT case_id, due_us FROM casefile WHERE case_id > ?1 AND status < 2 ORDER BY case_id LIMIT ?2;
-- name: case_due_set
UPDATE casefile SET due_us = ?2 WHERE case_id = ?1;
-- name: task_due_set
UPDATE task SET due_us = ?2 WHERE case_id = ?1 AND status <> 1;
-- name: timer_put
INSERT INTO timer(case_id, timer_no, due_us, body) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(case_id, timer_no) DO UPDATE SET due_us = excluded.due_us, body = excluded.body;
-- set:
INSERT INTO timer(case_id, timer_no, due_us, body) SELECT * FROM unnest(?1::bytea[], ?2::integer[], ?3::bigint[], ?4::text[]) ON CONFLICT(case_id, timer_no) DO UPDATE SET due_us = excluded.due_us, body = excluded.body;
-- name: timer_due
SELECT case_id, timer_no, due_us, body FROM timer WHERE due_us <= ?1 ORDER BY due_us LIMIT ?2;
-- name: timer_next
SELECT MIN(due_us) FROM timer;
-- name: timer_list
SELECT timer_no, due_us FROM timer WHERE case_id = ?1 ORDER BY timer_no;
-- name: timer_count
SELECT COUNT(*) FROM timer WHERE due_us <= ?1;
-- name: timer_delete
DELETE FROM timer WHERE case_id = ?1 AND timer_no = ?2;
-- set:
DELETE FROM timer t USING unnest(?1::bytea[], ?2::integer[]) AS k(case_id, timer_no) WHERE t.case_id = k.case_id AND t.timer_no = k.timer_no;
-- name: case_row
SELECT state, updated_us, due_us, process FROM casefile WHERE case_id = ?1;
-- name: case_message_insert
INSERT INTO case_message(case_id, message_id, name, detail, body, status, sent_us, expires_us) VALUES(?1, ?2, ?3, ?4, ?5, 0, ?6, ?7) ON CONFLICT(case_id, message_id) DO NOTHING;
-- name: case_message_kept
SELECT message_id, name, detail, body FROM case_message WHERE case_id = ?1 AND status = 0 AND expires_us > ?2 ORDER BY sent_us, message_id;
-- name: case_message_taken
UPDATE case_message SET status = 1 WHERE case_id = ?1 AND message_id = ?2;
-- name: case_message_expire
UPDATE case_message SET status = 2 WHERE status = 0 AND expires_us <= ?1;
-- name: case_message_list
SELECT message_id, name, status, sent_us, expires_us FROM case_message WHERE case_id = ?1 ORDER BY sent_us, message_id;
-- name: signal_put
-- later
INSERT INTO signal_wait(case_id, name) VALUES(?1, ?2) ON CONFLICT(case_id, name) DO NOTHING;
-- name: signal_drop
-- later
DELETE FROM signal_wait WHERE case_id = ?1 AND name = ?2;
-- name: signal_cases
SELECT case_id FROM signal_wait WHERE name = ?1 AND case_id > ?2 ORDER BY case_id LIMIT ?3;
-- name: case_by_code
SELECT owner FROM claim WHERE kind = 'query_code' AND value = ?1;

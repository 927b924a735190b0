-- name: outbox_insert
INSERT INTO outbox(case_id, outbox_id, kind, body, status, tries, due_us, created_us) VALUES(?1, ?2, ?3, ?4, 0, 0, ?5, ?5);
-- set:
INSERT INTO outbox(case_id, outbox_id, kind, body, status, tries, due_us, created_us) SELECT case_id, outbox_id, kind, body, 0, 0, due_us, due_us FROM unnest(?1::bytea[], ?2::bytea[], ?3::text[], ?4::text[], ?5::bigint[]) AS k(case_id, outbox_id, kind, body, due_us);
-- name: outbox_due
SELECT case_id, outbox_id, kind, body, tries FROM outbox WHERE status = 0 AND due_us <= ?1 ORDER BY due_us LIMIT ?2;
-- name: outbox_claim
UPDATE outbox SET tries = tries + 1, due_us = ?3 WHERE case_id = ?1 AND outbox_id = ?2 AND status = 0 AND due_us <= ?4;
-- name: outbox_finish
-- later
UPDATE outbox SET status = ?3, due_us = ?4, why = ?5 WHERE case_id = ?1 AND outbox_id = ?2 AND status = 0;
-- name: outbox_retry
UPDATE outbox SET status = 0, tries = 0, due_us = ?3 WHERE case_id = ?1 AND outbox_id = ?2 AND status = 2;
-- name: outbox_list
SELECT case_id, outbox_id, kind, status, tries, due_us, created_us, why FROM outbox WHERE status = ?1 ORDER BY created_us DESC LIMIT ?2;
-- name: outbox_counts
SELECT status, COUNT(*), COALESCE(MIN(created_us), 0) FROM outbox GROUP BY status ORDER BY status;
-- name: outbox_sweep
DELETE FROM outbox WHERE status = 1 AND created_us < ?1;
-- name: message_insert
-- later
INSERT INTO message(subject_id, message_id, at_us, case_id, body, read_us) VALUES(?1, ?2, ?3, ?4, ?5, NULL) ON CONFLICT(subject_id, message_id) DO NOTHING;
-- name: message_list
SELECT message_id, at_us, case_id, body, read_us FROM message WHERE subject_id = ?1 ORDER BY message_id DESC LIMIT ?2;
-- name: message_read
UPDATE message SET read_us = ?2 WHERE subject_id = ?1 AND read_us IS NULL;
-- name: job_insert
INSERT INTO job(job_id, kind, status, done, total, fence, leased_until_us, created_us, body, result, owner) VALUES(?1, ?2, 0, 0, 0, 0, 0, ?3, ?4, NULL, ?5) ON CONFLICT(job_id) DO NOTHING;
-- name: job_due
SELECT job_id, kind, body, owner, done FROM job WHERE status < 2 AND leased_until_us < ?1 ORDER BY created_us LIMIT ?2;
-- name: job_lease
UPDATE job SET fence = fence + 1, leased_until_us = ?2, status = 1 WHERE job_id = ?1 AND status < 2 AND leased_until_us < ?3 RETURNING fence;
-- name: job_progress
UPDATE job SET done = ?3, total = ?4, leased_until_us = ?5 WHERE job_id = ?1 AND fence = ?2 AND status = 1;
-- name: job_finish
UPDATE job SET status = ?3, result = ?4, why = ?5 WHERE job_id = ?1 AND fence = ?2 AND status = 1;
-- name: job_release
UPDATE job SET leased_until_us = 0 WHERE status = 1;
-- name: job_cancel
UPDATE job SET status = 4 WHERE job_id = ?1 AND status < 2;
-- name: job_get
SELECT kind, status, done, total, created_us, result, why, owner, body FROM job WHERE job_id = ?1;
-- name: job_list
SELECT job_id, kind, status, done, total, created_us, result, why, owner, body FROM job ORDER BY created_us DESC LIMIT ?1;
-- name: job_list_own
SELECT job_id, kind, status, done, total, created_us, result, why, owner, body FROM job WHERE owner = ?1 ORDER BY created_us DESC LIMIT ?2;
-- name: draft_get
SELECT revision, definition, body, updated_us, expires_us, more FROM draft WHERE owner = ?1 AND acts_for = ?2 AND case_type = ?3 AND expires_us > ?4;
-- name: draft_put
INSERT INTO draft(owner, acts_for, case_type, revision, definition, body, updated_us, expires_us, more) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT(owner, acts_for, case_type) DO UPDATE SET revision = excluded.revision, definition = excluded.definition, body = excluded.body, more = excluded.more, updated_us = excluded.updated_us, expires_us = excluded.expires_us;
-- name: draft_delete
DELETE FROM draft WHERE owner = ?1 AND acts_for = ?2 AND case_type = ?3;
-- set:
DELETE FROM draft d USING unnest(?1::bytea[], ?2::bytea[], ?3::text[]) AS k(owner, acts_for, case_type) WHERE d.owner = k.owner AND d.acts_for = k.acts_for AND d.case_type = k.case_type;
-- name: draft_list
SELECT case_type, revision, updated_us, expires_us FROM draft WHERE owner = ?1 AND acts_for = ?2 AND expires_us > ?3 ORDER BY updated_us DESC;
-- name: draft_sweep
DELETE FROM draft WHERE expires_us <= ?1;
-- name: erasure_insert
INSERT INTO erasure(aggregate, revision, erasure_id, at_us) VALUES(?1, ?2, ?3, ?4);
-- name: erasure_list
SELECT revision, erasure_id, at_us FROM erasure WHERE aggregate = ?1 ORDER BY revision;
-- name: case_erase_title
UPDATE casefile SET state = ?2, process = ?4 WHERE case_id = ?1 AND revision = ?3;
-- name: account_list
SELECT login, kind, demo, failures, locked_until_us FROM account ORDER BY login LIMIT ?1;
-- name: account_password
UPDATE account SET password = ?2, failures = 0, locked_until_us = 0 WHERE login = ?1;
-- name: account_lock
UPDATE account SET locked_until_us = ?2, failures = 0 WHERE login = ?1;
-- name: session_delete_login
DELETE FROM session WHERE login = ?1;

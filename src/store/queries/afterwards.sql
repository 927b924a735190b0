-- name: check_take
UPDATE matter_check SET taken_id = ?3, taken_name = ?4 WHERE case_id = ?1 AND kind = ?2 AND done_us IS NULL AND (taken_id IS NULL OR taken_id = ?3);
-- name: check_differs
SELECT case_id, kind, subject_id, matter_id, name, created_us, due_us, taken_id, taken_name, done_us, by_id, by_name, result, note, verdict, verdict_name, verdict_note FROM matter_check WHERE department = ?1 AND result = 'differs' AND verdict = '' AND done_us IS NOT NULL ORDER BY done_us, case_id LIMIT ?2;
-- name: check_closed
SELECT case_id, kind, subject_id, matter_id, name, created_us, due_us, taken_id, taken_name, done_us, by_id, by_name, result, note, verdict, verdict_name, verdict_note FROM matter_check WHERE department = ?1 AND done_us IS NOT NULL ORDER BY done_us DESC, case_id LIMIT ?2;
-- name: check_verdict
UPDATE matter_check SET verdict = ?3, verdict_name = ?4, verdict_note = ?5, verdict_us = ?6 WHERE case_id = ?1 AND kind = ?2 AND result = 'differs' AND verdict = '';
-- name: promised_insert
-- later
INSERT INTO promised_material(case_id, material, department, subject_id, matter_id, name, created_us, due_us, bar_until_us, next_us, state, rounds, files, sent_us, decided_us, decided_name, reason) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, 0, '', NULL, NULL, '', '') ON CONFLICT(case_id, material) DO NOTHING;
-- name: promised_of_case
SELECT case_id, material, department, subject_id, matter_id, name, created_us, due_us, bar_until_us, next_us, state, rounds, files, sent_us, decided_us, decided_name, reason FROM promised_material WHERE case_id = ?1 ORDER BY due_us, material;
-- name: promised_of_subject
SELECT case_id, material, department, subject_id, matter_id, name, created_us, due_us, bar_until_us, next_us, state, rounds, files, sent_us, decided_us, decided_name, reason FROM promised_material WHERE subject_id = ?1 AND (state <> 2 OR due_us > ?2) ORDER BY due_us, case_id, material LIMIT 100;
-- name: promised_due
SELECT case_id, material, department, subject_id, matter_id, name, created_us, due_us, bar_until_us, next_us, state, rounds, files, sent_us, decided_us, decided_name, reason FROM promised_material WHERE next_us <= ?1 ORDER BY next_us LIMIT ?2;
-- name: promised_said
UPDATE promised_material SET next_us = ?3 WHERE case_id = ?1 AND material = ?2 AND next_us = ?4;
-- name: promised_send
UPDATE promised_material SET state = 1, files = ?3, sent_us = ?4, rounds = rounds + 1, reason = '' WHERE case_id = ?1 AND material = ?2 AND state IN (0, 3, 4);
-- name: promised_release
DELETE FROM promised_material WHERE case_id = ?1 AND state <> 2;
-- name: check_release
DELETE FROM matter_check WHERE case_id = ?1 AND kind LIKE 'later:%' AND done_us IS NULL;
-- name: promised_decide
UPDATE promised_material SET state = ?3, decided_us = ?4, decided_name = ?5, reason = ?6, next_us = CASE WHEN CAST(?3 AS BIGINT) = 2 THEN NULL ELSE next_us END WHERE case_id = ?1 AND material = ?2 AND state = ?7;
-- name: after_delivery
SELECT m.case_id, m.matter_id, m.outcome, m.decided_us, c.state, d.way, d.number, d.sent_us FROM matter_case m JOIN casefile c ON c.case_id = m.case_id LEFT JOIN case_delivery d ON d.case_id = m.case_id WHERE m.department = ?1 AND m.decided_us >= ?2 AND m.by_rules = 0 AND m.outcome <> 'withdrawn' AND d.delivered_us IS NULL ORDER BY m.decided_us, m.case_id LIMIT ?3;
-- name: after_archive
SELECT m.case_id, m.matter_id, m.outcome, m.decided_us, c.state, COALESCE(a.state, 'due'), COALESCE(a.faults, ''), COALESCE(a.retention, '') FROM matter_case m JOIN casefile c ON c.case_id = m.case_id LEFT JOIN case_archive a ON a.case_id = m.case_id WHERE m.department = ?1 AND m.decided_us IS NOT NULL AND (a.state IS NULL OR a.state = 'faults') ORDER BY m.decided_us, m.case_id LIMIT ?2;
-- name: after_archived
SELECT m.case_id, m.matter_id, m.outcome, m.decided_us, c.state, a.state, a.faults, a.retention FROM case_archive a JOIN matter_case m ON m.case_id = a.case_id JOIN casefile c ON c.case_id = a.case_id WHERE a.department = ?1 AND a.state = 'archived' ORDER BY a.checked_us, a.case_id LIMIT ?2;
-- name: archive_move
UPDATE case_archive SET state = ?3, transfer_id = ?4 WHERE case_id = ?1 AND state = ?2;
-- name: archive_transfer_insert
INSERT INTO archive_transfer(transfer_id, department, keeper, state, list, created_us, by_id, by_name, decided_us, decided_name, note) VALUES(?1, ?2, ?3, 0, ?4, ?5, ?6, ?7, NULL, '', '');
-- name: archive_transfer_get
SELECT transfer_id, department, keeper, state, list, created_us, by_id, by_name, decided_us, decided_name, note FROM archive_transfer WHERE transfer_id = ?1;
-- name: archive_transfer_of
SELECT transfer_id, department, keeper, state, list, created_us, by_id, by_name, decided_us, decided_name, note FROM archive_transfer WHERE department = ?1 ORDER BY created_us DESC, transfer_id LIMIT ?2;
-- name: archive_transfer_for
SELECT transfer_id, department, keeper, state, list, created_us, by_id, by_name, decided_us, decided_name, note FROM archive_transfer WHERE keeper = ?1 ORDER BY created_us DESC, transfer_id LIMIT ?2;
-- name: archive_transfer_decide
UPDATE archive_transfer SET state = ?2, decided_us = ?3, decided_name = ?4, note = ?5 WHERE transfer_id = ?1 AND state = 0;

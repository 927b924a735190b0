-- name: shift_insert
INSERT INTO counter_shift(department, shift_id, staff_id, name, window_no, opened_us, closed_us, handed_to, sheet, taken_us) VALUES(?1, ?2, ?3, ?4, ?5, ?6, NULL, NULL, '', NULL);
-- name: shift_list
SELECT shift_id, staff_id, name, window_no, opened_us, closed_us, handed_to, sheet, taken_us FROM counter_shift WHERE department = ?1 AND opened_us >= ?2 ORDER BY shift_id DESC LIMIT ?3;
-- name: shift_close
UPDATE counter_shift SET closed_us = ?3, handed_to = ?4, sheet = ?5 WHERE department = ?1 AND shift_id = ?2 AND closed_us IS NULL;
-- name: shift_take
UPDATE counter_shift SET taken_us = ?3 WHERE department = ?1 AND shift_id = ?2 AND handed_to = ?4 AND taken_us IS NULL;
-- name: visit_insert
INSERT INTO counter_visit(subject_id, visit_id, department, staff_id, staff_name, consent, matter_id, at_us, ended_us, case_id, outcome) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, NULL, '');
-- name: visit_get
SELECT department, staff_id, staff_name, consent, matter_id, at_us, ended_us, case_id, outcome FROM counter_visit WHERE subject_id = ?1 AND visit_id = ?2;
-- name: visit_matter
UPDATE counter_visit SET matter_id = ?3, case_id = ?4 WHERE subject_id = ?1 AND visit_id = ?2 AND ended_us IS NULL;
-- name: visit_end
UPDATE counter_visit SET ended_us = ?3, outcome = ?4 WHERE subject_id = ?1 AND visit_id = ?2 AND ended_us IS NULL;
-- name: visit_count
SELECT COUNT(*) FROM counter_visit WHERE subject_id = ?1 AND matter_id = ?2 AND at_us >= ?3;
-- name: visit_open
SELECT v.subject_id, v.visit_id, v.matter_id, v.at_us, v.case_id, s.name FROM counter_visit v JOIN subject s ON s.subject_id = v.subject_id WHERE v.department = ?1 AND v.staff_id = ?2 AND v.ended_us IS NULL ORDER BY v.at_us LIMIT ?3;
-- name: visit_move
UPDATE counter_visit SET staff_id = ?3, staff_name = ?4 WHERE department = ?1 AND staff_id = ?2 AND ended_us IS NULL;
-- name: original_insert
INSERT INTO paper_original(case_id, original_id, subject_id, name, handling, pages, taken_us, taken_by, taken_name, given_by, signed_us, file, holder, holder_name, returned_us, returned_to, returned_signed_us) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, NULL, ?11, ?8, ?9, NULL, '', NULL);
-- name: original_list
SELECT original_id, name, handling, pages, taken_us, taken_name, given_by, signed_us, file, holder_name, returned_us, returned_to, returned_signed_us FROM paper_original WHERE case_id = ?1 ORDER BY original_id;
-- name: original_get
SELECT subject_id, handling, taken_by, signed_us, holder, returned_us, returned_signed_us FROM paper_original WHERE case_id = ?1 AND original_id = ?2;
-- name: original_sign
UPDATE paper_original SET signed_us = ?3 WHERE case_id = ?1 AND original_id = ?2 AND signed_us IS NULL;
-- name: original_return
UPDATE paper_original SET returned_us = ?3, returned_to = ?4 WHERE case_id = ?1 AND original_id = ?2 AND returned_us IS NULL;
-- name: original_return_sign
UPDATE paper_original SET returned_signed_us = ?3 WHERE case_id = ?1 AND original_id = ?2 AND returned_us IS NOT NULL AND returned_signed_us IS NULL;
-- name: original_held
SELECT case_id, original_id, name, handling, taken_us FROM paper_original WHERE holder = ?1 AND returned_us IS NULL ORDER BY taken_us LIMIT ?2;
-- name: original_move
UPDATE paper_original SET holder = ?2, holder_name = ?3 WHERE holder = ?1 AND returned_us IS NULL;
-- name: delivery_insert
INSERT INTO case_delivery(case_id, way, number, address, sent_us, sent_name, delivered_us, receiver) VALUES(?1, ?2, ?3, ?4, ?5, ?6, NULL, '') ON CONFLICT(case_id) DO NOTHING;
-- name: delivery_get
SELECT way, number, address, sent_us, sent_name, delivered_us, receiver FROM case_delivery WHERE case_id = ?1;
-- name: delivery_done
UPDATE case_delivery SET delivered_us = ?2, receiver = ?3 WHERE case_id = ?1 AND delivered_us IS NULL;
-- name: archive_put
INSERT INTO case_archive(case_id, department, state, retention, checked_us, by_name, faults) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(case_id) DO UPDATE SET state = excluded.state, checked_us = excluded.checked_us, by_name = excluded.by_name, faults = excluded.faults WHERE case_archive.state = 'faults';
-- name: archive_get
SELECT state, retention, checked_us, by_name, faults, transfer_id FROM case_archive WHERE case_id = ?1;

-- name: delegation_of_principal
SELECT d.agent, s.name, d.scope, d.from_us, d.to_us FROM delegation d JOIN subject s ON s.subject_id = d.agent WHERE d.enterprise = ?1 AND d.to_us > ?2 ORDER BY s.name;
-- name: delegation_end
UPDATE delegation SET to_us = ?3 WHERE enterprise = ?1 AND agent = ?2 AND to_us > ?3;
-- name: subject_by_number
SELECT subject_id, kind, name, phone, address, region_path FROM subject WHERE id_number = ?1;
-- name: joint_insert
INSERT INTO joint_application(application_id, subject_id, actor, matter_id, body, created_us, expires_us, state, case_id, why) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, NULL, '');
-- name: joint_party_insert
INSERT INTO joint_party(application_id, subject_id, name, answered_us, agrees) VALUES(?1, ?2, ?3, NULL, 0);
-- name: joint_get
SELECT subject_id, actor, matter_id, body, created_us, expires_us, state, case_id, why FROM joint_application WHERE application_id = ?1;
-- name: joint_parties
SELECT subject_id, name, answered_us, agrees FROM joint_party WHERE application_id = ?1 ORDER BY name;
-- name: joint_answer
UPDATE joint_party SET answered_us = ?3, agrees = ?4 WHERE application_id = ?1 AND subject_id = ?2 AND answered_us IS NULL;
-- name: joint_body
UPDATE joint_application SET body = ?2 WHERE application_id = ?1 AND state = 1;
-- name: joint_close
UPDATE joint_application SET state = ?2, case_id = ?3, why = ?4 WHERE application_id = ?1 AND state = 1;
-- name: joint_own
SELECT application_id FROM joint_application WHERE subject_id = ?1 ORDER BY application_id DESC LIMIT ?2;
-- name: joint_asked
SELECT application_id FROM joint_party WHERE subject_id = ?1 ORDER BY application_id DESC LIMIT ?2;
-- name: place_insert
INSERT INTO matter_place(matter_id, place, case_id, accepted_us, state) VALUES(?1, ?2, ?3, ?4, 0) ON CONFLICT(matter_id, place, case_id) DO NOTHING;
-- name: place_list
SELECT case_id, accepted_us, state FROM matter_place WHERE matter_id = ?1 AND place = ?2 ORDER BY accepted_us, case_id;
-- name: place_state
UPDATE matter_place SET state = ?4 WHERE matter_id = ?1 AND place = ?2 AND case_id = ?3;
-- name: check_insert
-- later
INSERT INTO matter_check(case_id, kind, department, subject_id, matter_id, name, created_us, due_us, done_us, by_id, by_name, result, note) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL, NULL, '', '', '') ON CONFLICT(case_id, kind) DO NOTHING;
-- name: check_open
SELECT case_id, kind, subject_id, matter_id, name, created_us, due_us, taken_id, taken_name, done_us, by_id, by_name, result, note, verdict, verdict_name, verdict_note FROM matter_check WHERE department = ?1 AND done_us IS NULL ORDER BY due_us, case_id LIMIT ?2;
-- name: check_of_case
SELECT case_id, kind, subject_id, matter_id, name, created_us, due_us, taken_id, taken_name, done_us, by_id, by_name, result, note, verdict, verdict_name, verdict_note, department FROM matter_check WHERE case_id = ?1 ORDER BY kind;
-- name: check_done
UPDATE matter_check SET done_us = ?3, by_id = ?4, by_name = ?5, result = ?6, note = ?7 WHERE case_id = ?1 AND kind = ?2 AND done_us IS NULL AND (taken_id IS NULL OR taken_id = ?4);
-- name: rating_insert
INSERT INTO matter_rating(case_id, department, matter_id, grade, at_us, due_us, answered_us, upheld, appealed_us, closed_us) VALUES(?1, ?2, ?3, ?4, ?5, ?6, NULL, 0, NULL, NULL) ON CONFLICT(case_id) DO NOTHING;
-- name: rating_answer
UPDATE matter_rating SET answered_us = ?2, upheld = ?3 WHERE case_id = ?1;
-- name: rating_appeal
UPDATE matter_rating SET appealed_us = ?2 WHERE case_id = ?1;
-- name: rating_close
UPDATE matter_rating SET closed_us = ?2 WHERE case_id = ?1;
-- name: rating_get
SELECT department, matter_id, grade, at_us, due_us, answered_us, upheld, appealed_us, closed_us FROM matter_rating WHERE case_id = ?1;
-- name: rating_courses
SELECT m.department, m.matter_id, m.by_rules, m.outcome, m.created_us, m.decided_us, r.grade, r.at_us, r.due_us, r.answered_us, r.upheld, r.appealed_us, r.closed_us, m.asked, m.known, m.typed, m.sheets FROM matter_case m LEFT JOIN matter_rating r ON r.case_id = m.case_id WHERE m.created_us >= ?1 AND m.created_us < ?2 ORDER BY m.case_id LIMIT ?3;
-- name: matter_draft_insert
INSERT INTO matter_draft(matter_id, draft_id, department, author, author_name, body, first_day, state, note, reviewer_name, revision, updated_us) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 'draft', '', '', 0, ?8);
-- name: matter_draft_update
UPDATE matter_draft SET body = ?3, first_day = ?4, state = ?5, note = ?6, reviewer_name = ?7, revision = revision + 1, updated_us = ?8 WHERE matter_id = ?1 AND draft_id = ?2 AND revision = ?9;
-- name: matter_draft_get
SELECT department, author, author_name, body, first_day, state, note, reviewer_name, revision, updated_us FROM matter_draft WHERE matter_id = ?1 AND draft_id = ?2;
-- name: matter_draft_published
SELECT matter_id, department, body, first_day FROM matter_draft WHERE state = 'published' ORDER BY first_day, draft_id;
-- name: matter_draft_list
SELECT matter_id, draft_id, department, author_name, first_day, state, note, reviewer_name, revision, updated_us FROM matter_draft WHERE state <> 'published' OR updated_us > ?1 ORDER BY updated_us DESC LIMIT ?2;

-- name: supervision_open
INSERT INTO request_supervision(case_id, rule, since_us, unit, desk, opened_us, why, closed_us, closed_by, closed_name, how, finding) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, '', '', '', '') ON CONFLICT(case_id, rule, since_us) DO NOTHING;
-- name: supervision_close
UPDATE request_supervision SET closed_us = ?3, closed_by = ?4, closed_name = ?5, how = ?6, finding = ?7, files = ?8 WHERE case_id = ?1 AND rule = ?2 AND closed_us = 0;
-- name: supervision_of
SELECT case_id, rule, since_us, unit, desk, opened_us, why, closed_us, closed_by, closed_name, how, finding, files FROM request_supervision WHERE case_id = ?1 ORDER BY opened_us, rule;
-- name: supervision_unit
SELECT case_id, rule, since_us, unit, desk, opened_us, why, closed_us, closed_by, closed_name, how, finding, files FROM request_supervision WHERE closed_us = 0 AND (unit = ?1 OR desk = ?1) ORDER BY opened_us DESC, case_id, rule LIMIT ?2;
-- name: supervision_closed
SELECT case_id, rule, since_us, unit, desk, opened_us, why, closed_us, closed_by, closed_name, how, finding, files FROM request_supervision WHERE closed_us > 0 AND (unit = ?1 OR desk = ?1) ORDER BY closed_us DESC, case_id, rule LIMIT ?2;
-- name: supervision_taken
SELECT s.case_id, r.owner, r.stage FROM request_supervision s JOIN request r ON r.case_id = s.case_id WHERE s.closed_us = 0 AND s.rule = 'no_owner' AND (r.owner <> '' OR r.stage_us <> s.since_us OR r.stage NOT IN (0, 1, 2, 6, 9));
-- name: request_ownerless
SELECT case_id, stage_us, unit, desk, about_unit FROM request WHERE owner = '' AND stage IN (0, 1, 2, 6, 9) AND stage_us > 0 AND stage_us <= ?1;
-- name: request_overdue
SELECT r.case_id, r.due_us, r.unit, r.desk, r.about_unit FROM request r WHERE r.stage IN (0, 1, 2, 3, 4, 6, 9) AND r.due_us > 0 AND r.due_us < ?1 AND NOT EXISTS (SELECT 1 FROM request_supervision s WHERE s.case_id = r.case_id AND s.rule = 'overdue' AND s.since_us = r.due_us);
-- name: request_step_since
SELECT case_id, stage_us, unit, desk, about_unit FROM request WHERE stage = ?1 AND stage_us > 0 AND stage_us <= ?2;
-- name: supervision_moved_on
-- Late at a step: over once it is at another one.
SELECT s.case_id, r.owner, r.stage FROM request_supervision s JOIN request r ON r.case_id = s.case_id WHERE s.closed_us = 0 AND s.rule = 'step_late' AND r.stage_us <> s.since_us;
-- name: request_unasked
-- Answered, not rated, and not asked since this answer. What was answered long before the round first looked is left alone.
SELECT r.case_id, r.replied_us FROM request r WHERE r.stage = 5 AND r.replied_us > ?1 AND r.replied_us <= ?2 AND NOT EXISTS (SELECT 1 FROM request_asked a WHERE a.case_id = r.case_id AND a.replied_us = r.replied_us) ORDER BY r.replied_us, r.case_id LIMIT ?3;
-- name: request_asked_put
INSERT INTO request_asked(case_id, replied_us, asked_us) VALUES(?1, ?2, ?3) ON CONFLICT(case_id, replied_us) DO NOTHING;
-- name: request_repeat_mark
-- later
UPDATE request SET teller = ?2, flags = CASE WHEN EXISTS (SELECT 1 FROM request r WHERE r.teller = ?2 AND r.category = ?3 AND r.received_us > ?4 AND r.case_id <> ?1 AND NOT EXISTS (SELECT 1 FROM request_part p JOIN request_part q ON q.case_id = p.case_id WHERE p.part_id = ?1 AND (q.part_id = r.case_id OR q.case_id = r.case_id))) THEN flags | 32 ELSE flags END WHERE case_id = ?1;
-- name: supervision_open_repeated
-- Up to fifty are counted: what one account has done in years is not at each submission.
-- later
INSERT INTO request_supervision(case_id, rule, since_us, unit, desk, opened_us, why, closed_us, closed_by, closed_name, how, finding) SELECT ?1, ?5, ?6, ?7, ?8, ?9, CAST(c.times AS TEXT), 0, '', '', '', '' FROM (SELECT COUNT(*) + 1 AS times FROM (SELECT 1 AS one FROM request r WHERE r.teller = ?2 AND r.category = ?3 AND r.received_us > ?4 AND r.case_id <> ?1 AND NOT EXISTS (SELECT 1 FROM request_part p JOIN request_part q ON q.case_id = p.case_id WHERE p.part_id = ?1 AND (q.part_id = r.case_id OR q.case_id = r.case_id)) LIMIT 50) v) c WHERE c.times >= ?10 ON CONFLICT(case_id, rule, since_us) DO NOTHING;
-- name: request_own_open
SELECT case_id FROM request WHERE owner = ?1 AND owner <> '' AND stage < 10 AND unit = ?2 ORDER BY case_id;
-- name: request_pass_on
UPDATE request SET owner = ?3 WHERE owner = ?1 AND owner <> '' AND stage < 10 AND unit = ?2;
-- name: revisit_open
INSERT INTO request_revisit(case_id, due_us, lead, unit, opened_us, done_us, done_by, done_name, outcome, finding) VALUES(?1, ?2, ?3, ?4, ?5, 0, '', '', '', '') ON CONFLICT(case_id, due_us) DO NOTHING;
-- name: revisit_list
SELECT v.case_id, v.due_us, v.lead, v.unit, v.opened_us, v.done_us, v.done_name, v.outcome, v.finding FROM request_revisit v WHERE v.done_us = 0 AND (?1 = '' OR v.unit = ?1 OR v.lead = ?1) ORDER BY v.due_us, v.case_id LIMIT ?2;
-- name: revisit_of
SELECT case_id, due_us, lead, unit, opened_us, done_us, done_name, outcome, finding FROM request_revisit WHERE case_id = ?1 ORDER BY due_us;
-- name: revisit_done
UPDATE request_revisit SET done_us = ?2, done_by = ?3, done_name = ?4, outcome = ?5, finding = ?6 WHERE case_id = ?1 AND done_us = 0;
-- name: transfer_insert
INSERT INTO staff_transfer(transfer_id, unit, from_staff, from_name, to_staff, to_name, reason, by_staff, by_name, asked_us, begins_us, ends_us, done_us, requests, tasks) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0, -1, 0) ON CONFLICT(transfer_id) DO NOTHING;
-- name: transfer_due
SELECT transfer_id, unit, from_staff, from_name, to_staff, to_name, reason, by_staff, by_name, asked_us, begins_us, ends_us, done_us, requests, tasks FROM staff_transfer WHERE done_us = 0 AND requests < 0 AND begins_us <= ?1 ORDER BY begins_us, transfer_id;
-- name: transfer_get
SELECT transfer_id, unit, from_staff, from_name, to_staff, to_name, reason, by_staff, by_name, asked_us, begins_us, ends_us, done_us, requests, tasks FROM staff_transfer WHERE transfer_id = ?1;
-- name: transfer_list
SELECT transfer_id, unit, from_staff, from_name, to_staff, to_name, reason, by_staff, by_name, asked_us, begins_us, ends_us, done_us, requests, tasks FROM staff_transfer WHERE unit = ?1 ORDER BY asked_us DESC, transfer_id LIMIT ?2;
-- name: transfer_moved
UPDATE staff_transfer SET requests = ?2 WHERE transfer_id = ?1;
-- name: transfer_done
UPDATE staff_transfer SET done_us = ?2, tasks = ?3 WHERE transfer_id = ?1 AND done_us = 0;
-- name: transfer_cover
SELECT to_staff, to_name FROM staff_transfer WHERE from_staff = ?1 AND begins_us <= ?2 AND ends_us > ?2 ORDER BY begins_us DESC LIMIT 1;
-- name: request_members
SELECT case_id FROM request WHERE master = ?1 ORDER BY received_us, case_id;
-- name: request_group_open
SELECT category, lead, unit, desk, region, place, channel, stage, flags, sealed, about_unit, confidence, words, received_us, dispatched_us, returned_us, contacted_us, contact_due_us, due_us, replied_us, closed_us, rated_us, redone_us, supervised_us, excluded_us, grade, solved, returns, extensions, followers, master, city_number, city_due_us, taken_by, owner, stage_us, outcome, section, case_id FROM request WHERE unit = ?1 AND stage IN (0, 1, 2, 9) AND received_us > ?2 ORDER BY category, place, received_us, case_id LIMIT 2000;
-- name: request_fall_region
SELECT received_us, region FROM request WHERE category = ?1 AND received_us >= ?2 AND received_us < ?3;
-- name: project_insert
INSERT INTO request_project(project_id, title, category, region, unit, goal, measures, fall_percent, opened_us, opened_name, due_us, closed_us, closed_name, finding) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, '', '');
-- name: project_list
SELECT project_id, title, category, region, unit, goal, measures, fall_percent, opened_us, opened_name, due_us, closed_us, closed_name, finding FROM request_project ORDER BY opened_us DESC, project_id LIMIT ?1;
-- name: project_get
SELECT project_id, title, category, region, unit, goal, measures, fall_percent, opened_us, opened_name, due_us, closed_us, closed_name, finding FROM request_project WHERE project_id = ?1;
-- name: project_close
UPDATE request_project SET closed_us = ?2, closed_name = ?3, finding = ?4 WHERE project_id = ?1 AND closed_us = 0;
-- name: project_member
INSERT INTO request_project_member(project_id, case_id) VALUES(?1, ?2) ON CONFLICT(project_id, case_id) DO NOTHING;
-- name: project_members
SELECT case_id FROM request_project_member WHERE project_id = ?1 ORDER BY case_id;

-- name: request_put
-- later
INSERT INTO request(case_id, category, lead, unit, desk, region, place, channel, stage, flags, sealed, about_unit, confidence, words, received_us, dispatched_us, returned_us, contacted_us, contact_due_us, due_us, replied_us, closed_us, rated_us, redone_us, supervised_us, excluded_us, grade, solved, returns, extensions, followers, master, city_number, city_due_us, taken_by, owner, stage_us, outcome, section) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38, ?39) ON CONFLICT(case_id) DO UPDATE SET category = excluded.category, lead = excluded.lead, unit = excluded.unit, desk = excluded.desk, region = excluded.region, place = excluded.place, stage = excluded.stage, flags = excluded.flags, confidence = excluded.confidence, dispatched_us = excluded.dispatched_us, returned_us = excluded.returned_us, contacted_us = excluded.contacted_us, contact_due_us = excluded.contact_due_us, due_us = excluded.due_us, replied_us = excluded.replied_us, closed_us = excluded.closed_us, rated_us = excluded.rated_us, redone_us = excluded.redone_us, supervised_us = excluded.supervised_us, excluded_us = excluded.excluded_us, grade = excluded.grade, solved = excluded.solved, returns = excluded.returns, extensions = excluded.extensions, followers = excluded.followers, master = excluded.master, owner = excluded.owner, stage_us = excluded.stage_us, outcome = excluded.outcome, section = excluded.section;
-- name: request_get
SELECT category, lead, unit, desk, region, place, channel, stage, flags, sealed, about_unit, confidence, words, received_us, dispatched_us, returned_us, contacted_us, contact_due_us, due_us, replied_us, closed_us, rated_us, redone_us, supervised_us, excluded_us, grade, solved, returns, extensions, followers, master, city_number, city_due_us, taken_by, owner, stage_us, outcome, section, case_id FROM request WHERE case_id = ?1;
-- name: request_unit_open
SELECT category, lead, unit, desk, region, place, channel, stage, flags, sealed, about_unit, confidence, words, received_us, dispatched_us, returned_us, contacted_us, contact_due_us, due_us, replied_us, closed_us, rated_us, redone_us, supervised_us, excluded_us, grade, solved, returns, extensions, followers, master, city_number, city_due_us, taken_by, owner, stage_us, outcome, section, case_id FROM request WHERE unit = ?1 AND stage = ?2 AND (due_us > ?3 OR (due_us = ?3 AND case_id > ?4)) AND ((?6 = '' AND ?7 = '') OR (?6 <> '' AND section = ?6) OR (?7 <> '' AND owner = ?7)) ORDER BY due_us, case_id LIMIT ?5;
-- name: request_unit_urgent
-- Urgent or dangerous (flags 4 and 8), and nobody works on it yet.
SELECT category, lead, unit, desk, region, place, channel, stage, flags, sealed, about_unit, confidence, words, received_us, dispatched_us, returned_us, contacted_us, contact_due_us, due_us, replied_us, closed_us, rated_us, redone_us, supervised_us, excluded_us, grade, solved, returns, extensions, followers, master, city_number, city_due_us, taken_by, owner, stage_us, outcome, section, case_id FROM request WHERE unit = ?1 AND stage IN (0, 1, 9) AND (flags & 12) <> 0 AND owner = '' ORDER BY received_us DESC, case_id LIMIT ?2;
-- name: request_recent
SELECT category, lead, unit, desk, region, place, channel, stage, flags, sealed, about_unit, confidence, words, received_us, dispatched_us, returned_us, contacted_us, contact_due_us, due_us, replied_us, closed_us, rated_us, redone_us, supervised_us, excluded_us, grade, solved, returns, extensions, followers, master, city_number, city_due_us, taken_by, owner, stage_us, outcome, section, case_id FROM request WHERE category = ?1 AND received_us > ?2 ORDER BY received_us DESC LIMIT ?3;
-- name: request_between
SELECT category, lead, unit, desk, region, place, channel, stage, flags, sealed, about_unit, confidence, words, received_us, dispatched_us, returned_us, contacted_us, contact_due_us, due_us, replied_us, closed_us, rated_us, redone_us, supervised_us, excluded_us, grade, solved, returns, extensions, followers, master, city_number, city_due_us, taken_by, owner, stage_us, outcome, section, case_id FROM request WHERE received_us >= ?1 AND received_us < ?2 ORDER BY received_us, case_id;
-- name: request_forget
UPDATE request SET words = '' WHERE case_id = ?1;
-- name: request_follow
INSERT INTO request_follower(case_id, subject_id, at_us) VALUES(?1, ?2, ?3) ON CONFLICT(case_id, subject_id) DO NOTHING;
-- name: request_followed
UPDATE request SET followers = (SELECT COUNT(*) FROM request_follower f WHERE f.case_id = request.case_id) WHERE case_id = ?1;
-- name: request_followers
SELECT subject_id FROM request_follower WHERE case_id = ?1 ORDER BY subject_id;
-- name: request_following
SELECT 1 FROM request_follower WHERE case_id = ?1 AND subject_id = ?2;
-- name: request_stages
SELECT unit, stage, COUNT(*), COALESCE(SUM(CASE WHEN due_us > 0 AND due_us < ?1 THEN 1 ELSE 0 END), 0) FROM request WHERE stage < 10 GROUP BY unit, stage ORDER BY unit, stage;
-- name: exclusion_ask
INSERT INTO request_exclusion(case_id, reason, why, asked_by, asked_name, asked_us, approved_by, approved_name, approved_us) VALUES(?1, ?2, ?3, ?4, ?5, ?6, NULL, '', 0) ON CONFLICT(case_id) DO NOTHING;
-- name: exclusion_get
SELECT reason, why, asked_by, asked_name, asked_us, approved_name, approved_us FROM request_exclusion WHERE case_id = ?1;
-- name: exclusion_approve
UPDATE request_exclusion SET approved_by = ?2, approved_name = ?3, approved_us = ?4 WHERE case_id = ?1 AND approved_us = 0;
-- name: exclusion_count
UPDATE request SET excluded_us = ?2 WHERE case_id = ?1 AND excluded_us = 0;
-- name: subject_by_phone
SELECT subject_id FROM subject WHERE phone = ?1 ORDER BY subject_id LIMIT 1;
-- name: request_numbered
SELECT owner FROM claim WHERE kind = 'request_number' AND value = ?1;
-- name: member_put
INSERT INTO unit_member(unit, staff_id, section, head, since_us, by_name) VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(unit, staff_id) DO UPDATE SET section = excluded.section, head = excluded.head, since_us = excluded.since_us, by_name = excluded.by_name;
-- name: member_all
SELECT m.unit, m.staff_id, m.section, m.head, m.since_us, m.by_name, s.name FROM unit_member m JOIN staff s ON s.staff_id = m.staff_id WHERE m.section <> '' ORDER BY m.unit, m.section, m.staff_id;
-- name: section_open
SELECT section, COUNT(*) FROM request WHERE unit = ?1 AND stage < 10 AND section <> '' GROUP BY section ORDER BY section;
-- name: ruling_of_case
SELECT case_id, ruled_us, category, unit, ruling, by_name FROM request_ruling WHERE case_id = ?1 ORDER BY ruled_us DESC LIMIT 1;
-- name: ruling_recent
SELECT case_id, ruled_us, category, unit, ruling, by_name FROM request_ruling ORDER BY ruled_us DESC, case_id LIMIT ?1;
-- name: amendment_put
INSERT INTO duty_amendment(amendment_id, category, area, unit, from_day, basis, case_id, asked_us, asked_by, asked_name, state, decided_us, decided_by, decided_name, why) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, 0, ?9, '', '') ON CONFLICT DO NOTHING;
-- name: amendment_decide
UPDATE duty_amendment SET state = ?2, decided_us = ?3, decided_by = ?4, decided_name = ?5, why = ?6 WHERE amendment_id = ?1 AND state = 0;
-- name: amendment_list
-- In the order in which they were decided: each was checked against the list and those before it.
SELECT amendment_id, category, area, unit, from_day, basis, case_id, asked_us, asked_by, asked_name, state, decided_us, decided_by, decided_name, why FROM duty_amendment ORDER BY decided_us, asked_us, amendment_id;

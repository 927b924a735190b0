-- name: request_counted
-- As request_between, without the words: what is counted needs none.
SELECT category, lead, unit, desk, region, place, channel, stage, flags, sealed, about_unit, confidence, '' AS words, received_us, dispatched_us, returned_us, contacted_us, contact_due_us, due_us, replied_us, closed_us, rated_us, redone_us, supervised_us, excluded_us, grade, solved, returns, extensions, followers, master, city_number, city_due_us, taken_by, owner, stage_us, outcome, section, case_id FROM request WHERE received_us >= ?1 AND received_us < ?2 ORDER BY received_us, case_id;
-- name: request_by_region
SELECT region, COUNT(*), SUM(CASE WHEN stage < 10 AND replied_us = 0 THEN 1 ELSE 0 END) FROM request WHERE received_us >= ?1 AND received_us < ?2 GROUP BY region ORDER BY region;
-- name: request_told
-- later
UPDATE request SET teller = ?2 WHERE case_id = ?1;
-- name: request_tellers
SELECT case_id, teller FROM request WHERE received_us >= ?1 AND received_us < ?2 AND teller IS NOT NULL;
-- name: request_of_teller
SELECT category, lead, unit, desk, region, place, channel, stage, flags, sealed, about_unit, confidence, words, received_us, dispatched_us, returned_us, contacted_us, contact_due_us, due_us, replied_us, closed_us, rated_us, redone_us, supervised_us, excluded_us, grade, solved, returns, extensions, followers, master, city_number, city_due_us, taken_by, owner, stage_us, outcome, section, case_id FROM request WHERE teller = ?1 ORDER BY received_us DESC, case_id LIMIT ?2;
-- name: request_told_by
SELECT 1 FROM casefile WHERE case_id = ?1 AND owner = ?2;
-- name: request_caller
SELECT owner FROM claim WHERE kind = 'caller' AND value = ?1;
-- name: request_caller_forget
DELETE FROM claim WHERE kind = 'caller' AND owner = (SELECT c.owner FROM casefile c WHERE c.case_id = ?1);
-- name: past_put
-- later
INSERT INTO request_past(case_id, until_us, category, lead, unit, region, flags, contact_due_us, due_us, replied_us, closed_us, rated_us, grade, solved) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT(case_id, until_us) DO NOTHING;
-- name: past_at
SELECT p.case_id, p.category, p.lead, p.unit, p.region, p.flags, p.contact_due_us, p.due_us, p.replied_us, p.closed_us, p.rated_us, p.grade, p.solved FROM request_past p JOIN request r ON r.case_id = p.case_id WHERE p.until_us >= ?2 AND r.received_us >= ?1 AND r.received_us < ?2 ORDER BY p.case_id, p.until_us;
-- name: ruling_put
-- later
INSERT INTO request_ruling(case_id, ruled_us, category, unit, ruling, by_name) VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(case_id, ruled_us) DO NOTHING;
-- name: ruling_of_category
SELECT case_id, ruled_us, unit, ruling FROM request_ruling WHERE category = ?1 ORDER BY ruled_us DESC, case_id LIMIT ?2;
-- name: call_put
INSERT INTO request_call(case_id, called_us, by_name) VALUES(?1, ?2, ?3) ON CONFLICT(case_id, called_us) DO NOTHING;
-- name: request_to_call
-- Answered, not rated since, and not called too often without anybody there.
SELECT r.category, r.lead, r.unit, r.desk, r.region, r.place, r.channel, r.stage, r.flags, r.sealed, r.about_unit, r.confidence, r.words, r.received_us, r.dispatched_us, r.returned_us, r.contacted_us, r.contact_due_us, r.due_us, r.replied_us, r.closed_us, r.rated_us, r.redone_us, r.supervised_us, r.excluded_us, r.grade, r.solved, r.returns, r.extensions, r.followers, r.master, r.city_number, r.city_due_us, r.taken_by, r.owner, r.stage_us, r.outcome, r.section, r.case_id, (SELECT COUNT(*) FROM request_call k WHERE k.case_id = r.case_id AND k.called_us > r.replied_us) FROM request r WHERE r.stage = 5 AND r.desk = ?1 AND r.replied_us <= ?2 AND r.rated_us < r.replied_us AND (SELECT COUNT(*) FROM request_call k WHERE k.case_id = r.case_id AND k.called_us > r.replied_us) < ?3 ORDER BY r.replied_us, r.case_id LIMIT ?4;

-- name: part_put
-- later
INSERT INTO request_part(case_id, part_id, at_us, by_name, stays) VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(case_id, part_id) DO NOTHING;
-- name: part_list
SELECT part_id, at_us, by_name, stays FROM request_part WHERE case_id = ?1 ORDER BY part_id;
-- name: part_of
SELECT case_id FROM request_part WHERE part_id = ?1 AND case_id <> part_id;
-- name: part_forget
UPDATE request_part SET stays = '' WHERE case_id = ?1;
-- name: help_ask
INSERT INTO request_help(case_id, unit, asked_us, due_us, asked_by, question, answered_us, answered_by, opinion) VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0, '', '') ON CONFLICT(case_id, unit) DO NOTHING;
-- name: help_answer
UPDATE request_help SET answered_us = ?3, answered_by = ?4, opinion = ?5 WHERE case_id = ?1 AND unit = ?2 AND answered_us = 0;
-- name: help_list
SELECT unit, asked_us, due_us, asked_by, question, answered_us, answered_by, opinion FROM request_help WHERE case_id = ?1 ORDER BY asked_us, unit;
-- name: help_waiting
-- Of requests that are still worked on: what was asked about one that has been answered is asked no more.
SELECT h.case_id, h.asked_us, h.due_us, h.asked_by, h.question FROM request_help h JOIN request r ON r.case_id = h.case_id WHERE h.unit = ?1 AND h.answered_us = 0 AND r.replied_us = 0 AND r.stage < 10 ORDER BY h.due_us, h.case_id LIMIT ?2;
-- name: help_forget
UPDATE request_help SET question = '', opinion = '' WHERE case_id = ?1;
-- name: split_claim
INSERT INTO request_split(case_id, key, at_us, by_id, by_name, done_us) VALUES(?1, ?2, ?3, ?4, ?5, 0) ON CONFLICT(case_id, key) DO NOTHING;
-- name: split_list
SELECT key, at_us, by_id, by_name, done_us FROM request_split WHERE case_id = ?1 ORDER BY at_us, key;
-- name: split_done
UPDATE request_split SET done_us = ?3 WHERE case_id = ?1 AND key = ?2 AND done_us = 0;
-- name: split_drop
-- An empty key: whatever is unfinished.
DELETE FROM request_split WHERE case_id = ?1 AND done_us = 0 AND (?2 = '' OR key = ?2);

-- name: search_known
SELECT no FROM search_entry WHERE kind = ?1 AND id = ?2;
-- postgres:
SELECT no FROM search.entry WHERE kind = ?1 AND id = ?2;
-- name: search_put
INSERT INTO search_entry(kind, id) VALUES(?1, ?2) RETURNING no;
-- postgres:
INSERT INTO search.entry(kind, id, grams) VALUES(?1, ?2, '') RETURNING no;
-- name: search_words
INSERT INTO search_grams(rowid, grams) VALUES(?1, ?2);
-- postgres:
UPDATE search.entry SET grams = array_to_tsvector(string_to_array(?2, ' ')) WHERE no = ?1;
-- name: search_forget_words
DELETE FROM search_grams WHERE rowid = ?1;
-- postgres:
UPDATE search.entry SET grams = '' WHERE no = ?1;
-- name: search_forget
DELETE FROM search_entry WHERE no = ?1;
-- postgres:
DELETE FROM search.entry WHERE no = ?1;
-- name: search_find
SELECT e.no, e.kind, e.id FROM (SELECT rowid AS no FROM search_grams WHERE search_grams MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC LIMIT ?3) g JOIN search_entry e ON e.no = g.no ORDER BY e.no DESC;
-- postgres:
-- All that match are found first: by the index, and never by reading all entries backwards.
WITH found AS MATERIALIZED (SELECT no FROM search.entry WHERE grams @@ CAST(?1 AS tsquery)) SELECT e.no, e.kind, e.id FROM (SELECT no FROM found WHERE no < ?2 ORDER BY no DESC LIMIT ?3) f JOIN search.entry e ON e.no = f.no ORDER BY e.no DESC;
-- name: search_find_within
SELECT e.no, e.kind, e.id FROM (SELECT rowid AS no FROM search_grams WHERE search_grams MATCH ?1 AND rowid < ?2 AND rowid >= ?4 ORDER BY rowid DESC LIMIT ?3) g JOIN search_entry e ON e.no = g.no ORDER BY e.no DESC;
-- postgres:
-- OFFSET 0: these few entries are read one by one, the newest first, until there are enough.
SELECT e.no, e.kind, e.id FROM (SELECT no, kind, id, grams FROM search.entry WHERE no < ?2 AND no >= ?4 ORDER BY no DESC OFFSET 0) e WHERE e.grams @@ CAST(?1 AS tsquery) LIMIT ?3;
-- name: search_last
SELECT COALESCE(MAX(no), 0) FROM search_entry;
-- postgres:
SELECT COALESCE(MAX(no), 0) FROM search.entry;
-- name: search_newest
SELECT MAX(id) FROM search_entry WHERE kind = ?1;
-- postgres:
SELECT MAX(id) FROM search.entry WHERE kind = ?1;
-- name: search_of_kind
SELECT no, id FROM search_entry WHERE kind = ?1;
-- postgres:
SELECT no, id FROM search.entry WHERE kind = ?1;
-- name: request_after
SELECT category, lead, unit, desk, region, place, channel, stage, flags, sealed, about_unit, confidence, words, received_us, dispatched_us, returned_us, contacted_us, contact_due_us, due_us, replied_us, closed_us, rated_us, redone_us, supervised_us, excluded_us, grade, solved, returns, extensions, followers, master, city_number, city_due_us, taken_by, owner, stage_us, outcome, section, case_id FROM request WHERE case_id > ?1 ORDER BY case_id LIMIT ?2;

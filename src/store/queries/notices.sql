-- name: notice_put
INSERT INTO public_notice(notice_id, case_id, unit, body, up_us, until_us, down_us) VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0);
-- name: notice_down
UPDATE public_notice SET down_us = ?2 WHERE case_id = ?1 AND down_us = 0;
-- name: notice_last
SELECT notice_id, case_id, unit, body, up_us, until_us, down_us FROM public_notice WHERE case_id = ?1 ORDER BY up_us DESC, notice_id DESC LIMIT 1;
-- name: notice_get
SELECT notice_id, case_id, unit, body, up_us, until_us, down_us FROM public_notice WHERE notice_id = ?1;
-- name: notice_standing
-- Newest first, those before the last one of the page before.
SELECT notice_id, case_id, unit, body, up_us, until_us, down_us FROM public_notice WHERE down_us = 0 AND until_us > ?1 AND (up_us < ?2 OR (up_us = ?2 AND notice_id < ?3)) ORDER BY up_us DESC, notice_id DESC LIMIT ?4;
-- name: notice_object
INSERT INTO notice_objection(notice_id, subject_id, at_us, words) SELECT n.notice_id, ?2, ?3, ?4 FROM public_notice n WHERE n.notice_id = ?1 AND n.down_us = 0 AND n.until_us > ?3 ON CONFLICT(notice_id, subject_id) DO NOTHING;
-- name: notice_objections
SELECT o.subject_id, s.name, o.at_us, o.words FROM notice_objection o JOIN public_notice n ON n.notice_id = o.notice_id JOIN subject s ON s.subject_id = o.subject_id WHERE n.case_id = ?1 ORDER BY o.at_us, o.subject_id;
-- name: notice_forget
UPDATE public_notice SET body = '' WHERE case_id = ?1;
-- name: notice_objections_forget
UPDATE notice_objection SET words = '' WHERE notice_id IN (SELECT notice_id FROM public_notice WHERE case_id = ?1);

-- name: register_switch_put
INSERT INTO register_switch(register_id, mode, changed_us, changed_by) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(register_id) DO UPDATE SET mode = excluded.mode, changed_us = excluded.changed_us, changed_by = excluded.changed_by;
-- name: register_switch_list
SELECT register_id, mode, changed_us FROM register_switch ORDER BY register_id;
-- name: matter_case_insert
-- later
INSERT INTO matter_case(case_id, subject_id, matter_id, department, outcome, by_rules, handed_over, corrections, created_us, decided_us, asked, known, typed, sheets) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?8, ?9, ?10, ?11, ?12, ?13);
-- name: matter_once_get
SELECT case_id FROM matter_once WHERE matter_id = ?1 AND once_key = ?2;
-- name: matter_once_take
INSERT INTO matter_once(matter_id, once_key, case_id, at_us) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(matter_id, once_key) DO NOTHING;
-- name: matter_case_hand_over
-- later
UPDATE matter_case SET handed_over = ?2 WHERE case_id = ?1 AND handed_over = '';
-- name: matter_case_handed
SELECT m.case_id, m.subject_id, m.matter_id, m.department, m.outcome, m.created_us, c.query_code FROM matter_case m JOIN casefile c ON c.case_id = m.case_id WHERE m.handed_over = ?1 AND m.handed_over <> '' AND m.created_us < ?2 ORDER BY m.created_us DESC, m.case_id LIMIT ?3;
-- name: matter_case_get
SELECT subject_id, matter_id, department, outcome, by_rules, handed_over, corrections, created_us, decided_us FROM matter_case WHERE case_id = ?1;
-- name: matter_case_decide
UPDATE matter_case SET outcome = ?2, decided_us = ?3, department = ?4 WHERE case_id = ?1;
-- name: matter_case_correct
UPDATE matter_case SET corrections = corrections + 1 WHERE case_id = ?1;
-- name: matter_case_counts
SELECT matter_id, outcome, by_rules, COUNT(*) FROM matter_case GROUP BY matter_id, outcome, by_rules ORDER BY matter_id, outcome, by_rules;
-- name: matter_open_insert
-- later
INSERT INTO matter_open(subject_id, matter_id, case_id) VALUES(?1, ?2, ?3);
-- name: matter_open_delete
DELETE FROM matter_open WHERE subject_id = ?1 AND matter_id = ?2 AND case_id = ?3;
-- name: matter_open_of
SELECT case_id FROM matter_open WHERE subject_id = ?1 AND matter_id = ?2 ORDER BY case_id LIMIT 1;
-- name: paper_insert
INSERT INTO paper(case_id, kind, number, at_us, revision, prints) VALUES(?1, ?2, ?3, ?4, ?5, 0) ON CONFLICT(case_id, kind) DO NOTHING;
-- name: paper_list
SELECT kind, number, at_us, revision, prints FROM paper WHERE case_id = ?1 ORDER BY at_us, kind;
-- name: paper_printed
UPDATE paper SET prints = prints + 1 WHERE case_id = ?1 AND kind = ?2 RETURNING prints;
-- name: paper_print_insert
INSERT INTO paper_print(case_id, print_id, kind, at_us, printed_by, name) VALUES(?1, ?2, ?3, ?4, ?5, ?6);
-- name: paper_print_list
SELECT kind, at_us, name FROM paper_print WHERE case_id = ?1 ORDER BY print_id;
-- name: certificate_insert
-- later
INSERT INTO certificate(subject_id, type, certificate_id, identifier, department, state, body, issued_us, valid_until, case_id, batch_id, leaf_index, revision, why) VALUES(?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8, ?9, NULL, 0, 0, '');
-- name: certificate_claim_insert
-- later
INSERT INTO certificate_claim(identifier, subject_id, certificate_id) VALUES(?1, ?2, ?3);
-- name: certificate_in_force
SELECT identifier FROM certificate WHERE subject_id = ?1 AND type = ?2 AND state = 1 ORDER BY certificate_id DESC LIMIT 1;
-- name: certificate_by_identifier
SELECT subject_id, certificate_id FROM certificate_claim WHERE identifier = ?1;
-- name: certificate_get
SELECT identifier, type, department, state, body, issued_us, valid_until, case_id, batch_id, leaf_index, revision, why FROM certificate WHERE subject_id = ?1 AND certificate_id = ?2;
-- name: certificate_list
SELECT certificate_id, identifier, type, department, state, body, issued_us, valid_until, case_id, batch_id, leaf_index, revision, why FROM certificate WHERE subject_id = ?1 ORDER BY certificate_id DESC LIMIT ?2;
-- name: certificate_state
UPDATE certificate SET state = ?3, revision = revision + 1, why = ?4 WHERE subject_id = ?1 AND certificate_id = ?2 AND revision = ?5;
-- name: certificate_supersede
-- later
UPDATE certificate SET state = 5, why = ?3 WHERE subject_id = ?1 AND certificate_id = (SELECT certificate_id FROM certificate_claim WHERE identifier = ?2 AND subject_id = ?1) AND state = 1;
-- name: certificate_unsigned
SELECT subject_id, certificate_id, body FROM certificate WHERE batch_id IS NULL ORDER BY issued_us LIMIT ?1;
-- name: certificate_sign
-- later
UPDATE certificate SET batch_id = ?3, leaf_index = ?4 WHERE subject_id = ?1 AND certificate_id = ?2 AND batch_id IS NULL;
-- name: certificate_batch_insert
-- later
INSERT INTO certificate_batch(batch_id, size, root, at_us, key_id, signature) VALUES(?1, ?2, ?3, ?4, ?5, ?6);
-- name: certificate_batch_get
SELECT size, root, at_us, key_id, signature FROM certificate_batch WHERE batch_id = ?1;
-- name: certificate_batch_bodies
SELECT body FROM certificate WHERE batch_id = ?1 ORDER BY leaf_index;
-- name: certificate_copy_insert
INSERT INTO certificate_copy(subject_id, copy_id, certificate_id, purpose, recipient, code, created_us, expires_us, used_us) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL);
-- name: certificate_copy_claim_insert
INSERT INTO certificate_copy_claim(code, subject_id, copy_id) VALUES(?1, ?2, ?3);
-- name: certificate_copy_by_code
SELECT subject_id, copy_id FROM certificate_copy_claim WHERE code = ?1;
-- name: certificate_copy_get
SELECT certificate_id, purpose, recipient, expires_us, used_us FROM certificate_copy WHERE subject_id = ?1 AND copy_id = ?2;
-- name: certificate_copy_use
UPDATE certificate_copy SET used_us = ?3 WHERE subject_id = ?1 AND copy_id = ?2 AND used_us IS NULL AND expires_us > ?3;
-- name: certificate_copy_list
SELECT copy_id, certificate_id, purpose, recipient, created_us, expires_us, used_us FROM certificate_copy WHERE subject_id = ?1 ORDER BY copy_id DESC LIMIT ?2;
-- name: certificate_copy_end
UPDATE certificate_copy SET expires_us = ?3 WHERE subject_id = ?1 AND copy_id = ?2 AND used_us IS NULL AND expires_us > ?3;
-- name: certificate_of_case
SELECT certificate_id, identifier, type, department, state, body, issued_us, valid_until, case_id, batch_id, leaf_index, revision, why FROM certificate WHERE subject_id = ?1 AND case_id = ?2 ORDER BY certificate_id;
-- name: certificate_uses_of
SELECT certificate_id, at_us, who, purpose FROM certificate_use WHERE subject_id = ?1 AND certificate_id = ?2 ORDER BY use_id DESC LIMIT ?3;
-- name: certificate_use_insert
INSERT INTO certificate_use(subject_id, use_id, certificate_id, at_us, who, purpose) VALUES(?1, ?2, ?3, ?4, ?5, ?6);
-- name: certificate_use_list
SELECT certificate_id, at_us, who, purpose FROM certificate_use WHERE subject_id = ?1 ORDER BY use_id DESC LIMIT ?2;
-- name: certificate_pdf_put
INSERT INTO certificate_pdf(subject_id, certificate_id, state, made_us, pdf) VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(subject_id, certificate_id, state) DO NOTHING;
-- name: certificate_pdf_get
SELECT pdf FROM certificate_pdf WHERE subject_id = ?1 AND certificate_id = ?2 AND state = ?3;

-- name: staff_person_put
INSERT INTO staff_person(staff_id, subject_id, linked_us) VALUES(?1, ?2, ?3) ON CONFLICT(staff_id) DO UPDATE SET subject_id = excluded.subject_id, linked_us = excluded.linked_us;
-- name: staff_person_drop
DELETE FROM staff_person WHERE staff_id = ?1;
-- name: staff_person_all
SELECT p.staff_id, p.subject_id, s.name, s.id_number, s.address, s.region_path FROM staff_person p JOIN subject s ON s.subject_id = p.subject_id ORDER BY p.staff_id;
-- name: subject_by_name
SELECT subject_id, id_number FROM subject WHERE name = ?1 AND kind = 1 ORDER BY subject_id;
-- name: staff_free
SELECT s.staff_id, s.role, s.name FROM staff s WHERE s.department = ?1 AND NOT EXISTS (SELECT 1 FROM account a WHERE a.person = s.staff_id AND a.locked_until_us > ?2) ORDER BY s.name;
-- name: case_alarm_put
-- One that is open stays as it is.
INSERT INTO case_alarm(case_id, kind, unit, why, created_us, closed_us) VALUES(?1, ?2, ?3, ?4, ?5, 0) ON CONFLICT(case_id, kind) DO UPDATE SET unit = excluded.unit, why = excluded.why, created_us = excluded.created_us, closed_us = 0 WHERE case_alarm.closed_us <> 0;
-- name: case_alarm_close
UPDATE case_alarm SET closed_us = ?3 WHERE case_id = ?1 AND kind = ?2 AND closed_us = 0;
-- name: case_alarm_list
SELECT a.case_id, a.kind, a.why, a.created_us, c.state FROM case_alarm a JOIN casefile c ON c.case_id = a.case_id WHERE a.unit = ?1 AND a.closed_us = 0 ORDER BY a.created_us, a.case_id LIMIT ?2;
-- name: protected_put
INSERT INTO protected_person(subject_id, unit, basis, since_us, until_us, by_name) VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT(subject_id) DO UPDATE SET unit = excluded.unit, basis = excluded.basis, since_us = excluded.since_us, until_us = excluded.until_us, by_name = excluded.by_name;
-- name: protected_end
UPDATE protected_person SET until_us = ?3 WHERE subject_id = ?1 AND unit = ?2 AND until_us > ?3;
-- name: protected_all
SELECT p.subject_id, p.unit, p.basis, p.since_us, p.until_us, p.by_name, s.name, s.id_number, s.phone, s.address, s.region_path FROM protected_person p JOIN subject s ON s.subject_id = p.subject_id ORDER BY p.subject_id;
-- name: agent_filing_put
-- later
INSERT INTO agent_filing(agent, at_us, case_id, subject_id) VALUES(?1, ?2, ?3, ?4);
-- name: agent_filing_since
SELECT COUNT(*), MIN(at_us) FROM agent_filing WHERE agent = ?1 AND at_us > ?2;
-- name: agent_principals
SELECT COUNT(*) FROM delegation WHERE agent = ?1 AND from_us <= ?2 AND to_us > ?2 AND scope <> 'guardian';
-- name: matter_project_put
-- later
INSERT INTO matter_project(subject_id, matter_id, project, case_id) VALUES(?1, ?2, ?3, ?4);
-- name: matter_project_open
SELECT p.case_id FROM matter_project p JOIN matter_case m ON m.case_id = p.case_id WHERE p.subject_id = ?1 AND p.matter_id = ?2 AND p.project = ?3 AND m.outcome = 'open' ORDER BY p.case_id;

-- name: subject_insert
INSERT INTO subject(subject_id, kind, name, id_number, phone, address, region_path) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7);
-- name: subject_get
SELECT kind, name, id_number, phone, address, region_path FROM subject WHERE subject_id = ?1;
-- name: subject_count
SELECT kind, COUNT(*) FROM subject GROUP BY kind ORDER BY kind;
-- name: delegation_insert
INSERT INTO delegation(enterprise, agent, scope, from_us, to_us) VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(enterprise, agent) DO UPDATE SET scope = excluded.scope, from_us = excluded.from_us, to_us = excluded.to_us;
-- name: delegation_of_agent
SELECT d.enterprise, s.name, d.scope, d.from_us, d.to_us, s.kind FROM delegation d JOIN subject s ON s.subject_id = d.enterprise WHERE d.agent = ?1 AND d.from_us <= ?2 AND d.to_us > ?2 ORDER BY s.name;
-- name: delegation_get
SELECT scope FROM delegation WHERE enterprise = ?1 AND agent = ?2 AND from_us <= ?3 AND to_us > ?3;
-- name: staff_insert
INSERT INTO staff(staff_id, role, name, department, region_path) VALUES(?1, ?2, ?3, ?4, ?5);
-- name: staff_get
SELECT role, name, department, region_path FROM staff WHERE staff_id = ?1;
-- name: staff_of_department
SELECT staff_id, role, name FROM staff WHERE department = ?1 ORDER BY name;
-- name: account_insert
INSERT INTO account(login, kind, person, password, totp_secret, demo, failures, locked_until_us, totp_last) VALUES(?1, ?2, ?3, ?4, ?5, ?6, 0, 0, 0);
-- name: staff_move
UPDATE staff SET department = ?2, region_path = ?3 WHERE staff_id = ?1;
-- name: staff_in_office
SELECT s.role, s.department, (SELECT COUNT(*) FROM account a WHERE a.person = s.staff_id AND a.locked_until_us > ?2) FROM staff s WHERE s.staff_id = ?1;
-- name: account_get
SELECT kind, person, password, totp_secret, demo, failures, locked_until_us, totp_last FROM account WHERE login = ?1;
-- name: account_failed
UPDATE account SET failures = ?2, locked_until_us = ?3 WHERE login = ?1;
-- name: account_succeeded
UPDATE account SET failures = 0, locked_until_us = 0, totp_last = ?2 WHERE login = ?1;
-- name: session_insert
INSERT INTO session(token_hash, login, acts_for, created_us, seen_us, expires_us) VALUES(?1, ?2, ?3, ?4, ?4, ?5);
-- name: session_get
SELECT s.login, s.acts_for, s.expires_us, a.kind, a.person, a.demo, COALESCE(f.role, 0), COALESCE(f.name, p.name, ''), COALESCE(f.department, ''), COALESCE(f.region_path, p.region_path, '') FROM session s JOIN account a ON a.login = s.login LEFT JOIN staff f ON a.kind = 2 AND f.staff_id = a.person LEFT JOIN subject p ON a.kind = 1 AND p.subject_id = a.person WHERE s.token_hash = ?1;
-- name: session_delete
DELETE FROM session WHERE token_hash = ?1;
-- name: session_act_for
UPDATE session SET acts_for = ?2 WHERE token_hash = ?1;
-- name: session_sweep
DELETE FROM session WHERE expires_us < ?1;
-- name: access_insert
-- later
INSERT INTO access_log(subject_id, at_us, access_id, actor, actor_name, department, purpose, case_id) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8);
-- name: access_list
SELECT at_us, actor_name, department, purpose, case_id FROM access_log WHERE subject_id = ?1 ORDER BY at_us DESC LIMIT ?2;
-- name: file_insert
INSERT INTO file(hash, size, media_type, created_us) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(hash) DO NOTHING;
-- name: file_get
SELECT size, media_type FROM file WHERE hash = ?1;
-- name: file_owner_insert
INSERT INTO file_owner(owner, hash, name, at_us) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(owner, hash) DO NOTHING;
-- name: file_owned
SELECT name FROM file_owner WHERE owner = ?1 AND hash = ?2;
-- name: case_file_put
INSERT INTO case_file(hash, case_id) VALUES(?1, ?2) ON CONFLICT(hash, case_id) DO NOTHING;
-- name: case_file_drop
DELETE FROM case_file WHERE hash = ?1 AND case_id = ?2;
-- A form that its owner has begun may name it, or an application that waits for the others who apply.
-- name: file_unused
SELECT f.hash FROM file f WHERE f.created_us < ?1 AND NOT EXISTS (SELECT 1 FROM case_file c WHERE c.hash = f.hash)
 AND NOT EXISTS (SELECT 1 FROM file_owner o JOIN draft d ON d.owner = o.owner WHERE o.hash = f.hash)
 AND NOT EXISTS (SELECT 1 FROM file_owner o JOIN joint_application j ON j.actor = o.owner WHERE o.hash = f.hash AND j.state = 1 AND j.expires_us > ?1) LIMIT 500;
-- name: file_drop
DELETE FROM file WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM case_file c WHERE c.hash = file.hash);
-- name: file_owner_drop
DELETE FROM file_owner WHERE hash = ?1 AND NOT EXISTS (SELECT 1 FROM file f WHERE f.hash = file_owner.hash);
-- name: release_put
INSERT INTO pack_release(hash, pack_id, version, files, at_us) VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(hash) DO NOTHING;
-- name: release_files
SELECT files FROM pack_release WHERE hash = ?1;
-- name: release_unlisted
SELECT r.hash FROM pack_release r WHERE NOT EXISTS (SELECT 1 FROM definition d WHERE d.pack_release = r.hash) ORDER BY r.at_us;
-- name: release_newest
SELECT hash FROM pack_release ORDER BY at_us DESC LIMIT 1;
-- name: definition_put
INSERT INTO definition(hash, pack_release) VALUES(?1, ?2) ON CONFLICT(hash) DO NOTHING;
-- name: definition_list
SELECT hash, pack_release FROM definition;

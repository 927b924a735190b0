-- name: control_savepoint
SAVEPOINT command;
-- name: control_release
RELEASE SAVEPOINT command;
-- name: control_rollback
ROLLBACK TO SAVEPOINT command;
-- name: migration_list
SELECT name, checksum FROM migration ORDER BY name;
-- name: migration_insert
INSERT INTO migration(name, checksum, applied_us) VALUES(?1, ?2, ?3);
-- name: setting_get
SELECT value FROM setting WHERE name = ?1;
-- name: epoch_hold
SELECT value FROM setting WHERE name = 'writer_epoch';
-- postgres:
SELECT value FROM setting WHERE name = 'writer_epoch' FOR SHARE;
-- name: setting_put
INSERT INTO setting(name, value) VALUES(?1, ?2) ON CONFLICT(name) DO UPDATE SET value = excluded.value;
-- name: setting_put_new
INSERT INTO setting(name, value) VALUES(?1, ?2) ON CONFLICT(name) DO NOTHING;

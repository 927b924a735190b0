-- name: tile_get
SELECT hashes FROM evidence_tile WHERE level = ?1 AND tile = ?2;
-- name: tile_put
INSERT INTO evidence_tile(level, tile, hashes) VALUES(?1, ?2, ?3) ON CONFLICT(level, tile) DO UPDATE SET hashes = excluded.hashes;
-- name: root_insert
INSERT INTO evidence_root(size, root, at_us, key_id, signature) VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT(size) DO NOTHING;
-- name: root_latest
SELECT size, root, at_us, key_id, signature FROM evidence_root ORDER BY size DESC LIMIT 1;
-- name: root_at_or_after
SELECT size, root, at_us, key_id, signature FROM evidence_root WHERE size >= ?1 ORDER BY size LIMIT 1;
-- name: root_list
SELECT size, root, at_us, key_id, signature FROM evidence_root WHERE size > ?1 ORDER BY size LIMIT ?2;

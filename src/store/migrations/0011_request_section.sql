-- The second dispatch, inside a unit: the section that has a request, and who stands in which section.
ALTER TABLE request ADD COLUMN section TEXT NOT NULL DEFAULT '';
CREATE TABLE unit_member(unit TEXT NOT NULL, staff_id ID NOT NULL, section TEXT NOT NULL, head INTEGER NOT NULL, since_us BIGINT NOT NULL, by_name TEXT NOT NULL, PRIMARY KEY(unit, staff_id)) {table};

-- What a supervision was closed on: files by their hash, divided by blanks, brought by somebody else than who handled it.
ALTER TABLE request_supervision ADD COLUMN files TEXT NOT NULL DEFAULT '';

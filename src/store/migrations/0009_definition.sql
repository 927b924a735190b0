-- In which stored release a case type of that hash stands, so that an older one is read and compiled only when a case asks for it.
CREATE TABLE definition(hash TEXT NOT NULL, pack_release TEXT NOT NULL, PRIMARY KEY(hash)) {table};

-- Which cases name an upload. Those that none names are swept after a day; an erasure by law takes its attachments with it.
CREATE TABLE case_file(hash BYTES NOT NULL, case_id ID NOT NULL, PRIMARY KEY(hash, case_id)) {table};
CREATE INDEX case_file_case ON case_file(case_id);

-- In which stored release a case type of that hash stands, so that an older one is read and compiled only when a case asks for it.
CREATE TABLE definition(hash TEXT NOT NULL, pack_release TEXT NOT NULL, PRIMARY KEY(hash)) {table};

-- Citizens' requests: what a request is beside its case. Instants are 0 until they happen.
CREATE TABLE request(case_id ID NOT NULL, category TEXT NOT NULL, lead TEXT NOT NULL, unit TEXT NOT NULL, desk TEXT NOT NULL, region TEXT NOT NULL, place TEXT NOT NULL, channel TEXT NOT NULL, stage INTEGER NOT NULL, flags INTEGER NOT NULL, sealed TEXT NOT NULL, about_unit TEXT NOT NULL, confidence INTEGER NOT NULL, words TEXT NOT NULL, received_us BIGINT NOT NULL, dispatched_us BIGINT NOT NULL, returned_us BIGINT NOT NULL, contacted_us BIGINT NOT NULL, contact_due_us BIGINT NOT NULL, due_us BIGINT NOT NULL, replied_us BIGINT NOT NULL, closed_us BIGINT NOT NULL, rated_us BIGINT NOT NULL, redone_us BIGINT NOT NULL, supervised_us BIGINT NOT NULL, excluded_us BIGINT NOT NULL, grade INTEGER NOT NULL, solved INTEGER NOT NULL, returns INTEGER NOT NULL, extensions INTEGER NOT NULL, followers INTEGER NOT NULL, master ID, city_number TEXT NOT NULL, city_due_us BIGINT NOT NULL, taken_by TEXT NOT NULL, PRIMARY KEY(case_id));
CREATE INDEX request_stage ON request(unit, stage, due_us);
CREATE INDEX request_received ON request(received_us);
CREATE INDEX request_category ON request(category, received_us);

-- Who asked to be told as well, instead of telling the same again.
CREATE TABLE request_follower(case_id ID NOT NULL, subject_id ID NOT NULL, at_us BIGINT NOT NULL, PRIMARY KEY(case_id, subject_id)) {table};

-- Leaving a request out of the figures: asked for with a reason, approved by another; both stay readable.
CREATE TABLE request_exclusion(case_id ID NOT NULL, reason TEXT NOT NULL, why TEXT NOT NULL, asked_by ID NOT NULL, asked_name TEXT NOT NULL, asked_us BIGINT NOT NULL, approved_by ID, approved_name TEXT NOT NULL, approved_us BIGINT NOT NULL, PRIMARY KEY(case_id)) {table};
CREATE INDEX subject_phone ON subject(phone);

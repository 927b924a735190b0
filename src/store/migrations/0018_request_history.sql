-- What stood until it changed: figures of a past day follow from what was true then, not from what came after.
CREATE TABLE request_past(case_id ID NOT NULL, until_us BIGINT NOT NULL, category TEXT NOT NULL, lead TEXT NOT NULL, unit TEXT NOT NULL, region TEXT NOT NULL, flags BIGINT NOT NULL, contact_due_us BIGINT NOT NULL, due_us BIGINT NOT NULL, replied_us BIGINT NOT NULL, closed_us BIGINT NOT NULL, rated_us BIGINT NOT NULL, grade INTEGER NOT NULL, solved INTEGER NOT NULL, PRIMARY KEY(case_id, until_us)) {table};
CREATE INDEX request_past_until ON request_past(until_us);
-- Whose it is, as the desk's supervisor has ruled: precedents of the category from then on.
CREATE TABLE request_ruling(case_id ID NOT NULL, ruled_us BIGINT NOT NULL, category TEXT NOT NULL, unit TEXT NOT NULL, ruling TEXT NOT NULL, by_name TEXT NOT NULL, PRIMARY KEY(case_id, ruled_us)) {table};
CREATE INDEX request_ruling_category ON request_ruling(category, ruled_us);
-- Calls after the answer that nobody took.
CREATE TABLE request_call(case_id ID NOT NULL, called_us BIGINT NOT NULL, by_name TEXT NOT NULL, PRIMARY KEY(case_id, called_us)) {table};
CREATE INDEX request_answered ON request(desk, replied_us) WHERE stage = 5;
-- Who called is known from the first moment, not only once it was dispatched.
UPDATE request SET teller = (SELECT c.owner FROM casefile c WHERE c.case_id = request.case_id) WHERE teller IS NULL AND (flags & 2) = 0;
CREATE INDEX claim_caller ON claim(owner) WHERE kind = 'caller';

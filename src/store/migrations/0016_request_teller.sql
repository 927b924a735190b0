-- Who told it, where that is known: whether somebody told of the same before is one look and not one at each of the last cases.
ALTER TABLE request ADD COLUMN teller ID;
UPDATE request SET teller = (SELECT c.owner FROM casefile c WHERE c.case_id = request.case_id) WHERE (flags & 2) = 0;
CREATE INDEX request_teller ON request(teller, category, received_us, case_id) WHERE teller IS NOT NULL;

-- Who takes a request apart, said before the first part is made: of two at the same moment one goes on, and after a crash the same
-- key does. A row a round; done_us is 0 until the last part is there.
CREATE TABLE request_split(case_id ID NOT NULL, key TEXT NOT NULL, at_us BIGINT NOT NULL, by_id ID NOT NULL, by_name TEXT NOT NULL, done_us BIGINT NOT NULL, PRIMARY KEY(case_id, key)) {table};
-- Amendments of the responsibility list that rulings led to: proposed by one, put in force by another, counted by day like the list
-- itself. An empty area: everywhere. State 0 proposed, 1 in force, 2 refused: never renumber.
CREATE TABLE duty_amendment(amendment_id ID NOT NULL, category TEXT NOT NULL, area TEXT NOT NULL, unit TEXT NOT NULL, from_day TEXT NOT NULL, basis TEXT NOT NULL, case_id ID NOT NULL, asked_us BIGINT NOT NULL, asked_by ID NOT NULL, asked_name TEXT NOT NULL, state INTEGER NOT NULL, decided_us BIGINT NOT NULL, decided_by ID NOT NULL, decided_name TEXT NOT NULL, why TEXT NOT NULL, PRIMARY KEY(amendment_id)) {table};
CREATE UNIQUE INDEX duty_amendment_open ON duty_amendment(category, area) WHERE state = 0;

-- Who was asked by a message how it was, once for each answer.
CREATE TABLE request_asked(case_id ID NOT NULL, replied_us BIGINT NOT NULL, asked_us BIGINT NOT NULL, PRIMARY KEY(case_id, replied_us)) {table};

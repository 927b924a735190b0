-- The PDF of a certificate as it was made and signed at the first download in a state: from then on everybody gets the same bytes.
CREATE TABLE certificate_pdf(subject_id ID NOT NULL, certificate_id ID NOT NULL, state BIGINT NOT NULL, made_us BIGINT NOT NULL, pdf BYTES NOT NULL, PRIMARY KEY(subject_id, certificate_id, state)) {table};

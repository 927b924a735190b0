-- Matters and certificates beside the cases: every table under its case, its holder or a register.
CREATE TABLE register_switch(register_id TEXT NOT NULL, mode BIGINT NOT NULL, changed_us BIGINT NOT NULL, changed_by ID NOT NULL, PRIMARY KEY(register_id)) {table};

CREATE TABLE matter_case(case_id ID NOT NULL, subject_id ID NOT NULL, matter_id TEXT NOT NULL, department TEXT NOT NULL, outcome TEXT NOT NULL, by_rules BIGINT NOT NULL, handed_over TEXT NOT NULL, corrections BIGINT NOT NULL, created_us BIGINT NOT NULL, decided_us BIGINT, PRIMARY KEY(case_id)) {table};
CREATE INDEX matter_case_counts ON matter_case(matter_id, outcome);
-- The open cases of a subject by matter.
CREATE TABLE matter_open(subject_id ID NOT NULL, matter_id TEXT NOT NULL, case_id ID NOT NULL, PRIMARY KEY(subject_id, matter_id, case_id)) {table};

-- Statutory papers of a case: one of each kind, with its number; every print is counted.
CREATE TABLE paper(case_id ID NOT NULL, kind TEXT NOT NULL, number TEXT NOT NULL, at_us BIGINT NOT NULL, revision BIGINT NOT NULL, prints BIGINT NOT NULL, PRIMARY KEY(case_id, kind)) {table};
CREATE TABLE paper_print(case_id ID NOT NULL, print_id ID NOT NULL, kind TEXT NOT NULL, at_us BIGINT NOT NULL, printed_by ID NOT NULL, name TEXT NOT NULL, PRIMARY KEY(case_id, print_id)) {table};

CREATE TABLE certificate(subject_id ID NOT NULL, certificate_id ID NOT NULL, identifier TEXT NOT NULL, type TEXT NOT NULL, department TEXT NOT NULL, state BIGINT NOT NULL, body TEXT NOT NULL, issued_us BIGINT NOT NULL, valid_until TEXT NOT NULL, case_id ID NOT NULL, batch_id ID, leaf_index BIGINT NOT NULL, revision BIGINT NOT NULL, why TEXT NOT NULL, PRIMARY KEY(subject_id, certificate_id));
CREATE INDEX certificate_unsigned ON certificate(issued_us) WHERE batch_id IS NULL;
CREATE INDEX certificate_of_batch ON certificate(batch_id, leaf_index);
-- Whose certificate an identifier is: unique across holders.
CREATE TABLE certificate_claim(identifier TEXT NOT NULL, subject_id ID NOT NULL, certificate_id ID NOT NULL, PRIMARY KEY(identifier)) {table};
CREATE TABLE certificate_batch(batch_id ID NOT NULL, size BIGINT NOT NULL, root BYTES NOT NULL, at_us BIGINT NOT NULL, key_id TEXT NOT NULL, signature BYTES NOT NULL, PRIMARY KEY(batch_id)) {table};
-- Copies for one purpose (加注件), and who has used a certificate.
CREATE TABLE certificate_copy(subject_id ID NOT NULL, copy_id ID NOT NULL, certificate_id ID NOT NULL, purpose TEXT NOT NULL, recipient TEXT NOT NULL, code TEXT NOT NULL, created_us BIGINT NOT NULL, expires_us BIGINT NOT NULL, used_us BIGINT, PRIMARY KEY(subject_id, copy_id)) {table};
CREATE TABLE certificate_copy_claim(code TEXT NOT NULL, subject_id ID NOT NULL, copy_id ID NOT NULL, PRIMARY KEY(code)) {table};
CREATE TABLE certificate_use(subject_id ID NOT NULL, use_id ID NOT NULL, certificate_id ID NOT NULL, at_us BIGINT NOT NULL, who TEXT NOT NULL, purpose TEXT NOT NULL, PRIMARY KEY(subject_id, use_id)) {table};

-- Who applies and how it goes on after the decision: joint applicants, limited quantities, checks afterwards, the counter, delivery,
-- archive, ratings, drafts of matters.

-- An application that waits until every joint applicant has confirmed; then it becomes a case and the clock starts.
CREATE TABLE joint_application(application_id ID NOT NULL PRIMARY KEY, subject_id ID NOT NULL, actor ID NOT NULL, matter_id TEXT NOT NULL, body TEXT NOT NULL, created_us BIGINT NOT NULL, expires_us BIGINT NOT NULL, state BIGINT NOT NULL, case_id ID, why TEXT NOT NULL);
CREATE INDEX joint_application_of ON joint_application(subject_id, application_id);
CREATE TABLE joint_party(application_id ID NOT NULL, subject_id ID NOT NULL, name TEXT NOT NULL, answered_us BIGINT, agrees BIGINT NOT NULL, PRIMARY KEY(application_id, subject_id)) {table};
CREATE INDEX joint_party_of ON joint_party(subject_id, application_id);

-- People are found at a counter, and joint applicants named, by their number.
CREATE INDEX subject_number ON subject(id_number);

-- A matter of limited quantity: who was accepted first is decided first (行政许可法 57).
CREATE TABLE matter_place(matter_id TEXT NOT NULL, place TEXT NOT NULL, case_id ID NOT NULL, accepted_us BIGINT NOT NULL, state BIGINT NOT NULL, PRIMARY KEY(matter_id, place, case_id)) {table};

-- Checks afterwards: one in fifty automatic approvals (U10), what was promised in place of proof, what was to follow later.
CREATE TABLE matter_check(case_id ID NOT NULL, kind TEXT NOT NULL, department TEXT NOT NULL, subject_id ID NOT NULL, matter_id TEXT NOT NULL, name TEXT NOT NULL, created_us BIGINT NOT NULL, due_us BIGINT NOT NULL, done_us BIGINT, by_id ID, by_name TEXT NOT NULL, result TEXT NOT NULL, note TEXT NOT NULL, PRIMARY KEY(case_id, kind)) {table};
CREATE INDEX matter_check_open ON matter_check(department, due_us) WHERE done_us IS NULL;

-- Ratings, one a case; and what became of the bad ones.
CREATE TABLE matter_rating(case_id ID NOT NULL PRIMARY KEY, department TEXT NOT NULL, matter_id TEXT NOT NULL, grade BIGINT NOT NULL, at_us BIGINT NOT NULL, due_us BIGINT, answered_us BIGINT, upheld BIGINT NOT NULL, appealed_us BIGINT, closed_us BIGINT) {table};

-- The counter (无差别窗口): shifts, visits, paper originals with both signatures.
CREATE TABLE counter_shift(department TEXT NOT NULL, shift_id ID NOT NULL, staff_id ID NOT NULL, name TEXT NOT NULL, window_no TEXT NOT NULL, opened_us BIGINT NOT NULL, closed_us BIGINT, handed_to ID, sheet TEXT NOT NULL, taken_us BIGINT, PRIMARY KEY(department, shift_id));
CREATE TABLE counter_visit(subject_id ID NOT NULL, visit_id ID NOT NULL, department TEXT NOT NULL, staff_id ID NOT NULL, staff_name TEXT NOT NULL, consent TEXT NOT NULL, matter_id TEXT NOT NULL, at_us BIGINT NOT NULL, ended_us BIGINT, case_id ID, outcome TEXT NOT NULL, PRIMARY KEY(subject_id, visit_id)) {table};
CREATE INDEX counter_visit_of ON counter_visit(department, staff_id, at_us);
CREATE TABLE paper_original(case_id ID NOT NULL, original_id ID NOT NULL, subject_id ID NOT NULL, name TEXT NOT NULL, handling TEXT NOT NULL, pages BIGINT NOT NULL, taken_us BIGINT NOT NULL, taken_by ID NOT NULL, taken_name TEXT NOT NULL, given_by TEXT NOT NULL, signed_us BIGINT, file TEXT NOT NULL, holder ID NOT NULL, holder_name TEXT NOT NULL, returned_us BIGINT, returned_to TEXT NOT NULL, returned_signed_us BIGINT, PRIMARY KEY(case_id, original_id)) {table};
CREATE INDEX paper_original_held ON paper_original(holder) WHERE returned_us IS NULL;

-- How a result reached the person, and where the file is.
CREATE TABLE case_delivery(case_id ID NOT NULL PRIMARY KEY, way TEXT NOT NULL, number TEXT NOT NULL, address TEXT NOT NULL, sent_us BIGINT NOT NULL, sent_name TEXT NOT NULL, delivered_us BIGINT, receiver TEXT NOT NULL) {table};
CREATE TABLE case_archive(case_id ID NOT NULL PRIMARY KEY, department TEXT NOT NULL, state TEXT NOT NULL, retention TEXT NOT NULL, checked_us BIGINT NOT NULL, by_name TEXT NOT NULL, faults TEXT NOT NULL) {table};

-- A version of a matter on its way: drafted, reviewed by another, published with its first day.
CREATE TABLE matter_draft(matter_id TEXT NOT NULL, draft_id ID NOT NULL, department TEXT NOT NULL, author ID NOT NULL, author_name TEXT NOT NULL, body TEXT NOT NULL, first_day TEXT NOT NULL, state TEXT NOT NULL, note TEXT NOT NULL, reviewer_name TEXT NOT NULL, revision BIGINT NOT NULL, updated_us BIGINT NOT NULL, PRIMARY KEY(matter_id, draft_id));

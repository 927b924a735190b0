-- What hangs out before a decision (公示): masked when it was put up, down at its date or when the case left the step.
CREATE TABLE public_notice(notice_id ID NOT NULL PRIMARY KEY, case_id ID NOT NULL, unit TEXT NOT NULL, body TEXT NOT NULL, up_us BIGINT NOT NULL, until_us BIGINT NOT NULL, down_us BIGINT NOT NULL) {table};
CREATE INDEX public_notice_case ON public_notice(case_id, up_us);
CREATE INDEX public_notice_standing ON public_notice(up_us, notice_id) WHERE down_us = 0;
-- Who objected, once each; told to the unit that decides, never to the applicant.
CREATE TABLE notice_objection(notice_id ID NOT NULL, subject_id ID NOT NULL, at_us BIGINT NOT NULL, words TEXT NOT NULL, PRIMARY KEY(notice_id, subject_id)) {table};

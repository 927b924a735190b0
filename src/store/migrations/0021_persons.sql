-- The citizen whom a staff account belongs to: an identity fact, from which it follows whose cases that official keeps out of.
CREATE TABLE staff_person(staff_id ID NOT NULL PRIMARY KEY, subject_id ID NOT NULL, linked_us BIGINT NOT NULL) {table};
CREATE INDEX subject_name ON subject(name);
-- What the head of a unit is alarmed of: nobody is left who may handle a case, a client says that an agency filed without him.
CREATE TABLE case_alarm(case_id ID NOT NULL, kind TEXT NOT NULL, unit TEXT NOT NULL, why TEXT NOT NULL, created_us BIGINT NOT NULL, closed_us BIGINT NOT NULL, PRIMARY KEY(case_id, kind)) {table};
CREATE INDEX case_alarm_open ON case_alarm(unit, created_us) WHERE closed_us = 0;
-- Persons whose address, telephone and workplace nobody but the unit that protects them sees.
CREATE TABLE protected_person(subject_id ID NOT NULL PRIMARY KEY, unit TEXT NOT NULL, basis TEXT NOT NULL, since_us BIGINT NOT NULL, until_us BIGINT NOT NULL, by_name TEXT NOT NULL);
-- What each agent files: an agency files only so much within a time.
CREATE TABLE agent_filing(agent ID NOT NULL, at_us BIGINT NOT NULL, case_id ID NOT NULL, subject_id ID NOT NULL, PRIMARY KEY(agent, at_us, case_id)) {table};
-- Which project an application is about: one application at a time for each.
CREATE TABLE matter_project(subject_id ID NOT NULL, matter_id TEXT NOT NULL, project TEXT NOT NULL, case_id ID NOT NULL, PRIMARY KEY(subject_id, matter_id, project, case_id)) {table};

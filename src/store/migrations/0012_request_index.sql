-- Written with each request although hardly any has them: who holds it, and what it waits for.
DROP INDEX request_owner;
CREATE INDEX request_owner ON request(owner, stage) WHERE owner <> '';
DROP INDEX request_master;
CREATE INDEX request_master ON request(master) WHERE master IS NOT NULL;

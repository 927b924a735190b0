-- Whom somebody may act for is asked with every request.
CREATE INDEX delegation_agent ON delegation(agent);

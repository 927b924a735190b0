-- What belongs to a form that was begun and is none of its fields: the answers about the situation, what is promised for later, and the
-- page that was open.
ALTER TABLE draft ADD COLUMN more TEXT NOT NULL DEFAULT '{}';

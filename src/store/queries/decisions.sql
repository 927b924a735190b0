-- name: decision_list
SELECT c.case_id, c.state, e.revision, e.body FROM casefile c JOIN event e ON e.aggregate = c.case_id WHERE c.case_type = ?1 AND c.case_id >= ?2 AND (c.case_id > ?2 OR e.revision > ?3) AND e.type = 'case.decided' AND e.body IS NOT NULL ORDER BY c.case_id, e.revision LIMIT ?4;

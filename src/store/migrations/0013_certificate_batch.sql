-- A certificate stands in this index from its signature on; what is not signed yet stands in certificate_unsigned.
DROP INDEX certificate_of_batch;
CREATE INDEX certificate_of_batch ON certificate(batch_id, leaf_index) WHERE batch_id IS NOT NULL;

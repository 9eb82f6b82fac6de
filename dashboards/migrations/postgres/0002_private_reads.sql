-- What was read belongs to the datasource that read it; older data is shared by a kind and goes.
DELETE FROM blobs WHERE substr(scope, 1, 5) = 'kind-';
DELETE FROM leases WHERE substr(scope, 1, 5) = 'kind-';

-- When it was last read with the present settings and secrets.
ALTER TABLE datasources ADD COLUMN read_at BIGINT;

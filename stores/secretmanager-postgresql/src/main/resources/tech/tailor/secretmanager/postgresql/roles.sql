-- Two roles, and the workspaces of their members kept apart by the server. For psql, as the owner of the tables.
-- Can be run again. Then, for each role that an application logs in with:
--   GRANT secretmanager_writer TO app_role;
--   INSERT INTO secretmanager.member (role_name, workspace) VALUES ('app_role', 'orders');

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'secretmanager_reader') THEN
    CREATE ROLE secretmanager_reader NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'secretmanager_writer') THEN
    CREATE ROLE secretmanager_writer NOLOGIN;
  END IF;
END $$;

GRANT secretmanager_reader TO secretmanager_writer;
GRANT USAGE ON SCHEMA secretmanager TO secretmanager_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA secretmanager TO secretmanager_reader;

GRANT INSERT, UPDATE ON secretmanager.store TO secretmanager_writer;
GRANT INSERT, UPDATE, DELETE ON secretmanager.data_key, secretmanager.vault, secretmanager.secret,
  secretmanager.secret_version TO secretmanager_writer;
GRANT INSERT ON secretmanager.change TO secretmanager_writer;

-- By role, not by a setting: any statement can change a setting. Asked once for each statement, not for each row.
CREATE OR REPLACE FUNCTION secretmanager.my_workspaces() RETURNS SETOF text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT m.workspace FROM secretmanager.member m JOIN pg_catalog.pg_roles r ON r.rolname = m.role_name
    WHERE pg_has_role(session_user, r.oid, 'MEMBER')
  $$;

CREATE OR REPLACE FUNCTION secretmanager.my_stores() RETURNS SETOF bytea
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT s.store_id FROM secretmanager.store s WHERE s.workspace IN (SELECT secretmanager.my_workspaces())
  $$;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['data_key', 'vault', 'secret', 'secret_version', 'change'] LOOP
    EXECUTE format('ALTER TABLE secretmanager.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('DROP POLICY IF EXISTS by_member ON secretmanager.%I', t);
    EXECUTE format('CREATE POLICY by_member ON secretmanager.%I'
      ' USING (store_id = ANY (ARRAY(SELECT secretmanager.my_stores())))'
      ' WITH CHECK (store_id = ANY (ARRAY(SELECT secretmanager.my_stores())))', t);
  END LOOP;
END $$;

ALTER TABLE secretmanager.store ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS by_member ON secretmanager.store;
CREATE POLICY by_member ON secretmanager.store
  USING (workspace = ANY (ARRAY(SELECT secretmanager.my_workspaces())))
  WITH CHECK (workspace = ANY (ARRAY(SELECT secretmanager.my_workspaces())));

ALTER TABLE secretmanager.member ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS own ON secretmanager.member;
CREATE POLICY own ON secretmanager.member FOR SELECT
  USING (workspace = ANY (ARRAY(SELECT secretmanager.my_workspaces())));

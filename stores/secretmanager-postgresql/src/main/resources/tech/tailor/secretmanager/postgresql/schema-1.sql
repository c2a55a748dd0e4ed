-- Version 1 of the schema. PostgresSchema.createOrUpgrade runs it in one transaction.
-- Values are encrypted by the application; everything else is readable here, and under a seal.

CREATE TABLE secretmanager.store (
  store_id    bytea PRIMARY KEY,
  workspace   text COLLATE "C" NOT NULL UNIQUE,
  generation  bigint NOT NULL,          -- counts the commits, without gaps
  commit_id   bytea NOT NULL,           -- drawn for each commit
  epoch       bigint NOT NULL,          -- counts the rewinds that were accepted
  key_id      bigint NOT NULL,          -- the data key of this row's seal
  keys_digest bytea NOT NULL,           -- SHA-256 over the rows of data_key
  content_sum bytea NOT NULL,           -- over all records, encrypted
  trail       bytea NOT NULL,           -- SHA-256 over the whole trail, commit by commit
  seal        bytea NOT NULL
);

CREATE TABLE secretmanager.data_key (
  store_id       bytea NOT NULL REFERENCES secretmanager.store,
  key_id         bigint NOT NULL,
  kind           text NOT NULL CHECK (kind IN ('key', 'passphrase', 'kms')),
  kdf_iterations integer,
  kdf_salt       bytea,
  kms_key        text,
  master_key     bytea NOT NULL,        -- the fingerprint of the master key
  wrapped        bytea NOT NULL,
  PRIMARY KEY (store_id, key_id)
);

CREATE TABLE secretmanager.vault (
  store_id   bytea NOT NULL REFERENCES secretmanager.store,
  name       text COLLATE "C" NOT NULL,
  vault_id   bytea NOT NULL,
  generation bigint NOT NULL,
  body       text NOT NULL,             -- JSON
  key_id     bigint NOT NULL,
  seal       bytea NOT NULL,
  PRIMARY KEY (store_id, name)
);

CREATE TABLE secretmanager.secret (
  store_id        bytea NOT NULL,
  vault           text COLLATE "C" NOT NULL,
  name            text COLLATE "C" NOT NULL,
  secret_id       bytea NOT NULL,
  current_version bigint NOT NULL,
  generation      bigint NOT NULL,
  body            text NOT NULL,        -- JSON
  key_id          bigint NOT NULL,
  seal            bytea NOT NULL,
  PRIMARY KEY (store_id, vault, name),
  FOREIGN KEY (store_id, vault) REFERENCES secretmanager.vault
);

CREATE TABLE secretmanager.secret_version (
  store_id   bytea NOT NULL REFERENCES secretmanager.store,
  secret_id  bytea NOT NULL,
  version    bigint NOT NULL,
  ciphertext bytea NOT NULL,
  PRIMARY KEY (store_id, secret_id, version)
);

-- A ciphertext can't be compressed: it goes out of line as it is.
ALTER TABLE secretmanager.secret_version ALTER COLUMN ciphertext SET STORAGE EXTERNAL;

CREATE TABLE secretmanager.change (
  store_id   bytea NOT NULL REFERENCES secretmanager.store,
  generation bigint NOT NULL,
  seq        integer NOT NULL,          -- from 0
  commit_id  bytea NOT NULL,
  size       integer NOT NULL,          -- how many changes the commit made
  vault      text COLLATE "C",
  name       text COLLATE "C",
  what       text NOT NULL,
  version    bigint,
  actor      text NOT NULL,
  at         timestamptz NOT NULL,
  key_id     bigint NOT NULL,
  seal       bytea NOT NULL,
  db_user    name NOT NULL DEFAULT session_user,       -- these two are the server's, not sealed
  db_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (store_id, generation, seq)
);

-- Which role may use which workspace; the script of roles makes the policies that read it.
CREATE TABLE secretmanager.member (
  role_name name NOT NULL,
  workspace text COLLATE "C" NOT NULL,
  PRIMARY KEY (role_name, workspace)
);

-- For operators.
CREATE VIEW secretmanager.secrets WITH (security_invoker = true) AS
  SELECT st.workspace, s.vault, s.name, s.current_version,
         s.body::jsonb ->> 'description' AS description,
         s.body::jsonb -> 'labels' AS labels,
         to_timestamp((s.body::jsonb ->> 'created')::double precision / 1000) AS created,
         s.generation
  FROM secretmanager.secret s JOIN secretmanager.store st USING (store_id);

CREATE VIEW secretmanager.changes WITH (security_invoker = true) AS
  SELECT st.workspace, c.generation, c.seq, c.at, c.actor, c.what, c.vault, c.name, c.version, c.db_user, c.db_at
  FROM secretmanager.change c JOIN secretmanager.store st USING (store_id);

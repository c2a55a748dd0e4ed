#!/usr/bin/env bash
# An operator's day with a store in a file. Argument: the launcher of secretmanager-cli.
set -euo pipefail
secretmanager() { "$launcher" "$@"; }
launcher=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TAILOR_SECRETMANAGER_URL=file:$work/store TAILOR_SECRETMANAGER_KEY_FILE=$work/master.key

# A store, and the secrets of an application that kept them in a .env file.
secretmanager init
printf 'DB_USER=orders\nDB_PASSWORD="first password"\n' > "$work/.env"
secretmanager import "$work/.env" -V orders --create-vault --dry-run
secretmanager import "$work/.env" -V orders --create-vault

# A rotation that has to be taken back.
echo 'second password' | secretmanager put orders/db-password
secretmanager versions orders/db-password
secretmanager rollback orders/db-password --version 1

# The application gets its secrets, and nothing of them reaches its log.
secretmanager run --vault orders -- sh -c 'echo "$DB_USER logs in with $DB_PASSWORD"' > "$work/log"
grep -q '\*\*\* logs in with \*\*\*' "$work/log"

# What the application needs, declared.
cat > "$work/secrets.yaml" <<'YAML'
owner: orders
vaults:
  orders-web:
    session-key: {description: Signs sessions, source: "random:32"}
YAML
secretmanager plan "$work/secrets.yaml" --exit-code || test $? = 2
secretmanager apply "$work/secrets.yaml"
secretmanager check "$work/secrets.yaml"

# Backup, another master key, and which key file belongs to the store now.
secretmanager backup "$work/backup.json"
secretmanager key rotate --new-key-file "$work/next.key"
secretmanager key fingerprint "$work/master.key" "$work/next.key" --key-file "$work/next.key"
secretmanager verify --key-file "$work/next.key"

# The key is lost, and the recovery key that was made in time gives the store another one.
secretmanager key add-recovery "$work/recovery.key" --key-file "$work/next.key"
rm "$work/next.key"
secretmanager key rotate --key-file "$work/recovery.key" --new-key-file "$work/third.key"
secretmanager verify --key-file "$work/third.key"
echo "day ok"

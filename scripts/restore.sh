#!/usr/bin/env bash
# scripts/restore.sh FILE: restores a backup of scripts/backup.sh into a database that holds nothing, before a service is
# started on it: the empty one of DATABASE_URL, or without it a DATA_DIR (.data) without an embedded database.
set -euo pipefail
umask 077

file=${1:?usage: scripts/restore.sh FILE}
fail() {
  echo "$1" >&2
  exit 1
}
[ -r "$file" ] || fail "$file cannot be read."

if [ -n "${DATABASE_URL:-}" ]; then
  PGPASSWORD=$(node -p 'decodeURIComponent(new URL(process.env.DATABASE_URL).password) || process.env.PGPASSWORD || ""')
  url=$(node -p 'const url = new URL(process.env.DATABASE_URL); url.password = ""; url.href')
  export PGPASSWORD
  tables=$(psql --no-psqlrc --tuples-only --no-align --dbname="$url" \
    --command="SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
  [ "$tables" = 0 ] || fail 'The database holds tables already.'
  # All of it or nothing.
  pg_restore --exit-on-error --single-transaction --no-owner --no-privileges --dbname="$url" "$file"
else
  data=${DATA_DIR:-.data}/postgres
  [ ! -e "$data" ] || fail "There is an embedded database in ${DATA_DIR:-.data} already."
  mkdir -p "${DATA_DIR:-.data}"
  part=$(mktemp -d "$data.XXXXXX")
  trap 'rm -rf "$part"' EXIT
  tar --extract --gzip --same-permissions --file="$file" --directory="$part"
  mv "$part" "$data"
fi
echo "Restored $file."

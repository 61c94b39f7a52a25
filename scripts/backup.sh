#!/usr/bin/env bash
# scripts/backup.sh FILE: writes a backup of the service's database to FILE, which must not exist yet.
#
# With DATABASE_URL: by pg_dump, while the service runs. Without: a copy of the embedded database in DATA_DIR (.data),
# which must be stopped. docs/backup.md says more.
set -euo pipefail
umask 077

file=${1:?usage: scripts/backup.sh FILE}
fail() {
  echo "$1" >&2
  exit 1
}
[ ! -e "$file" ] || fail "$file exists."
part=$(mktemp "$file.XXXXXX")
trap 'rm -f "$part"' EXIT

if [ -n "${DATABASE_URL:-}" ]; then
  # Arguments can be seen by every user of the machine: the password goes by the environment.
  PGPASSWORD=$(node -p 'decodeURIComponent(new URL(process.env.DATABASE_URL).password) || process.env.PGPASSWORD || ""')
  url=$(node -p 'const url = new URL(process.env.DATABASE_URL); url.password = ""; url.href')
  export PGPASSWORD
  pg_dump --format=custom --no-owner --no-privileges --file="$part" --dbname="$url"
else
  data=${DATA_DIR:-.data}/postgres
  [ -d "$data/cluster" ] || fail "There is no embedded database in ${DATA_DIR:-.data}."
  [ ! -e "$data/cluster/postmaster.pid" ] || fail 'The embedded database runs, or was killed: start and stop the service.'
  tar --create --gzip --file="$part" --directory="$data" .
fi
mv "$part" "$file"
echo "Wrote $file."

#!/usr/bin/env bash
# scripts/restore.sh FILE: restores a backup of scripts/backup.sh into a database that holds nothing, before a service is
# started on it: the empty one of DATABASE_URL or DATABASE_URL_FILE, or where neither is set a DATA_DIR (.data) without an
# embedded database. docs/backup.md says more.
set -euo pipefail
umask 077
source "$(dirname "${BASH_SOURCE[0]}")/database-settings.sh"

[ $# = 1 ] && [[ $1 != -* ]] || fail 'usage: restore.sh FILE' "$BAD_USAGE"
file=$1
[ -f "$file" ] && [ -r "$file" ] || fail "$file is no file that can be read."
read_database_settings
is_dump=false
[ "$(head -c 5 "$file" | tr -d '\0')" != PGDMP ] || is_dump=true

if [ -n "$url" ]; then
  $is_dump || fail "$file is no dump of a PostgreSQL: a copy of an embedded database is restored without DATABASE_URL."
  tables=$(psql --no-psqlrc --tuples-only --no-align --dbname="$url" --command="SELECT count(*) FROM pg_class
    WHERE relkind IN ('r', 'p', 'v', 'm') AND relnamespace::regnamespace::text !~ '^(pg_|information_schema$)'")
  [ "$tables" = 0 ] || fail "There are tables in $database already."
  # All of it or nothing.
  pg_restore --exit-on-error --single-transaction --no-owner --no-privileges --dbname="$url" "$file"
else
  ! $is_dump || fail "$file is a dump of a PostgreSQL: set DATABASE_URL or DATABASE_URL_FILE to where it is to go."
  [ ! -e "$data" ] || fail "There is $database already."
  mkdir -p "$(dirname "$data")"
  part=$(mktemp -d "$data.XXXXXX")
  trap 'rm -rf "$part"' EXIT
  tar --extract --gzip --same-permissions --file="$file" --directory="$part"
  mv "$part" "$data"
fi
echo "Restored $file: $database."

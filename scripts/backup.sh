#!/usr/bin/env bash
# Writes a backup of the service's database.
#
#   scripts/backup.sh FILE                  to a file that does not exist yet
#   scripts/backup.sh --keep N DIRECTORY    to a file of that directory with the time in its name; then deletes the oldest
#                                           of such files, so that N are left
#
# The database is that of DATABASE_URL or DATABASE_URL_FILE, by pg_dump while the service runs; where neither is set, the
# embedded one of DATA_DIR (.data), which must be stopped. docs/backup.md says more.
set -euo pipefail
umask 077
source "$(dirname "${BASH_SOURCE[0]}")/database-settings.sh"

keep='' directory='' file=''
if [ "${1:-}" = --keep ]; then
  keep=${2:-} directory=${3:-}
  [ $# = 3 ] && [[ $keep =~ ^[1-9][0-9]{0,5}$ ]] ||
    fail 'usage: backup.sh --keep N DIRECTORY, of which N is a number from 1 on' "$BAD_USAGE"
  [ -d "$directory" ] && [ -w "$directory" ] || fail "$directory is no directory that can be written to."
else
  [ $# = 1 ] && [[ $1 != -* ]] || fail 'usage: backup.sh FILE, or backup.sh --keep N DIRECTORY' "$BAD_USAGE"
  file=$1
  [ ! -e "$file" ] || fail "$file exists."
fi
read_database_settings
[ -z "$directory" ] || file=$directory/execution-hooks-$(date -u +%Y%m%dT%H%M%SZ)$([ -n "$url" ] && echo .dump || echo .tar.gz)
part=$(mktemp "$file.XXXXXX")
trap 'rm -f "$part"' EXIT

if [ -n "$url" ]; then
  pg_dump --format=custom --no-owner --no-privileges --file="$part" --dbname="$url"
  # A dump that cannot be read is none.
  pg_restore --list "$part" >/dev/null
else
  [ -d "$data/cluster" ] ||
    fail "There is no such thing as $database, and neither DATABASE_URL nor DATABASE_URL_FILE is set."
  [ ! -e "$data/cluster/postmaster.pid" ] || fail 'The embedded database runs, or was killed: start and stop the service.'
  tar --create --gzip --file="$part" --directory="$data" .
fi
mv "$part" "$file"
echo "Wrote $file: $database."

[ -n "$keep" ] || exit 0
# By name, which is by time; the newest first.
shopt -s nullglob
dumps=("$directory"/execution-hooks-????????T??????Z.{dump,tar.gz})
printf '%s\n' "${dumps[@]}" | sort -r | tail -n "+$((keep + 1))" |
  while read -r old; do
    rm "$old"
    echo "Deleted $old."
  done

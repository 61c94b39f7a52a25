#!/bin/sh
# Freezes and thaws MariaDB or MySQL around a snapshot of its volume: mysql.sh freeze [seconds] | thaw
#
# A read lock lives as long as the session that took it, so freeze leaves a session behind that sleeps, and thaw ends
# that session. Should thaw never come, the lock is gone after the given seconds (60 where none are given).
#
# Credentials are those that the images of MariaDB and MySQL are started with.
set -eu

MARK=execution-hooks-freeze
DEADLINE=30

usage() {
  echo "usage: $0 freeze [seconds] | thaw" >&2
  exit 64
}

client() {
  if command -v mariadb >/dev/null 2>&1; then name=mariadb; else name=mysql; fi
  MYSQL_PWD=$(password) "$name" --user="${EXECUTION_HOOKS_USER:-root}" --batch --skip-column-names --execute="$1"
}

password() {
  for file in "${MARIADB_ROOT_PASSWORD_FILE:-}" "${MYSQL_ROOT_PASSWORD_FILE:-}"; do
    if [ -n "$file" ]; then
      cat "$file"
      return
    fi
  done
  echo "${MARIADB_ROOT_PASSWORD:-${MYSQL_ROOT_PASSWORD:-}}"
}

# The sessions that hold the lock.
holders() {
  client "SELECT id FROM information_schema.processlist
    WHERE info LIKE 'SELECT \\'$MARK\\'%' AND id <> CONNECTION_ID()"
}

freeze() {
  if [ -n "$(holders)" ]; then
    echo "the database is frozen already"
    return
  fi
  # The session outlives this script, and whoever ran it.
  trap '' HUP
  client "FLUSH TABLES WITH READ LOCK; SELECT '$MARK', SLEEP($1)" </dev/null >/dev/null 2>&1 &
  session=$!
  waited=0
  while [ -z "$(holders)" ]; do
    if [ "$waited" -ge "$DEADLINE" ]; then
      kill "$session" 2>/dev/null || true
      echo "the database did not freeze within $DEADLINE seconds" >&2
      exit 1
    fi
    waited=$((waited + 1))
    sleep 1
  done
  echo "the database is frozen for at most $1 seconds"
}

thaw() {
  for holder in $(holders); do
    client "KILL $holder"
  done
  echo "the database is thawed"
}

case "${1:-}" in
  freeze)
    seconds=${2:-60}
    case "$seconds" in *[!0-9]* | '') usage ;; esac
    freeze "$seconds"
    ;;
  thaw) thaw ;;
  *) usage ;;
esac

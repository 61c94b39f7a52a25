#!/bin/sh
# Readies PostgreSQL for a snapshot of its volume: postgresql.sh freeze | thaw
#
# A snapshot that is taken at one moment holds what a crash at that moment would leave behind, and PostgreSQL recovers
# from a crash. It needs no lock: freeze writes a checkpoint, so that little is left to recover, and thaw has nothing to
# undo. (A database whose tablespaces or write-ahead log lie on other volumes needs a hook of its own.)
#
# Credentials are those that the images of PostgreSQL are started with.
set -eu

case "${1:-}" in
  freeze)
    PGPASSWORD=${PGPASSWORD:-${POSTGRES_PASSWORD:-${POSTGRESQL_PASSWORD:-}}}
    export PGPASSWORD
    user=${POSTGRES_USER:-${POSTGRESQL_USERNAME:-postgres}}
    psql --no-password --quiet --username="$user" --dbname="${POSTGRES_DB:-${POSTGRESQL_DATABASE:-postgres}}" \
      --command=CHECKPOINT
    echo "the database has written a checkpoint"
    ;;
  thaw) echo "the database needs no thawing" ;;
  *)
    echo "usage: $0 freeze | thaw" >&2
    exit 64
    ;;
esac

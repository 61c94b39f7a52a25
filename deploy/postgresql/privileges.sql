-- What the service's own user of the database needs, where another one owns the schema and migrates. To be run as the
-- owner, in the service's database, before the first migration or at any time after it, and again after a restore:
--
--   psql --dbname=URL-OF-THE-OWNER --variable=service=hooks_service --file=deploy/postgresql/privileges.sql
--
-- `service` is the name of the user. `execution-hooks check`, as that user, says what is missing.
\set ON_ERROR_STOP on
BEGIN;
GRANT TEMPORARY ON DATABASE :"DBNAME" TO :"service";
GRANT USAGE ON SCHEMA public TO :"service";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"service";
-- Tables of later migrations.
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"service";
COMMIT;

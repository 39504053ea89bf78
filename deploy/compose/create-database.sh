#!/bin/sh
# Makes Mynah's own role and database: a superuser would be exempt from row-level security.
set -eu
psql --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --set password="$MYNAH_DB_PASSWORD" <<'SQL'
CREATE ROLE mynah LOGIN PASSWORD :'password';
CREATE DATABASE mynah OWNER mynah;
SQL

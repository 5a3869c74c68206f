#!/usr/bin/env bash
# Run by the Postgres image on its first start: the services' roles and schemas, with the passwords
# that the compose file gives. By standard input, since any user can read a command line.
set -euo pipefail
{
    printf "\\\\set upload_password '%s'\n" "$UPLOAD_DB_PASSWORD"
    printf "\\\\set analysis_password '%s'\n" "$ANALYSIS_DB_PASSWORD"
    cat /usr/local/share/snapkey/roles.sql
} | psql -X -q -v ON_ERROR_STOP=1 -U "${POSTGRES_USER:-postgres}" -d "$POSTGRES_DB"

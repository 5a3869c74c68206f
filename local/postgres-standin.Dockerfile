# A stand-in for the image postgres:15, for a daemon that cannot reach a registry (docker-lab).
# Debian's own PostgreSQL 15 behind the parts of the official image's interface that the project
# uses: POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB, PGDATA and /docker-entrypoint-initdb.d.
FROM debian:bookworm-slim

ENV PATH=/usr/lib/postgresql/15/bin:$PATH \
    PGDATA=/var/lib/postgresql/data

# The empty policy keeps Debian from making a cluster of its own at installation.
RUN mkdir -p /etc/postgresql-common \
    && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf \
    && apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql-15 \
    && rm -rf /var/lib/apt/lists/* \
    && mkdir -p "$PGDATA" /docker-entrypoint-initdb.d \
    && chown postgres:postgres "$PGDATA" && chmod 700 "$PGDATA" \
    && chmod 3777 /var/run/postgresql

COPY postgres-standin /usr/local/bin/
USER postgres
VOLUME /var/lib/postgresql/data
EXPOSE 5432
STOPSIGNAL SIGINT
ENTRYPOINT ["postgres-standin"]

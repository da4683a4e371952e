import { createSecretKey } from "node:crypto";
import type { AddressInfo } from "node:net";
import express from "express";
import jsonwebtoken from "jsonwebtoken";
import pg from "pg";
import { type FloorName, floors } from "./statements.ts";

// The floor of an answer, a separate process: plain Express, jsonwebtoken where a token is sent, and one prepared select that
// returns the bytes. Its argument is `{secret, databaseUrl}`; it sends its port to its parent.

const { secret, databaseUrl } = JSON.parse(process.argv[2] ?? "{}") as { secret: string; databaseUrl: string };
const key = createSecretKey(Buffer.from(secret));
const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
const app = express().disable("x-powered-by");

const answer =
  (nameOf: (request: express.Request) => FloorName): express.RequestHandler =>
  async (request, response) => {
    const name = nameOf(request);
    const { id = "", chapter = "" } = request.params as { id?: string; chapter?: string };
    const token = request.headers.authorization?.slice(7);
    const reader = token === undefined ? "" : String(jsonwebtoken.verify(token, key, { algorithms: ["HS256"] }).sub);
    const { sql, values } = floors[name];
    const asked = { id, reader, no: Number(chapter.slice(3)) };
    const { rows } = await pool.query({ name, text: sql, values: [...values(asked)] });
    response.type("json").send(rows[0].json);
  };

app.get(
  "/v1/shelf",
  answer(() => "shelf"),
);
app.get(
  "/v1/shelf/last-read",
  answer(() => "last read"),
);
app.get(
  "/v1/start",
  answer(() => "start"),
);
app.get(
  "/v1/reading/stats",
  answer(() => "stats"),
);
app.get(
  "/v1/reading/:id/progress",
  answer(() => "progress"),
);
app.get(
  "/v1/books/:id",
  answer(() => "book detail"),
);
app.get(
  "/v1/books/:id/chapters/:chapter",
  answer(() => "chapter"),
);
app.get(
  "/v1/categories/:id/books",
  answer(({ query }) => (query.order === "collected" ? "category page by shelves" : "category page")),
);
const server = app.listen(0, "127.0.0.1", () => process.send?.(`listens on ${(server.address() as AddressInfo).port}`));
process.on("disconnect", () => process.exit());

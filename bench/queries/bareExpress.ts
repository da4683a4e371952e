import { createSecretKey } from "node:crypto";
import type { AddressInfo } from "node:net";
import express from "express";
import jsonwebtoken from "jsonwebtoken";

// The floor of an answer: a process whose Express verifies a token, if one is sent, and answers with the JSON that it was
// given. It is told `{secret, body}` as its argument and says its port to its parent.

const { secret, body } = JSON.parse(process.argv[2] ?? "{}") as { secret: string; body: unknown };
const key = createSecretKey(Buffer.from(secret));
const app = express().disable("x-powered-by");
app.use((request, response) => {
  const token = request.headers.authorization?.slice(7);
  if (token !== undefined) jsonwebtoken.verify(token, key, { algorithms: ["HS256"] });
  response.json(body);
});
const server = app.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit());

import { randomUUID } from "node:crypto";
import { any } from "./any.ts";
import type { Request, World } from "./lines.ts";

/** A command of a random reader: a random book is put on the shelf or taken off it. */
export function shelving({ books, readers }: World): Request {
  const headers = { authorization: `Bearer ${any(readers).token}`, "idempotency-key": randomUUID() };
  return { method: Math.random() < 0.5 ? "PUT" : "DELETE", path: `/v1/shelf/${any(books)}`, headers };
}

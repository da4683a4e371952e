import { createSecretKey } from "node:crypto";
import type { NextFunction, Request, Response } from "express";
import jsonwebtoken from "jsonwebtoken";

// Common to all peers: the owner of the token, the command, the decision on a shelf, and the form of an answer.

const key = createSecretKey(Buffer.from(process.env.PEER_SECRET ?? ""));
const claims = { algorithms: ["HS256" as const], issuer: "heima-literature", audience: "heima-literature-api" };
/** All books from the start: our API asks its event store once for each. */
const books = new Set((process.env.PEER_BOOKS ?? "").split(","));
const capacity = 2_000;

export type ShelfEvent = {
  readonly type: "BookAddedToShelf" | "BookRemovedFromShelf";
  readonly data: { readonly bookId: string };
  readonly metadata: { readonly commandId: string; readonly occurredAt: string };
};
export type Command = Pick<ShelfEvent, "metadata"> & {
  readonly readerId: string;
  readonly bookId: string;
  readonly adds: boolean;
};

/** Express middleware: puts the command into `response.locals`; answers 401 and 404 itself. */
export function readCommand(request: Request, response: Response, next: NextFunction): void {
  let readerId: string;
  try {
    const claimed = jsonwebtoken.verify(request.headers.authorization?.slice(7) ?? "", key, claims);
    readerId = String(claimed.sub);
  } catch {
    response.status(401).json({ code: "token_invalid" });
    return;
  }
  const bookId = String(request.params.bookId);
  if (!books.has(bookId)) {
    response.status(404).json({ code: "book_not_found" });
    return;
  }
  const metadata = { commandId: String(request.headers["idempotency-key"]), occurredAt: new Date().toISOString() };
  response.locals.command = { readerId, bookId, adds: request.method === "PUT", metadata } satisfies Command;
  next();
}

/** The event of a command, or undefined if nothing changes. */
export function decide({ adds, bookId, metadata }: Command, shelf: ReadonlySet<string>): ShelfEvent | undefined {
  if (shelf.has(bookId) === adds) return undefined;
  if (adds && shelf.size >= capacity) throw new Error("the shelf is full");
  return { type: adds ? "BookAddedToShelf" : "BookRemovedFromShelf", data: { bookId }, metadata };
}

/** Changes the shelf, and returns it. */
export function evolve(shelf: Set<string>, { type, data }: Pick<ShelfEvent, "type" | "data">): Set<string> {
  if (type === "BookAddedToShelf") shelf.add(data.bookId);
  else shelf.delete(data.bookId);
  return shelf;
}

/** The answer in the form of our API. */
export function answerOf(revision: bigint | number, written?: { readonly type: string; readonly position?: bigint }) {
  return {
    position: written?.position === undefined ? null : String(written.position),
    revision: Number(revision),
    events: written === undefined ? [] : [written.type],
  };
}

type Listens = { listen(port: number, host: string, callback: () => void): unknown };

/** Listens on `PORT` of 127.0.0.1, and reports that to the benchmark. */
export function serve(app: Listens): void {
  const port = Number(process.env.PORT);
  app.listen(port, "127.0.0.1", () => process.send?.(`ready http://127.0.0.1:${port}`));
}

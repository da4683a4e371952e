import {
  EventStoreDBClient,
  jsonEvent,
  NO_STREAM,
  StreamNotFoundError,
  WrongExpectedVersionError,
} from "@eventstore/db-client";
import express, { type NextFunction, type Request, type Response } from "express";
import { LRUCache } from "lru-cache";
import { answerOf, type Command, decide, evolve, readCommand, type ShelfEvent, serve } from "./command.ts";

// Hand-written: Express and the official client. With PEER_CACHE a shelf is folded once and cached, else its stream is read for
// each command. Appends at the revision of the decision; after a conflict it reads and retries once, then answers 409.

type Loaded = { readonly shelf: Set<string>; revision: bigint };

const client = EventStoreDBClient.connectionString(process.env.EVENTSTORE_URL ?? "");
const cache = process.env.PEER_CACHE === "yes" ? new LRUCache<string, Loaded>({ max: 50_000 }) : undefined;

async function load(stream: string): Promise<Loaded> {
  const loaded: Loaded = { shelf: new Set(), revision: -1n };
  try {
    for await (const { event } of client.readStream<ShelfEvent>(stream)) {
      if (event === undefined) continue;
      evolve(loaded.shelf, event);
      loaded.revision = event.revision;
    }
  } catch (error) {
    if (!(error instanceof StreamNotFoundError)) throw error;
  }
  cache?.set(stream, loaded);
  return loaded;
}

async function handle(command: Command) {
  const stream = `${process.env.PEER_CATEGORY}-${command.readerId}`;
  for (let attempt = 1; ; attempt++) {
    const loaded = (attempt === 1 ? cache?.get(stream) : undefined) ?? (await load(stream));
    const event = decide(command, loaded.shelf);
    const { revision } = loaded;
    if (event === undefined) return answerOf(revision);
    try {
      const expectedRevision = revision < 0n ? NO_STREAM : revision;
      const { position } = await client.appendToStream(stream, jsonEvent(event), { expectedRevision });
      evolve(loaded.shelf, event);
      loaded.revision = revision + 1n;
      return answerOf(loaded.revision, { type: event.type, position: position?.commit ?? 0n });
    } catch (error) {
      cache?.delete(stream);
      if (!(error instanceof WrongExpectedVersionError) || attempt === 2) throw error;
    }
  }
}

const app = express().disable("x-powered-by").set("etag", false).use(express.json());
app.all("/v1/shelf/:bookId", readCommand, async (_request, response) => {
  response.json(await handle(response.locals.command as Command));
});
app.use((error: Error, _request: Request, response: Response, _next: NextFunction) => {
  response.status(error instanceof WrongExpectedVersionError ? 409 : 500).json({ code: error.message });
});
serve(app);

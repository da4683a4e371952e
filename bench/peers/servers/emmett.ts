import { createRequire } from "node:module";
import { join } from "node:path";
import type { Request, Response, Router } from "express";
import { answerOf, type Command, decide, evolve, readCommand, type ShelfEvent, serve } from "./command.ts";

// Emmett as in its documentation: a CommandHandler over EventStoreDB behind its own Express application. Its packages are not the
// project's: they are in PEER_PACKAGES, with the official client and their version of Express.

type Handled = { readonly newEvents: readonly ShelfEvent[]; readonly nextExpectedStreamVersion: bigint };
type Handle = (store: unknown, id: string, decides: (shelf: Set<string>) => readonly ShelfEvent[]) => Promise<Handled>;
type Emmett = {
  CommandHandler(options: {
    evolve: typeof evolve;
    initialState: () => Set<string>;
    mapToStreamId: (id: string) => string;
  }): Handle;
};
type EmmettExpress = {
  getApplication(options: { apis: readonly ((router: Router) => void)[] }): Parameters<typeof serve>[0];
  on(
    handle: (request: Request) => Promise<(response: Response) => void>,
  ): (request: Request, response: Response) => void;
};

const load = createRequire(join(process.env.PEER_PACKAGES ?? "", "package.json"));
const { CommandHandler } = load("@event-driven-io/emmett") as Emmett;
const { getEventStoreDBEventStore } = load("@event-driven-io/emmett-esdb");
const { getApplication, on } = load("@event-driven-io/emmett-expressjs") as EmmettExpress;
const { EventStoreDBClient } = load("@eventstore/db-client");

const eventStore = getEventStoreDBEventStore(EventStoreDBClient.connectionString(process.env.EVENTSTORE_URL));
const handle = CommandHandler({
  evolve,
  initialState: () => new Set(),
  mapToStreamId: (readerId) => `${process.env.PEER_CATEGORY}-${readerId}`,
});

const api = (router: Router) => {
  const answer = on(async ({ res }) => {
    const command = res?.locals.command as Command;
    const decided = (shelf: Set<string>) => [decide(command, shelf) ?? []].flat();
    const { newEvents, nextExpectedStreamVersion } = await handle(eventStore, command.readerId, decided);
    return (response) => void response.json(answerOf(nextExpectedStreamVersion, newEvents[0]));
  });
  router.put("/v1/shelf/:bookId", readCommand, answer);
  router.delete("/v1/shelf/:bookId", readCommand, answer);
};
serve(getApplication({ apis: [api] }));

import { EventStoreDBClient } from "@eventstore/db-client";
import type { Logger } from "../platform/logger.ts";
import { append } from "./append.ts";
import { comesFromClient } from "./clientErrors.ts";
import { OutcomeUnknown } from "./errors.ts";
import { readLogEnd } from "./logEnd.ts";
import { readLogAt, readStream } from "./read.ts";
import { startScavenge } from "./scavenge.ts";
import { subscribe } from "./subscribe.ts";
import type { EventStore } from "./types.ts";

/**
 * Connects to an EventStoreDB by its connection string (`esdb://host:2113?tls=false`; `kurrentdb://` is the same). Connects
 * lazily: it never fails for a server that is away. Call it once a process: the client's appends share one table
 * of waiting promises over all its instances, so that the error of one would reject the appends of another.
 */
export function connectEventStore(options: { url: string; logger: Logger }): EventStore {
  const { url, logger } = options;
  if (/throwOnAppendFailure=false/i.test(url)) {
    throw new Error("EVENTSTORE_URL: with throwOnAppendFailure=false the client names wrong revisions");
  }
  const open = () => EventStoreDBClient.connectionString(url.replace(/^kurrentdb/, "esdb"));
  const reader = open();
  const writer = renewableClient(open);
  const ignoreLateReplies = (thrown: unknown) => {
    if (!comesFromClient(thrown)) throw thrown;
    logger.warn({ err: thrown }, "the event store client dropped a late reply");
    writer.renew();
  };
  process.on("unhandledRejection", ignoreLateReplies);

  return {
    async append(stream, expected, events) {
      const client = await writer.current();
      try {
        return await append(client, stream, expected, events);
      } catch (error) {
        if (error instanceof OutcomeUnknown) writer.renew(client);
        throw error;
      }
    },
    readStream: (stream, range) => readStream(reader, stream, range),
    readLogAt: (position) => readLogAt(reader, position),
    readLogEnd: () => readLogEnd(reader),
    subscribe: (subscription) => subscribe(reader, subscription),
    startScavenge: () => startScavenge(reader),
    ping: async () => void (await readLogAt(reader, 0n)),
    async close() {
      await Promise.all([reader.dispose(), writer.current().then((client) => client.dispose())]);
      process.off("unhandledRejection", ignoreLateReplies);
    },
  };
}

/**
 * The client for appends. After an append without an answer it is replaced, the old one's streams being ended first:
 * its batch stream and its list of server features may be broken for good, and a reply that finds its promise
 * rejected already throws inside the client.
 */
function renewableClient(open: () => EventStoreDBClient) {
  let client: EventStoreDBClient | undefined = open();
  let next: Promise<EventStoreDBClient> = Promise.resolve(client);
  return {
    current: () => next,
    /** Replaces `failed`, by default the present one, unless that was done or has begun already. */
    renew(failed = client) {
      if (failed === undefined || failed !== client) return;
      client = undefined;
      next = failed.dispose().then(() => {
        client = open();
        return client;
      });
    },
  };
}

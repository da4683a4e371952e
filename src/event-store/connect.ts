import type { Logger } from "../platform/logger.ts";
import { type Acknowledged, findPosition } from "./acknowledged.ts";
import { appendByClient } from "./clientAppend.ts";
import { appendError } from "./clientErrors.ts";
import { clientOf } from "./clientOf.ts";
import { readAll, readLogAt, readLogEnd } from "./readAll.ts";
import { readStream } from "./readStream.ts";
import { startScavenge } from "./scavenge.ts";
import { subscribe } from "./subscribe.ts";
import { tombstone } from "./tombstone.ts";
import type { AppendRevision, EventStore, EventToAppend } from "./types.ts";
import { createBatchAppends } from "./wire/batchAppend.ts";
import { clientChannelOf } from "./wire/clientChannel.ts";
import { connectionOf } from "./wire/connection.ts";
import { hasBatchAppend } from "./wire/features.ts";
import { withinTime } from "./withinTime.ts";

/**
 * Connects to an EventStoreDB by its connection string (`esdb://host:2113?tls=false`, or `kurrentdb://`). Connects lazily: it
 * never fails because a server is down, and throws what `clientOf` throws. The connection is the official client's; appends, reads and subscriptions use our own
 * encoding on it (wire/), everything else the client.
 */
export function connectEventStore(options: { url: string; logger: Logger }): EventStore {
  const { url, logger } = options;
  const client = clientOf(url, logger);
  const connection = connectionOf(clientChannelOf(client), () => hasBatchAppend(client));
  const appends = createBatchAppends(connection);

  /** While no call is open: the server is asked how it takes appends. */
  const appendFirst = async (
    stream: string,
    expected: AppendRevision,
    events: readonly EventToAppend[],
  ): Promise<Acknowledged> => {
    const batch = await withinTime(connection.hasBatchAppend()).catch((error: unknown) => {
      throw appendError(stream, error);
    });
    return batch ? appends.append(stream, expected, events) : appendByClient(client, stream, expected, events);
  };

  return {
    async append(stream, expected, events) {
      const append = appends.isOpen() ? appends.append : appendFirst;
      const { revision, position } = await append(stream, expected, events);
      return { revision, position: position ?? (await findPosition(connection, stream, revision)) };
    },
    readStream: (stream, range) => readStream(connection, stream, range),
    readAll: (range) => readAll(connection, range),
    readLogAt: (position) => readLogAt(connection, position),
    readLogEnd: () => readLogEnd(connection),
    subscribe: (subscription) => subscribe(connection, subscription),
    tombstone: (stream, expected) => tombstone(client, stream, expected),
    startScavenge: () => startScavenge(client),
    ping: async () => void (await readLogAt(connection, 0n)),
    async close() {
      await appends.close();
      await Promise.all([connection.close(), client.dispose()]);
    },
  };
}

import { openLog } from "../../embedded/eventstore/log/log.ts";
import { parseUuid } from "../../embedded/eventstore/wire/uuid.ts";
import type { EventStore } from "../../src/event-store/types.ts";

/** Appends directly to the files of an embedded event store, which must not run: 5 times the rate of its server and client on two cores. */
export type LogFiles = Pick<EventStore, "append"> & { close(): Promise<void> };

/** Opens the log in a folder, or creates it. `append` throws unless the stream has the expected revision. */
export function openLogFiles(folder: string): LogFiles {
  const log = openLog(folder);
  return {
    async append(stream, expected, events) {
      const outcome = await log.write({
        kind: "append",
        stream,
        expected,
        events: events.map(({ id, type, data, metadata }) => ({
          id: parseUuid(id) as Buffer,
          type,
          isJson: true,
          data: Buffer.from(JSON.stringify(data)),
          customMetadata: Buffer.from(JSON.stringify(metadata)),
        })),
      });
      if (outcome.kind !== "success" || outcome.position === undefined)
        throw new Error(`${stream} was not appended to: ${outcome.kind}`);
      return { revision: outcome.revision, position: outcome.position };
    },
    close: log.close,
  };
}

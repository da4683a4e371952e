import { createHash } from "node:crypto";
import type { HeimaEvent } from "../../src/domain/events.ts";
import { allEvents } from "../../src/domain/events.ts";
import type { Category } from "../../src/domain/streams.ts";
import { InvalidPosition } from "../../src/event-store/errors.ts";
import type { EventStore, RecordedEvent } from "../../src/event-store/types.ts";

/** An event of a stream, and when the store recorded it. */
export type Logged = readonly [stream: string, event: HeimaEvent, created: string];

const noMetadata = {
  commandId: "",
  commandHash: "",
  correlationId: "",
  causationId: "",
  occurredAt: "2026-01-01T00:00:00.000Z",
};

/** A log that a test writes, with given times. There is an event every 100 positions, from 100 on. */
export function logOf(events: readonly Logged[]) {
  const log: RecordedEvent[] = [];
  const revisions = new Map<string, bigint>();
  let reads = 0;
  const append = (...more: readonly Logged[]) => {
    for (const [stream, event, created] of more) {
      const revision = (revisions.get(stream) ?? -1n) + 1n;
      revisions.set(stream, revision);
      const { version } = allEvents[event.type];
      const hash = createHash("md5").update(`${stream} ${revision}`).digest("hex");
      const id = hash.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
      // Each reading is a separate entry; a UUID of version 8.
      const entryId = `${id.slice(0, 14)}8${id.slice(15, 19)}8${id.slice(20)}`;
      log.push({
        id,
        type: event.type,
        stream,
        revision,
        position: BigInt(100 * (log.length + 1)),
        created: new Date(created),
        data: event.type === "ReadingProgressed" ? { ...event.data, entryId } : event.data,
        metadata: { ...noMetadata, schemaVersion: version },
      });
    }
  };
  append(...events);
  const store: Pick<EventStore, "readAll" | "readLogAt" | "readLogEnd"> = {
    async *readAll({ fromPosition = 0n, categories = [], signal } = {}) {
      if (fromPosition !== 0n && !log.some(({ position }) => position === fromPosition))
        throw new InvalidPosition(`no event begins at ${fromPosition}`);
      for (const event of log) {
        if (signal?.aborted) return;
        if (event.position < fromPosition) continue;
        reads++;
        if (categories.includes(event.stream.slice(0, event.stream.indexOf("-")) as Category)) yield event;
      }
    },
    readLogAt: async (at) => {
      const found = log.find(({ position }) => position >= at);
      return found && { id: found.id, position: found.position };
    },
    readLogEnd: async () => log.at(-1)?.position,
  };
  return { store, append, events: log, reads: () => reads };
}

/** The position of the event with this index. */
export const at = (index: number) => BigInt(100 * (index + 1));

export const readerIds = Array.from(
  { length: 20 },
  (_, n) => `01890a5d-ac96-774b-bcce-b302099a8${String(n).padStart(3, "0")}`,
);

export const catalogued = (bookId: string, title: string, category = "古典"): HeimaEvent => ({
  type: "BookCatalogued",
  data: {
    source: { name: "txt", id: bookId },
    title,
    author: "曹雪芹",
    intro: "",
    channel: "published",
    category,
    subCategory: null,
    status: "finished",
    words: null,
    cover: null,
  },
});

export const published = (chapters: number): HeimaEvent => ({
  type: "BookPublished",
  data: {
    edition: 1,
    digest: "a".repeat(64),
    totals: { chapters, words: 100 * chapters },
    replaces: 0,
    chaptersBefore: 0,
    changed: [{ from: 1, to: chapters }],
  },
});

export type Read = {
  readonly bookId: string;
  readonly readAt: string;
  readonly activeSeconds?: number;
  readonly chapterNo?: number;
  readonly deviceId?: string;
};

export const progressed = ({
  bookId,
  readAt,
  activeSeconds = 60,
  chapterNo = 1,
  deviceId = "phone",
}: Read): HeimaEvent => ({
  type: "ReadingProgressed",
  data: {
    entryId: "01890a5d-ac96-774b-bcce-b302099a8057",
    bookId,
    chapterId: "chapter00001",
    chapterNo,
    offset: 0,
    readAt,
    activeSeconds,
    deviceId,
  },
});

import { eventIdOf } from "../../../src/commands/eventIds.ts";
import type { SnapshotStore, StoredSnapshot } from "../../../src/commands/snapshots/snapshotStore.ts";
import { createSnapshots, type SnapshotEvent } from "../../../src/commands/snapshots/snapshots.ts";
import type { ShelfEvent } from "../../../src/domain/shelf/events.ts";
import { createCodec } from "../../../src/event-store/codec.ts";
import type { RecordedEvent } from "../../../src/event-store/types.ts";
import { createLogger } from "../../../src/platform/logger.ts";
import { shelf } from "../fixtures.ts";

export const codec = createCodec();

/** Snapshots in memory, with the rules of the table. */
export function memoryStore() {
  const rows = new Map<string, StoredSnapshot>();
  const store = {
    rows,
    puts: 0,
    async find(stream, version) {
      const row = rows.get(stream);
      return row?.version === version ? row : undefined;
    },
    async put(snapshot) {
      store.puts++;
      const kept = rows.get(snapshot.stream);
      if (kept?.version === snapshot.version && kept.revision >= snapshot.revision) return false;
      rows.set(snapshot.stream, snapshot);
      return true;
    },
    async delete(stream, of) {
      const row = rows.get(stream);
      if (of === undefined || (row?.revision === of.revision && row.eventId === of.eventId)) rows.delete(stream);
    },
  } satisfies SnapshotStore & Record<string, unknown>;
  return store;
}

/** The snapshots of a process, and what it counted. */
export function snapshotsIn(store: SnapshotStore) {
  const counted: SnapshotEvent[] = [];
  const snapshots = createSnapshots({
    store,
    logger: createLogger("test", "silent"),
    count: (event) => counted.push(event),
  });
  return { snapshots, counted };
}

/** A UUID derived from a number: the id of the command that wrote the event of that revision. */
export const commandIdOf = (revision: number) => `00000000-0000-4000-8000-${String(revision).padStart(12, "0")}`;
export const commandHashOf = (revision: number) => String(revision).padStart(64, "f");
export const bookOfRevision = (revision: number) => String(revision % 50).padStart(12, "0");

const logs = new Map<string, RecordedEvent[]>();

/**
 * A shelf's log of single-event commands: 50 books are added, removed, and added again. Another `salt` gives another log of the
 * same commands.
 */
export function longLog(length: number, salt = ""): RecordedEvent[] {
  const log = logs.get(salt) ?? [];
  logs.set(salt, log);
  while (log.length < length) log.push(eventAt(log.length, salt));
  return log.slice(0, length);
}

function eventAt(revision: number, salt: string): RecordedEvent {
  const type = Math.floor(revision / 50) % 2 === 0 ? "BookAddedToShelf" : "BookRemovedFromShelf";
  const context = { commandId: commandIdOf(revision), commandHash: commandHashOf(revision) + salt };
  const event: ShelfEvent = { type, data: { bookId: bookOfRevision(revision) } };
  const metadata = { ...context, correlationId: "r", causationId: context.commandId, occurredAt: "2026-01-01" };
  const place = { stream: shelf, revision: BigInt(revision), position: BigInt(revision * 100) };
  return { ...codec.encode(event, eventIdOf(shelf, context, 0, event.data), metadata), ...place, created: new Date(0) };
}

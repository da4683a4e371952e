import type { DomainEvent } from "../../../src/domain/event.ts";
import { partitionKeyOf } from "../../../src/domain/partitionKeys.ts";
import type { RecordedEvent } from "../../../src/event-store/types.ts";
import { applyPatiently } from "../../../src/projections/engine/apply/applyPatiently.ts";
import type { Build } from "../../../src/projections/engine/core/build.ts";
import { handles } from "../../../src/projections/engine/core/declaration.ts";
import { partitionOf } from "../../../src/projections/engine/core/partition.ts";
import { verifyBuild } from "../../../src/projections/engine/verify/verifyBuild.ts";
import { mulberry32 } from "../../support/random.ts";
import { scriptedLog } from "../engine/scripted.ts";
import { batchOf, codec, logger, quick, recorded } from "../fixtures.ts";
import type { Store } from "../store.ts";

/** A log in memory and functions that apply it to builds, like dispatcher and workers. */
export function world(store: Store) {
  const log = scriptedLog();
  let end = 0n;

  const happens = (stream: string, ...events: DomainEvent[]): readonly RecordedEvent[] => {
    const written = events.map((event) => recorded(end++, stream, event));
    for (const event of written) log.write(event);
    return written;
  };

  /** Applies missing events to a partition, at most `most` events of the log. */
  const applyTo = async (build: Build, partition: number, most = Number.POSITIVE_INFINITY) => {
    const checkpoint = (await store.store.checkpoints(build))[partition];
    if (checkpoint === undefined) throw new Error(`no partition ${partition}`);
    const due = log.events.filter(({ position }) => position > checkpoint.position).slice(0, most);
    const last = due.at(-1);
    if (last === undefined) return;
    const own = due.filter((event) => {
      const key = partitionKeyOf(build.readModel.partitionKey, event.stream, event.data);
      return (
        handles(build.readModel, event.type) && key !== undefined && partitionOf(key, build.partitions) === partition
      );
    });
    const upTo = { position: last.position, eventId: last.id };
    const batch = { ...batchOf(build, partition, checkpoint.position, own.length > 0 ? own : [last]), upTo };
    const dependencies = { store: store.store, catalog: store.catalog, codec, logger, timing: quick };
    await applyPatiently(
      dependencies,
      build,
      own.length > 0 ? batch : { ...batch, events: [] },
      AbortSignal.timeout(15_000),
    );
  };

  return {
    log,
    happens,
    applyTo,
    applyAll: async (build: Build) => {
      for (let partition = 0; partition < build.partitions; partition++) await applyTo(build, partition);
    },
    verify: (
      build: Build,
      scope: Parameters<typeof verifyBuild>[2] = { kind: "all" },
      options: Parameters<typeof verifyBuild>[3] = {},
    ) => verifyBuild({ store: store.store, eventStore: log.eventStore, codec }, build, scope, options),
  };
}
export type World = ReturnType<typeof world>;

/** Numbers from 0 up to `below`, the same for the same seed. */
export function dice(seed: number): (below: number) => number {
  const next = mulberry32(seed);
  return (below) => Math.floor(next() * below);
}

/** A change of a shelf with few books and groups, so that events collide. */
export function anyShelfEvent(roll: (below: number) => number): DomainEvent {
  const bookId = `book${roll(6)}`.padEnd(12, "0");
  const group = `group${roll(3)}`.padEnd(12, "0");
  const kinds: readonly DomainEvent[] = [
    { type: "BookAddedToShelf", data: { bookId } },
    { type: "BookAddedToShelf", data: { bookId } },
    { type: "BookRemovedFromShelf", data: { bookId } },
    { type: "ShelfBookPinned", data: { bookId } },
    { type: "ShelfBookMovedToGroup", data: { bookId, group } },
    { type: "ShelfGroupCreated", data: { group, name: `组 ${roll(9)}` } },
    { type: "ShelfGroupDeleted", data: { group, bookIds: [bookId] } },
    { type: "ShelfBooksReordered", data: { moves: [{ ids: [bookId], after: null, before: null }] } },
  ];
  return kinds[roll(kinds.length)] as DomainEvent;
}

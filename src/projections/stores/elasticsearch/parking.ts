import { type Client, inTransaction, type Pool } from "../../../platform/postgres.ts";
import type { BuildRef } from "../../engine/core/build.ts";
import type { ParkedEvent } from "../../engine/ports/readModelStore.ts";
import { lockCheckpoint } from "../postgres/checkpoints.ts";
import { leaveOut } from "../postgres/leftOut.ts";
import { markRetryBegun, parkAll, parkedEventsOf, parkedKeysOf, unpark } from "../postgres/parked.ts";

const none: ReadonlyMap<string, bigint> = new Map();

/** The parked and unparked events of a session, kept in memory until it ends, on top of what is parked in Postgres. */
export function createParking(pool: Pool, build: BuildRef, partition: number, isAnyParked: boolean) {
  const added = new Map<string, ParkedEvent[]>();
  const unparked = new Map<string, readonly ParkedEvent[]>();
  const leftOut: string[] = [];

  const before = async (): Promise<ReadonlyMap<string, bigint>> =>
    isAnyParked ? parkedKeysOf(pool, build, partition) : none;

  return {
    async keys(): Promise<ReadonlyMap<string, bigint>> {
      const keys = new Map(await before());
      for (const [key, [first]] of unparked) {
        if (first === undefined) keys.delete(key);
        else keys.set(key, first.event.position);
      }
      for (const [key, events] of added) {
        for (const { event } of events) {
          if (event.position < (keys.get(key) ?? event.position + 1n)) keys.set(key, event.position);
        }
      }
      return keys;
    },
    async events(key: string): Promise<readonly ParkedEvent[]> {
      const known = unparked.get(key) ?? (await parkedEventsOf(pool, build, partition, key));
      const events = new Map([...(added.get(key) ?? []), ...known].map((parked) => [parked.event.position, parked]));
      return [...events.values()].sort((a, b) => (a.event.position < b.event.position ? -1 : 1));
    },
    park(events: readonly ParkedEvent[]): void {
      for (const event of events) {
        const ofKey = added.get(event.key);
        if (ofKey === undefined) added.set(event.key, [event]);
        else ofKey.push(event);
      }
    },
    unpark(key: string, kept: readonly ParkedEvent[]): void {
      added.delete(key);
      unparked.set(key, kept);
    },
    leaveOut: (eventIds: readonly string[]): void => void leftOut.push(...eventIds),

    changes: () => added.size > 0 || unparked.size > 0,
    /** Before any document is written: the left-out events, and that a retry has started (rule 22). */
    async announce(writesRows: boolean): Promise<void> {
      if (leftOut.length > 0) await leaveOut(pool, build, leftOut);
      if (writesRows) for (const key of unparked.keys()) await markRetryBegun(pool, build, partition, key);
    },
    /** After the documents, before the checkpoint; resolves with the version of the partition's parked keys. */
    commit(): Promise<bigint> {
      return inTransaction(pool, async (client: Client) => {
        for (const [key, kept] of unparked) await unpark(client, build, partition, key, kept);
        await parkAll(client, build, partition, [...added.values()].flat());
        return (await lockCheckpoint(client, build, partition)).parkedVersion;
      });
    },
  };
}
export type Parking = ReturnType<typeof createParking>;

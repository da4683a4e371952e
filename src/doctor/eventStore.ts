import { randomUUID } from "node:crypto";
import { WrongExpectedRevision } from "../event-store/errors.ts";
import type { EventMetadata, EventStore } from "../event-store/types.ts";
import { type Check, type Finding, messageOf } from "./check.ts";

/** The stream to write to: in none of our categories, so that no read model receives its events; only the last event is kept. */
const stream = "doctor";
const metastream = `$$${stream}`;

const hint = "start the event store, or correct EVENTSTORE_URL (without certificates it ends in ?tls=false)";

/**
 * Checks that the log can be read and, with `write`, that it accepts an event and returns it; then reports what `lookFurther`
 * finds in the log.
 */
export function eventStoreCheck(
  eventStore: EventStore,
  address: string,
  write: boolean,
  lookFurther: () => Promise<Finding | undefined>,
): Check {
  return {
    name: "event store",
    async run(): Promise<Finding> {
      try {
        await eventStore.ping();
      } catch (error) {
        return { status: "failed", message: `${address}: ${messageOf(error)}`, hint };
      }
      try {
        if (write) await writeAndRead(eventStore);
      } catch (error) {
        const refused = "see its log and its disk, and whether EVENTSTORE_URL names the leader";
        return {
          status: "failed",
          message: `${address}, readable; a write failed: ${messageOf(error)}`,
          hint: refused,
        };
      }
      const message = `${address}, readable${write ? " and writable" : ""}`;
      const amiss = await lookFurther();
      return amiss === undefined ? { status: "ok", message } : { ...amiss, message: `${message}; ${amiss.message}` };
    },
  };
}

async function writeAndRead(eventStore: EventStore): Promise<void> {
  await ifFirst(() => eventStore.append(metastream, "no_stream", [event("$metadata", { $maxCount: 1 })]));
  const looked = event("DoctorLooked", {});
  for (let attempt = 0; ; attempt++) {
    const last = await lastRevision(eventStore);
    try {
      const { revision } = await eventStore.append(stream, last ?? "no_stream", [looked]);
      for await (const read of eventStore.readStream(stream, { fromRevision: revision, maxCount: 1 })) {
        if (read.id === looked.id || read.revision > revision) return;
      }
      throw new Error("the event that was written is not there");
    } catch (error) {
      // Another doctor ran at the same time.
      if (!(error instanceof WrongExpectedRevision) || attempt === 3) throw error;
    }
  }
}

/** Ignores that another doctor has already done it. */
async function ifFirst(work: () => Promise<unknown>): Promise<void> {
  await work().catch((error: unknown) => {
    if (!(error instanceof WrongExpectedRevision)) throw error;
  });
}

async function lastRevision(eventStore: EventStore): Promise<bigint | undefined> {
  let last: bigint | undefined;
  for await (const { revision } of eventStore.readStream(stream)) last = revision;
  return last;
}

function event(type: string, data: object): { id: string; type: string; data: object; metadata: EventMetadata } {
  const id = randomUUID();
  const names = { commandId: id, commandHash: "", correlationId: id, causationId: id };
  return { id, type, data, metadata: { ...names, schemaVersion: 1, occurredAt: new Date().toISOString() } };
}

import { BACKWARDS, END, type EventStoreDBClient } from "@eventstore/db-client";
import { readError } from "./clientErrors.ts";
import { withoutDestroying } from "./leave.ts";
import { onePosition } from "./recorded.ts";

/** See `EventStore.readLogEnd`. */
export async function readLogEnd(client: EventStoreDBClient): Promise<bigint | undefined> {
  const read = client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 });
  // The client may emit once more after the loop has ended; without a listener that would end the process.
  read.on("error", () => {});
  let end: bigint | undefined;
  try {
    for await (const { event } of withoutDestroying(read)) end = onePosition(event?.position);
  } catch (error) {
    throw readError(error);
  }
  return end;
}

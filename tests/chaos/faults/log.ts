import { randomUUID } from "node:crypto";
import { closeSync, ftruncateSync, openSync, readdirSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { EventStoreDBClient, jsonEvent } from "@eventstore/db-client";
import { commitEncoder } from "../../../embedded/eventstore/storage/format.ts";
import { scanChunk } from "../../../embedded/eventstore/storage/scan.ts";
import { sendSignal } from "../world/world.ts";
import { type FaultContext, NotAvailable, pidOf } from "./fault.ts";
import { killPart } from "./processes.ts";
import { aCallOfItsOwn } from "./shelf.ts";

/** The log's disk is full for a while, and then has free space again. In half of the cases the event store is killed meanwhile. */
export async function fullDisk({ world, random, forMs }: FaultContext): Promise<string> {
  const { disk } = world;
  if (typeof disk === "string") throw new NotAvailable(disk);
  const dies = random.next() < 0.5;
  let refused = 0;
  const client = EventStoreDBClient.connectionString(world.environment.EVENTSTORE_URL ?? "");
  try {
    if (dies) {
      // It must run to be killed; once the disk is full it may not.
      await killPart(world, "eventstore");
    }
    const until = Date.now() + forMs;
    while (Date.now() < until) {
      disk.fill();
      // The log has preallocated space; events that nobody reads use it up.
      const event = jsonEvent({ id: randomUUID(), type: "Ballast", data: { fill: "x".repeat(500_000) } });
      await client.appendToStream("ballast", event, { deadline: 2_000, ...aCallOfItsOwn }).catch(() => refused++);
      await sleep(50);
    }
  } finally {
    disk.free();
    await client.dispose();
  }
  return `the log's disk full for ${forMs / 1_000} s${dies ? ", and kill -9" : ""}; ${refused} appends refused`;
}

/**
 * The event store is killed in the middle of an unacknowledged commit: the last complete commit is followed by a part of another,
 * or nothing, or random bytes. A commit above the head was not acknowledged either, and is cut too.
 */
export async function tornTail({ world, random }: FaultContext): Promise<string> {
  if (world.foreign.includes("eventstore")) throw new NotAvailable("the files of a given event store are not ours");
  const folder = join(world.dataDir, "eventstore");
  const pid = await pidOf(world, "eventstore");
  sendSignal(pid, "SIGSTOP");
  try {
    const newest = readdirSync(folder)
      .filter((name) => name.endsWith(".chunk"))
      .sort()
      .at(-1);
    if (newest === undefined) throw new Error("the log has no chunk");
    return `torn tail: ${tear(join(folder, newest), readFileSync(join(folder, "head")).readBigUInt64BE(0), random)}`;
  } finally {
    sendSignal(pid, "SIGKILL");
  }
}

function tear(file: string, acknowledged: bigint, random: FaultContext["random"]): string {
  const fd = openSync(file, "r+");
  try {
    const { offset, sealed, nextPosition = acknowledged } = scanChunk(fd, () => {});
    if (sealed) return "the chunk was just closed, so it has none";
    const torn = commitEncoder()([Buffer.alloc(random.between(100, 3_000), "t")], nextPosition + 1n).bytes;
    const part = Buffer.from(torn.subarray(0, random.between(1, torn.length - 1)));
    switch (random.pick(["part", "noise", "cut"])) {
      case "part":
        ftruncateSync(fd, offset);
        writeSync(fd, part, 0, part.length, offset);
        return `${part.length} bytes of a commit of ${torn.length}`;
      case "noise": {
        const noise = Buffer.from(Array.from({ length: part.length }, () => random.between(0, 255)));
        writeSync(fd, noise, 0, noise.length, offset);
        return `${noise.length} bytes that mean nothing`;
      }
      default:
        ftruncateSync(fd, offset);
        return "the room ahead is gone";
    }
  } finally {
    closeSync(fd);
  }
}

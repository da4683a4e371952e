import { closeSync, fdatasync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { EventStoreDBClient } from "@eventstore/db-client";
import { Client, credentials } from "@grpc/grpc-js";
import { echoService } from "./echoService.ts";
import { appends, type Line, readStream } from "./lines.ts";

/** The approximate bytes of a single-event append on the wire, and of an event in the log. */
const messageSize = 330;
const recordSize = 450;

const asIs = (message: Buffer): Buffer => message;

/** Messages echoed by a bare gRPC server on one stream, with this many in flight. */
async function echo(client: Client, atOnce: number, lengthMs: number): Promise<Line> {
  const call = client.makeBidiStreamRequest<Buffer, Buffer>(echoService.echo.path, asIs, asIs);
  const message = Buffer.alloc(messageSize);
  const began = performance.now();
  let back = 0;
  await new Promise<void>((resolve) => {
    call.on("data", () => {
      back++;
      if (performance.now() - began < lengthMs) call.write(message);
      else resolve();
    });
    for (let n = 0; n < atOnce; n++) call.write(message);
  });
  call.on("error", () => {});
  call.cancel();
  return { name: `bare gRPC echo, ${atOnce} at once`, value: (back / (performance.now() - began)) * 1000, unit: "/s" };
}

/** Commits of the given number of events: written to a file and synced, one after another. */
async function sync(folder: string, events: number, lengthMs: number): Promise<Line> {
  const path = join(folder, "floor");
  const fd = openSync(path, "w");
  const bytes = Buffer.alloc(recordSize * events, 1);
  const began = performance.now();
  let written = 0;
  for (; performance.now() - began < lengthMs; written++) {
    writeSync(fd, bytes, 0, bytes.length, written * bytes.length);
    await promisify(fdatasync)(fd);
  }
  const value = ((written * events) / (performance.now() - began)) * 1000;
  closeSync(fd);
  rmSync(path);
  return { name: `file + fdatasync, ${events} event${events > 1 ? "s" : ""} a sync, events`, value, unit: "/s" };
}

/**
 * Measures the limits of transport, disk and the official client without a store.
 * @param sinkUrl of a server of sink.ts
 */
export async function measureFloor(sinkUrl: string, folder: string, lengthMs: number, count: number): Promise<Line[]> {
  const bare = new Client(new URL(sinkUrl).host, credentials.createInsecure());
  const client = EventStoreDBClient.connectionString(sinkUrl);
  const noStore = (line: Line): Line => ({ ...line, name: `no store: ${line.name}` });
  try {
    return [
      await echo(bare, 1, lengthMs),
      await echo(bare, 32, lengthMs),
      await sync(folder, 1, lengthMs),
      await sync(folder, 32, lengthMs),
      await sync(folder, 400, lengthMs),
      noStore(await appends(client, 1, 1, lengthMs)),
      noStore(await appends(client, 32, 1, lengthMs)),
      noStore(await appends(client, 4, 100, lengthMs)),
      noStore(await readStream(client, "any", count)),
    ];
  } finally {
    bare.close();
    await client.dispose();
  }
}

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventStoreDBClient, jsonEvent, START } from "@eventstore/db-client";
import { expect, it } from "vitest";
import { ownEventStore } from "./ownStore.ts";

/** A separate file system of 12 MiB; undefined, with the reason printed, if this process may not mount one. */
function mountSmallDisk(): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), "heima-small-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=12m", "tmpfs", folder], { stdio: "pipe" });
    return folder;
  } catch (error) {
    console.log(`no small disk can be mounted here, which takes root: ${(error as Error).message.trim()}`);
    rmSync(folder, { recursive: true });
    return undefined;
  }
}

const disk = mountSmallDisk();

it.skipIf(disk === undefined)(
  "a full disk is told to the writer, breaks nothing, and writing goes on when there is room",
  async () => {
    const folder = disk as string;
    const ballast = join(folder, "ballast");
    writeFileSync(ballast, Buffer.alloc(6 * 1024 * 1024));
    const store = await ownEventStore(folder);
    const client = EventStoreDBClient.connectionString(store.url);
    const stream = "shelf";
    const seen: bigint[] = [];
    const subscription = client.subscribeToStream(stream, { fromRevision: START });
    subscription.on("error", () => {});
    subscription.on("data", ({ event }) => event && seen.push(event.revision));
    const append = (credentials: boolean) =>
      client.appendToStream(
        stream,
        [1, 2].map((part) => jsonEvent({ type: "Filled", data: { part, fill: "x".repeat(50_000) } })),
        credentials ? { credentials: { username: "u", password: "p" } } : {},
      );
    const revisions = async () => {
      const all: bigint[] = [];
      for await (const { event } of client.readStream(stream)) all.push(event?.revision ?? -1n);
      return all;
    };
    try {
      let acknowledged = 0;
      let failure: unknown;
      for (; failure === undefined && acknowledged < 400; acknowledged += 2)
        failure = await append(false).then(
          () => undefined,
          (error: unknown) => error,
        );
      acknowledged -= 2;
      expect(failure).toBeInstanceOf(Error);
      // Also a single append, which has a status of its own, is refused with the reason.
      await expect(append(true)).rejects.toThrow(/ENOSPC|no space/i);
      const written = Array.from({ length: acknowledged }, (_, n) => BigInt(n));
      expect(await revisions()).toEqual(written);

      rmSync(ballast);
      expect((await append(false)).nextExpectedRevision).toBe(BigInt(acknowledged + 1));
      const all = [...written, BigInt(acknowledged), BigInt(acknowledged + 1)];
      expect(await revisions()).toEqual(all);
      await expect.poll(() => seen).toEqual(all);
      await store.restart();
      expect(await revisions()).toEqual(all);
    } finally {
      await client.dispose();
      await store.stop();
      execFileSync("umount", [folder]);
      rmSync(folder, { recursive: true });
    }
  },
  60_000,
);

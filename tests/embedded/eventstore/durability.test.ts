import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AllStreamSubscription,
  EventStoreDBClient,
  jsonEvent,
  START,
  streamNameFilter,
} from "@eventstore/db-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEventStore } from "../../../embedded/eventstore/server.ts";
import { freshEventStore } from "../../support/eventStore.ts";
import { until } from "../../support/waiting.ts";
import { randomFrom, scaled, seed } from "./soak.ts";

describe("kill -9 in the middle of appends", () => {
  const rounds = scaled(5, 50);
  const writers = 16;
  let store: Awaited<ReturnType<typeof freshEventStore>>;

  beforeAll(async () => {
    store = await freshEventStore();
  });
  afterAll(() => store?.stop());

  /** Appends three events at a time to one stream until the server is gone; returns the last acknowledged revision. */
  async function writeUntilGone(client: EventStoreDBClient, stream: string, count: () => void): Promise<bigint> {
    let acknowledged = -1n;
    for (;;) {
      const triple = [0, 1, 2].map((part) => jsonEvent({ type: "Part", data: { part, text: "x".repeat(300) } }));
      const expectedRevision = acknowledged < 0n ? "no_stream" : acknowledged;
      try {
        const { nextExpectedRevision } = await client.appendToStream(stream, triple, { expectedRevision });
        acknowledged = nextExpectedRevision;
        count();
      } catch {
        return acknowledged;
      }
    }
  }

  /** Follows $all through all kills, each time from the last position that it saw. */
  function followThroughKills(url: string): { seen: bigint[]; stop(): Promise<void> } {
    const seen: bigint[] = [];
    let stopped = false;
    let current: AllStreamSubscription | undefined;
    const follow = async () => {
      while (!stopped) {
        const client = EventStoreDBClient.connectionString(url);
        const last = seen.at(-1);
        const fromPosition = last === undefined ? START : { commit: last, prepare: last };
        current = client.subscribeToAll({ fromPosition, filter: streamNameFilter({ prefixes: ["killed-"] }) });
        try {
          for await (const { event } of current) if (event) seen.push(event.position.commit);
        } catch {
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        await client.dispose();
      }
    };
    const ended = follow();
    return {
      seen,
      async stop() {
        stopped = true;
        await current?.unsubscribe();
        await ended;
      },
    };
  }

  it(`keeps every acknowledged append, complete and in order, and subscribers miss and repeat nothing, ${rounds} times (seed ${seed})`, async () => {
    const random = randomFrom(seed);
    const subscriber = followThroughKills(store.url);
    const written: bigint[] = [];
    for (let round = 0; round < rounds; round++) {
      const client = EventStoreDBClient.connectionString(store.url);
      const streams = Array.from({ length: writers }, () => `killed-${randomUUID()}`);
      let appends = 0;
      const writing = Promise.all(streams.map((stream) => writeUntilGone(client, stream, () => appends++)));
      const enough = writers + random(10 * writers);
      while (appends < enough) await new Promise((resolve) => setTimeout(resolve, 1));
      await store.kill();
      const acknowledged = new Map((await writing).map((last, index) => [streams[index], last]));
      await client.dispose();
      await store.restart();

      const reader = EventStoreDBClient.connectionString(store.url);
      const parts = new Map(streams.map((stream) => [stream, [] as number[]]));
      const known = written.at(-1);
      const fromPosition = known === undefined ? START : { commit: known, prepare: known };
      for await (const { event } of reader.readAll({ fromPosition })) {
        if (!event?.streamId.startsWith("killed-") || event.position.commit === known) continue;
        expect(event.position.commit).toBeGreaterThan(written.at(-1) ?? 0n);
        written.push(event.position.commit);
        const ofStream = parts.get(event.streamId);
        expect(event.revision).toBe(BigInt(ofStream?.length ?? -1));
        ofStream?.push((event.data as { part: number }).part);
      }
      await reader.dispose();
      for (const [stream, found] of parts) {
        expect(BigInt(found.length)).toBeGreaterThan(acknowledged.get(stream) ?? -1n);
        // An unacknowledged append may be stored too, but completely.
        expect(found).toEqual(found.map((_, n) => n % 3));
        expect(found.length % 3).toBe(0);
      }
    }
    await until("the subscriber has all", () => subscriber.seen.length >= written.length);
    await subscriber.stop();
    expect(subscriber.seen).toEqual(written);
    console.log(
      `killed ${rounds} times (seed ${seed}): all of ${written.length} events there, whole, in order, delivered once`,
    );
  }, 600_000);
});

describe("the data folder", () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "heima-eventstore-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const append = async (client: EventStoreDBClient, stream: string, id = randomUUID()) =>
    client.appendToStream(stream, jsonEvent({ id, type: "T", data: {} }));

  it("keeps events and positions over a restart, but not the memory of ids", async () => {
    const stream = `kept-${randomUUID()}`;
    const id = randomUUID();
    const first = await startEventStore({ port: 0, dataDir: folder });
    const before = EventStoreDBClient.connectionString(first.url);
    const { position } = await append(before, stream, id);
    expect((await append(before, stream, id)).nextExpectedRevision).toBe(0n);
    await before.dispose();
    await first.close();

    const second = await startEventStore({ port: 0, dataDir: folder });
    const after = EventStoreDBClient.connectionString(second.url);
    const repeated = await append(after, stream, id);
    expect(repeated.nextExpectedRevision).toBe(1n);
    expect((repeated.position?.commit ?? 0n) > (position?.commit ?? 0n)).toBe(true);
    await after.dispose();
    await second.close();
  });

  it("is refused to a second server, and free again after a close", async () => {
    const first = await startEventStore({ port: 0, dataDir: folder });
    await expect(startEventStore({ port: 0, dataDir: folder })).rejects.toThrow(`in use by process ${process.pid}`);
    await first.close();
    await (await startEventStore({ port: 0, dataDir: folder })).close();
  });

  it.runIf(process.platform === "linux")(
    "is taken over from a process that was killed, which nobody has waited for yet",
    async () => {
      // The shell becomes a sleep, which waits for no child.
      const parent = spawn("sh", ["-c", "sleep 0.1 & echo $!; exec sleep 60"], { stdio: ["ignore", "pipe", "ignore"] });
      try {
        const [pid] = String((await once(parent.stdout, "data"))[0]).split("\n");
        const stat = () => readFile(`/proc/${pid}/stat`, "utf8");
        await until("it is a zombie", async () => (await stat()).includes(") Z "));
        const started = (await stat()).split(") ")[1]?.split(" ")[19];
        await writeFile(join(folder, "lock"), `${pid} ${started}`);
        await (await startEventStore({ port: 0, dataDir: folder })).close();
      } finally {
        parent.kill("SIGKILL");
      }
    },
  );

  it("is released when the port is taken", async () => {
    const first = await startEventStore({ port: 0, dataDir: folder });
    const other = join(folder, "other");
    await expect(startEventStore({ port: first.port, dataDir: other })).rejects.toThrow();
    await (await startEventStore({ port: 0, dataDir: other })).close();
    await first.close();
  });

  it("ends its subscriptions with CANCELLED when the server stops", async () => {
    const server = await startEventStore({ port: 0, dataDir: folder });
    const client = EventStoreDBClient.connectionString(server.url);
    const subscription = client.subscribeToAll();
    const ended = new Promise((resolve) => subscription.once("error", resolve));
    await new Promise((resolve) => subscription.once("caughtUp", resolve).on("data", () => {}));
    await server.close();
    expect(await ended).toMatchObject({ code: 1 });
    await client.dispose();
  });
});

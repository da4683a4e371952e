import { expect, test } from "vitest";
import { runScavenge, type ScavengeProgress } from "../../src/commands/operations/runScavenge.ts";
import { scavengesStreamName } from "../../src/domain/operations/streams.ts";
import { EventStoreUnavailable } from "../../src/event-store/errors.ts";
import { ScavengeRefused, scavengeUnderWay } from "../../src/event-store/scavenges.ts";
import type { EventToAppend, ScavengeStart } from "../../src/event-store/types.ts";
import { newProcess } from "./fixtures.ts";
import { inMemoryEventStore } from "./inMemoryEventStore.ts";

const held = { build: "shelf_v1_b1", message: "partition 0 is at 5", hint: "see why" };

/** A world in which a scavenge takes place: its builds pass the marker as `waits` says, the server answers as `starts` says. */
function world(
  options: {
    waits?: number;
    starts?: readonly (ScavengeStart["result"] | Error)[];
    end?: string;
    away?: () => boolean;
    requireAlone?: () => Promise<void>;
    unreachable?: boolean;
    onProgress?: (step: ScavengeProgress) => void;
  } = {},
) {
  const memory = inMemoryEventStore();
  const { waits = 0, end = "Success", away = () => false, requireAlone = async () => {} } = options;
  const starts = [...(options.starts ?? ["started"])];
  const asked: bigint[] = [];
  const order: string[] = [];
  const eventStore = {
    append: memory.append,
    readStream: (...args: Parameters<typeof memory.readStream>) => {
      if (args[0].startsWith("$") && away()) throw new EventStoreUnavailable("away");
      return memory.readStream(...args);
    },
    async startScavenge(): Promise<ScavengeStart> {
      order.push("the server begins");
      const scavengeId = `s${starts.length}`;
      const result = starts.shift() ?? "started";
      if (result instanceof Error) throw result;
      const completed = { id: scavengeId, type: "$scavengeCompleted", data: { scavengeId, result: end, error: null } };
      if (result !== "stopped") {
        await memory.append(`$scavenges-${scavengeId}`, "no_stream", [completed as unknown as EventToAppend]);
      }
      return { scavengeId, result };
    },
  };
  const progress: ScavengeProgress[] = [];
  const run = (more: { force?: boolean; giveUp?: AbortSignal } = {}) =>
    runScavenge(
      {
        eventStore,
        handleCommand: newProcess(eventStore),
        alone: (work) => work(requireAlone),
        findObstacles: async (position) => {
          if (position === -1n)
            return {
              passed: 0,
              partitions: 2,
              obstacles: options.unreachable ? [{ ...held, unreachable: true }, held] : [],
            };
          asked.push(position);
          order.push("the builds are looked at");
          const waiting = asked.length <= waits;
          return { passed: waiting ? 1 : 2, partitions: 2, obstacles: waiting ? [held] : [] };
        },
      },
      {
        begunBy: "an operator",
        force: more.force ?? false,
        giveUp: more.giveUp ?? new AbortController().signal,
        onProgress: (step) => {
          progress.push(step);
          options.onProgress?.(step);
        },
      },
    );
  const recorded = () =>
    memory.eventsOf(scavengesStreamName).map(({ type, data }) => [type, Object.values(data as object)[0]]);
  return { memory, eventStore, run, asked, order, progress, recorded };
}

test("the server begins only when every build has passed the marker, and its end is written down", async () => {
  const { run, recorded, asked, order, progress, memory, eventStore } = world({ waits: 2 });
  const report = await run();
  const [begun] = memory.eventsOf(scavengesStreamName);
  expect(report).toEqual({ marker: begun?.position, scavengeId: "s1", result: "Success" });
  expect(new Set(asked)).toEqual(new Set([begun?.position]));
  expect(order).toEqual([...Array(3).fill("the builds are looked at"), "the server begins"]);
  expect(progress.map(({ doing }) => doing)).toEqual(["waiting", "waiting", "waiting", "running"]);
  expect(recorded()).toEqual([
    ["ScavengeBegun", "an operator"],
    ["ScavengeEnded", "Success"],
  ]);
  expect(await scavengeUnderWay(eventStore)).toBe(false);
});

test("given up while builds hold it up, it says which and what to do, never asks the server, and is ended", async () => {
  const { run, recorded, order, eventStore } = world({ waits: 1_000 });
  const giveUp = AbortSignal.abort("given up after 1 s");
  const message = /^given up after 1 s, nothing was scavenged.*\n {2}shelf_v1_b1: partition 0 is at 5\n {4}→ see why$/;
  await expect(run({ giveUp })).rejects.toThrow(message);
  expect(order).not.toContain("the server begins");
  expect(recorded()[1]).toEqual(["ScavengeEnded", expect.stringContaining("given up")]);
  expect(await scavengeUnderWay(eventStore)).toBe(false);
});

test("while the store of a build does not answer nothing is begun, so that erasures go on", async () => {
  const { run, recorded, order } = world({ unreachable: true });
  await expect(run()).rejects.toThrow(
    /^nothing was begun, since it would wait for\n {2}shelf_v1_b1: partition 0 is at 5\n {4}→ see why$/,
  );
  expect([recorded(), order]).toEqual([[], []]);
});

test("when an erasure may have begun before its marker could be read, it is ended, and the server is not asked", async () => {
  const requireAlone = () => Promise.reject(new Error("Connection terminated unexpectedly"));
  const { run, recorded, order, eventStore } = world({ requireAlone });
  await expect(run()).rejects.toThrow("readers may be being erased (Connection terminated unexpectedly); try again");
  expect(order).toEqual([]);
  expect(recorded()[1]).toEqual(["ScavengeEnded", expect.stringContaining("given up")]);
  expect(await scavengeUnderWay(eventStore)).toBe(false);
});

test("a second one is refused while the first is under way; with force it takes the place of one that died", async () => {
  const dead = world();
  const first = new AbortController();
  const { run, recorded, eventStore } = world({ waits: 3 });
  const running = run({ giveUp: first.signal });
  await expect.poll(() => scavengeUnderWay(eventStore)).toBe(true);
  await expect(run()).rejects.toThrow(/has begun and not ended; --force/);
  await running;
  expect(recorded().map(([type]) => type)).toEqual(["ScavengeBegun", "ScavengeEnded"]);

  await dead.memory.append(scavengesStreamName, "no_stream", [begunBefore()]);
  await expect(dead.run()).rejects.toThrow(/--force/);
  await dead.run({ force: true });
  expect(dead.recorded().map(([type]) => type)).toEqual(["ScavengeBegun", "ScavengeBegun", "ScavengeEnded"]);
});

test("one whose place was taken gives way, and writes no end for the other", async () => {
  const { run, recorded, eventStore, memory, order } = world({ waits: 1_000 });
  const first = run();
  const failed = expect(first).rejects.toThrow(/begun with --force/);
  await expect.poll(() => scavengeUnderWay(eventStore)).toBe(true);
  await memory.append(scavengesStreamName, 0n, [begunBefore()]);
  await failed;
  expect(recorded().map(([type]) => type)).toEqual(["ScavengeBegun", "ScavengeBegun"]);
  expect(await scavengeUnderWay(eventStore)).toBe(true);
  expect(order).not.toContain("the server begins");
});

test("a scavenge that the server runs already is waited for, and then comes ours", async () => {
  const { run, progress } = world({ starts: ["in_progress", "started"] });
  expect(await run()).toMatchObject({ scavengeId: "s1" });
  expect(progress.filter(({ doing }) => doing === "running")).toEqual([
    { doing: "running", id: "s2" },
    { doing: "running", id: "s1" },
  ]);
});

test.each([
  ["stopped", world({ starts: ["stopped"] }), /stopped the scavenge/, "the server was stopped"],
  ["ended without success", world({ end: "Errored" }), /ended with Errored/, "Errored"],
])("a scavenge that the server %s fails, and is ended", async (_, { run, recorded }, message, result) => {
  await expect(run()).rejects.toThrow(message);
  expect(recorded()[1]).toEqual(["ScavengeEnded", result]);
});

test("while the event store is away the server's end is waited for", async () => {
  let looks = 0;
  const { run } = world({ away: () => ++looks < 3 });
  expect(await run()).toMatchObject({ result: "Success" });
  expect(looks).toBeGreaterThan(2);
});

test("given up while the server scavenges, it stays under way", async () => {
  const giveUp = new AbortController();
  const { run, eventStore, recorded } = world({
    away: () => true,
    onProgress: ({ doing }) => doing === "running" && giveUp.abort("interrupted"),
  });
  await expect(run({ giveUp: giveUp.signal })).rejects.toThrow(/^interrupted, but the event store still/);
  expect(recorded().map(([type]) => type)).toEqual(["ScavengeBegun"]);
  expect(await scavengeUnderWay(eventStore)).toBe(true);
});

test("given up before the server is asked, it is not asked, although nothing holds it up; it is ended", async () => {
  const { run, recorded, order, eventStore } = world();
  await expect(run({ giveUp: AbortSignal.abort("interrupted") })).rejects.toThrow(
    /^interrupted, nothing was scavenged$/,
  );
  expect(order).not.toContain("the server begins");
  expect(recorded()[1]).toEqual(["ScavengeEnded", "given up: interrupted"]);
  expect(await scavengeUnderWay(eventStore)).toBe(false);
});

test("given up during the last look at a scavenge that the server ran already, no other is begun", async () => {
  const giveUp = new AbortController();
  const { run, recorded, order } = world({
    starts: ["in_progress", "started"],
    onProgress: ({ doing }) => doing === "running" && giveUp.abort("interrupted"),
  });
  await expect(run({ giveUp: giveUp.signal })).rejects.toThrow("interrupted, nothing was scavenged");
  expect(order.filter((what) => what === "the server begins")).toHaveLength(1);
  expect(recorded()[1]).toEqual(["ScavengeEnded", "given up: interrupted"]);
});

test("a scavenge that the server refuses is ended, so that erasures go on and the next one needs no force", async () => {
  const refused = new ScavengeRefused("the event store refused a scavenge: access-denied");
  const { run, recorded, eventStore } = world({ starts: [refused, "started"] });
  await expect(run()).rejects.toThrow(/refused a scavenge: access-denied\. Nothing was scavenged, and erasures go on$/);
  expect(recorded()[1]).toEqual(["ScavengeEnded", `refused: ${refused.message}`]);
  expect(await scavengeUnderWay(eventStore)).toBe(false);
  expect(await run()).toMatchObject({ result: "Success" });
});

test("when the server does not answer, the scavenge stays under way, and it is said how to go on", async () => {
  const { run, recorded, eventStore } = world({ starts: [new EventStoreUnavailable("no answer to a scavenge")] });
  await expect(run()).rejects.toThrow(/^no answer to a scavenge\. .*heima scavenge --force/);
  expect(recorded().map(([type]) => type)).toEqual(["ScavengeBegun"]);
  expect(await scavengeUnderWay(eventStore)).toBe(true);
});

/** The marker of another process. */
function begunBefore(): EventToAppend {
  const own = { commandId: crypto.randomUUID(), commandHash: "h", correlationId: "r", causationId: "c" };
  const metadata = { ...own, schemaVersion: 1, occurredAt: "2026-01-01T00:00:00.000Z" };
  return { id: own.commandId, type: "ScavengeBegun", data: { begunBy: "another" }, metadata };
}

import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import type { Redis } from "../../../src/platform/redis.ts";
import { listen, publish, type Signal } from "../../../src/projections/engine/transport/signals.ts";

const kinds = ["advanced", "rewind", "builds"] as const;

/** A channel in memory, and all signals that a listener of each kind received. */
function listening() {
  const heard: Signal[] = [];
  const channel = Object.assign(new EventEmitter(), {
    subscribe: async () => 1,
    publish: async (name: string, text: string): Promise<number> => Number(channel.emit("message", name, text)),
  }) as EventEmitter & { publish(name: string, text: string): Promise<number> };
  for (const kind of kinds) listen(channel as unknown as Redis, kind, (signal: Signal) => heard.push(signal));
  return { heard, channel, redis: channel as unknown as Redis };
}

const advanced: Signal = {
  kind: "advanced",
  build: "shelf_v1_b1",
  partition: 3,
  position: 2n ** 60n + 1n,
  after: -1n,
  keys: ["reader"],
  parkedKeys: ["another"],
};

test.each<Signal>([
  advanced,
  { ...advanced, keys: undefined },
  { kind: "rewind", build: "shelf_v1_b1", epoch: "e" },
  { kind: "builds", readModel: "shelf" },
])("a signal arrives as it was sent, at those who listen for its kind: %o", async (signal) => {
  const { heard, redis } = listening();
  await publish(redis, signal);
  expect(heard).toEqual([signal]);
});

test("a signal of a worker that knows of no parked keys names none", async () => {
  const { heard, channel } = listening();
  const text = '{"kind":"advanced","build":"shelf_v1_b1","partition":0,"position":"9","after":"0","keys":[]}';
  await channel.publish("heima:advanced", text);
  expect(heard).toMatchObject([{ position: 9n, keys: [], parkedKeys: [] }]);
});

const advancedText = (more: Record<string, unknown>) =>
  JSON.stringify({ build: "shelf_v1_b1", partition: 0, position: "9", after: "0", keys: [], ...more });

test.each([
  "",
  "no JSON",
  "null",
  "7",
  '"text"',
  "[]",
  "{}",
  '{"partition":0}',
  '{"build":"shelf_v1_b1"}',
  '{"epoch":"e"}',
  ...[{ position: "x" }, { position: 1.5 }, { position: null }, { after: undefined }].map(advancedText),
  ...[{ partition: 0.5 }, { partition: "0" }, { build: 7 }].map(advancedText),
  ...[{ keys: 7 }, { keys: [7] }, { keys: "reader" }, { parkedKeys: 7 }, { parkedKeys: "reader" }].map(advancedText),
])("text that is no signal is ignored on every channel: %s", async (text) => {
  const { heard, channel, redis } = listening();
  for (const kind of kinds) await channel.publish(`heima:${kind}`, text);
  expect(heard).toEqual([]);
  await publish(redis, advanced);
  expect(heard).toEqual([advanced]);
});

import { type AllStreamSubscription, EventStoreDBClient, jsonEvent, streamNameFilter } from "@eventstore/db-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { freshEventStore } from "../../support/eventStore.ts";
import { until } from "../../support/waiting.ts";
import { randomFrom, scaled, seed } from "./soak.ts";

let store: Awaited<ReturnType<typeof freshEventStore>>;
let client: EventStoreDBClient;

beforeAll(async () => {
  store = await freshEventStore("EventStoreDB sends checkpoints at other positions (docs/eventstore-differences.md)");
  client = EventStoreDBClient.connectionString(store.url);
});
afterAll(async () => {
  await client?.dispose();
  await store?.stop();
});

type Followed = { events: bigint[]; checkpoints: { at: bigint; eventsBefore: number }[]; stop(): Promise<void> };

function follow(prefix: string, from: bigint, window: number, interval: number): Followed {
  const events: bigint[] = [];
  const checkpoints: { at: bigint; eventsBefore: number }[] = [];
  const filter = streamNameFilter({
    prefixes: [prefix],
    maxSearchWindow: window,
    checkpointInterval: interval,
    checkpointReached: (_subscription, { commit }) => {
      checkpoints.push({ at: commit, eventsBefore: events.length });
    },
  });
  const fromPosition = { commit: from, prepare: from };
  const subscription: AllStreamSubscription = client.subscribeToAll({ fromPosition, filter });
  subscription.on("error", () => {});
  subscription.on("data", ({ event }) => event && events.push(event.position.commit));
  return { events, checkpoints, stop: () => subscription.unsubscribe() };
}

it(`checkpoints rise, come often enough and lose or repeat nothing, under random windows (seed ${seed})`, async () => {
  const random = randomFrom(seed);
  for (let round = 0; round < scaled(6, 60); round++) {
    const wanted = `wanted${seed}x${round}-`;
    const window = 1 + random(12);
    const interval = 1 + random(5);
    const before = await client.appendToStream(`other${seed}`, jsonEvent({ type: "T", data: {} }));
    const start = before.position?.commit ?? 0n;
    const written: { at: bigint; isWanted: boolean }[] = [];
    const write = async (count: number) => {
      for (let n = 0; n < count; n++) {
        const isWanted = random(5) === 0;
        const stream = isWanted ? `${wanted}${random(3)}` : `other${seed}`;
        const { position } = await client.appendToStream(stream, jsonEvent({ type: "T", data: {} }));
        written.push({ at: position?.commit ?? 0n, isWanted });
      }
    };
    // Some events exist before, some come while it catches up, some when it is live.
    await write(40 + random(60));
    const followed = follow(wanted, start, window, interval);
    await write(60 + random(60));
    const matching = () => written.filter(({ isWanted }) => isWanted).map(({ at }) => at);
    await until("all wanted events have come", () => followed.events.length >= matching().length);
    await until("the last checkpoint has come", () => {
      const last = followed.checkpoints.at(-1)?.at ?? start;
      return written.filter(({ at }) => at > last).length < window * interval;
    });
    await followed.stop();
    expect(followed.events).toEqual(matching());

    const places = followed.checkpoints.map(({ at }) => at);
    for (const [index, at] of places.entries()) {
      const previous = places[index - 1] ?? start;
      expect(at).toBeGreaterThan(previous);
      const considered = written.filter((event) => event.at > previous && event.at <= at).length;
      expect(considered).toBeLessThanOrEqual(window * interval);
    }
    // All events delivered before a checkpoint are at or below it, all later ones above: resuming there is exact.
    for (const { at, eventsBefore } of followed.checkpoints) {
      expect(followed.events.filter((position) => position <= at)).toHaveLength(eventsBefore);
    }
    const resumeAt = followed.checkpoints[random(followed.checkpoints.length)];
    if (!resumeAt) continue;
    const resumed = follow(wanted, resumeAt.at, window, interval);
    const rest = followed.events.slice(resumeAt.eventsBefore);
    await until("the rest has come", () => resumed.events.length >= rest.length);
    await resumed.stop();
    expect(resumed.events).toEqual(rest);
  }
}, 300_000);

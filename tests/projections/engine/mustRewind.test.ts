import { describe, expect, test } from "vitest";
import {
  mustRewind,
  type PartitionCheck,
  type PartitionWatch,
} from "../../../src/projections/engine/dispatch/mustRewind.ts";

const timing = { standstill: 1_000 };

/** Checks a partition every 100 ms until it must be rewound; returns when that was, or undefined if never within a minute. */
function rewoundAt(check: (now: number) => PartitionCheck): number | undefined {
  const watch: PartitionWatch = { seen: undefined, since: 0 };
  for (let now = 0; now <= 60_000; now += 100) if (mustRewind(watch, check(now), now, timing)) return now;
  return undefined;
}

const behind: PartitionCheck = { checkpoint: 5n, sent: 9n, queued: 0, failed: false };

describe("the watch rewinds a partition that stands still", () => {
  test("with nothing queued: after the standstill, not before", () => {
    expect(rewoundAt(() => behind)).toBe(1_100);
  });

  test("with batches queued that nobody finishes: after four times as long", () => {
    expect(rewoundAt(() => ({ ...behind, queued: 1 }))).toBe(4_100);
  });

  test("counted from its last move", () => {
    expect(rewoundAt((now) => ({ ...behind, checkpoint: now < 700 ? 4n : 5n }))).toBe(1_800);
  });

  test("also at the very position that the epoch was opened from, once it was sent more", () => {
    const sent = (now: number) => (now < 3_000 ? 5n : 9n);
    expect(rewoundAt((now) => ({ ...behind, sent: sent(now) }))).toBe(4_000);
  });

  test("although it is in failure, when the job that held it is gone", () => {
    expect(rewoundAt(() => ({ ...behind, failed: true }))).toBe(1_100);
  });
});

describe("the watch leaves a partition alone", () => {
  test("that has come to what it was sent", () => {
    expect(rewoundAt(() => ({ ...behind, checkpoint: 9n }))).toBeUndefined();
  });

  test("that moves, however slowly", () => {
    const steps = (now: number) => BigInt(Math.floor(now / 900));
    expect(rewoundAt((now) => ({ ...behind, checkpoint: steps(now), sent: 1_000n }))).toBeUndefined();
  });

  test("whose worker holds its batch at a refused event", () => {
    expect(rewoundAt(() => ({ ...behind, queued: 1, failed: true }))).toBeUndefined();
  });
});

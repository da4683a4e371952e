import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AppendDecision,
  decideAppend,
  type ExpectedRevision,
  type StreamFacts,
} from "../../../embedded/eventstore/semantics/expected-revision.ts";

const id = (n: number) => Buffer.alloc(16, n);
const ids = (...numbers: number[]) => numbers.map(id);

const absent: StreamFacts = { lastRevision: -1n, tombstoned: false, softDeleted: false, hasMetadata: false };
const three: StreamFacts = { ...absent, lastRevision: 2n };

/** Decides on a stream whose events, from revision 0, have these ids; all of them, or none, are among the recent ids. */
function decide(
  facts: StreamFacts,
  expected: ExpectedRevision,
  proposed: Buffer[],
  { stored = ids(1, 2, 3), remembered = true } = {},
): AppendDecision {
  return decideAppend(facts, expected, proposed, {
    recentRevision(wanted) {
      const at = remembered ? stored.findLastIndex((known) => known.equals(wanted)) : -1;
      return at < 0 ? undefined : BigInt(at);
    },
    idAt: (revision) => stored[Number(revision)],
  });
}

const write = { kind: "write" };
const conflict = (current: bigint | undefined) => ({ kind: "wrong_expected_version", current });

describe("an append to a stream that was never written", () => {
  it.each<[ExpectedRevision, object]>([
    ["any", write],
    ["no_stream", write],
    ["stream_exists", conflict(undefined)],
    [0n, conflict(undefined)],
    [5n, conflict(undefined)],
  ])("expecting %s", (expected, decision) => {
    expect(decide(absent, expected, ids(9), { stored: [] })).toEqual(decision);
  });
});

describe("an append to a stream of three events", () => {
  it.each<[ExpectedRevision, object]>([
    ["any", write],
    ["no_stream", conflict(2n)],
    ["stream_exists", write],
    [1n, conflict(2n)],
    [2n, write],
    [3n, conflict(2n)],
  ])("expecting %s", (expected, decision) => {
    expect(decide(three, expected, ids(9))).toEqual(decision);
  });
});

describe("a repeat of an earlier append", () => {
  it("with the exact revision is answered with the old last revision", () => {
    expect(decide(three, "no_stream", ids(1, 2))).toEqual({ kind: "repeat", lastRevision: 1n });
    expect(decide(three, 0n, ids(2, 3))).toEqual({ kind: "repeat", lastRevision: 2n });
  });

  it("with the exact revision needs no recent memory", () => {
    expect(decide(three, "no_stream", ids(1, 2, 3), { remembered: false })).toEqual({
      kind: "repeat",
      lastRevision: 2n,
    });
  });

  it("whose ids come in another order or go beyond the end is a conflict", () => {
    expect(decide(three, "no_stream", ids(2, 1))).toEqual(conflict(2n));
    expect(decide(three, 1n, ids(3, 4))).toEqual(conflict(2n));
  });

  it("with a matching revision is written again: ids are not unique", () => {
    expect(decide(three, 2n, ids(1))).toEqual(write);
  });

  it("with `any` succeeds only if every id is remembered", () => {
    expect(decide(three, "any", ids(2, 3))).toEqual({ kind: "repeat", lastRevision: 2n });
    expect(decide(three, "any", ids(2, 9))).toEqual(conflict(2n));
    expect(decide(three, "any", ids(9, 2))).toEqual(write);
  });

  it("with `any` is written again after the memory was lost", () => {
    expect(decide(three, "any", ids(2, 3), { remembered: false })).toEqual(write);
  });

  it("with `stream_exists` is known by its ids too, as long as they are remembered", () => {
    expect(decide(three, "stream_exists", ids(2, 3))).toEqual({ kind: "repeat", lastRevision: 2n });
    expect(decide(three, "stream_exists", ids(2, 9))).toEqual(conflict(2n));
    expect(decide(three, "stream_exists", ids(2, 3), { remembered: false })).toEqual(write);
  });

  it("of any length, at any revision, is recognised", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.nat(), fc.nat(), (length, a, b) => {
        const stored = Array.from({ length }, (_, n) => id(n));
        const from = a % length;
        const to = from + 1 + (b % (length - from));
        const facts = { ...absent, lastRevision: BigInt(length - 1) };
        const expected = from === 0 ? "no_stream" : BigInt(from - 1);
        expect(decide(facts, expected, stored.slice(from, to), { stored })).toEqual({
          kind: "repeat",
          lastRevision: BigInt(to - 1),
        });
      }),
    );
  });
});

describe("an append to a deleted stream", () => {
  const softDeleted = { ...three, softDeleted: true, hasMetadata: true };

  it("with a tombstone is refused, whatever it expects", () => {
    for (const expected of ["any", "no_stream", "stream_exists", 2n] as const) {
      expect(decide({ ...three, tombstoned: true }, expected, ids(9))).toEqual({ kind: "stream_deleted" });
    }
  });

  it("that is soft-deleted counts as no stream, yet its last revision is the exact one too", () => {
    expect(decide(softDeleted, "no_stream", ids(9))).toEqual(write);
    expect(decide(softDeleted, 2n, ids(9))).toEqual(write);
    expect(decide(softDeleted, 1n, ids(9))).toEqual(conflict(2n));
    expect(decide(softDeleted, "stream_exists", ids(9))).toEqual({ kind: "stream_deleted" });
  });

  it("that has metadata but no events exists", () => {
    expect(decide({ ...absent, hasMetadata: true }, "stream_exists", ids(9), { stored: [] })).toEqual(write);
  });
});

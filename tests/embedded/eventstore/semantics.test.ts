import { describe, expect, it } from "vitest";
import { InvalidRequest } from "../../../embedded/eventstore/semantics/errors.ts";
import { compileFilter } from "../../../embedded/eventstore/semantics/filter.ts";
import {
  maxAppendSize,
  type ProposedEvent,
  validateEvents,
} from "../../../embedded/eventstore/semantics/proposed-event.ts";
import {
  firstVisible,
  isSoftDeleted,
  parseRetention,
  undeleted,
  unlimited,
} from "../../../embedded/eventstore/semantics/stream-metadata.ts";

describe("filters", () => {
  const filter = (part: { by?: "stream" | "type"; regex?: string; prefixes?: string[] }) =>
    compileFilter({ by: "stream", regex: "", prefixes: [], window: 32, checkpointMultiplier: 1, ...part });

  it("by prefix look at the beginning of the stream's name, byte by byte", () => {
    const shelves = filter({ prefixes: ["shelf-", "书架-"] });
    expect(
      ["shelf-1", "书架-1", "shelf", "Shelf-1", "my-shelf-1"].map((name) => shelves.matches(Buffer.from(name))),
    ).toEqual([true, true, false, false, false]);
  });

  it("by event type look at nothing else", () => {
    const added = filter({ by: "type", prefixes: ["BookAdded"] });
    expect(added.by).toBe("type");
    expect(added.matches(Buffer.from("BookAddedToShelf"))).toBe(true);
  });

  it("by regular expression are unanchored and beat prefixes", () => {
    const digits = filter({ regex: "-[0-9]$", prefixes: ["shelf-"] });
    expect(digits.matches(Buffer.from("other-1"))).toBe(true);
    expect(digits.matches(Buffer.from("shelf-x"))).toBe(false);
  });

  it("understand .NET's inline flags", () => {
    expect(filter({ regex: "(?i)^SHELF-" }).matches(Buffer.from("shelf-1"))).toBe(true);
  });

  it("without an expression match nothing, with an empty prefix everything", () => {
    expect(filter({}).matches(Buffer.from("a"))).toBe(false);
    expect(filter({ prefixes: [""] }).matches(Buffer.from("a"))).toBe(true);
  });

  it("that do not compile are refused", () => {
    expect(() => filter({ regex: "(" })).toThrow(InvalidRequest);
  });
});

describe("proposed events", () => {
  const proposed = (change: Partial<ProposedEvent> = {}): ProposedEvent => ({
    id: Buffer.alloc(16, 1),
    type: "T",
    contentType: "application/json",
    customMetadata: Buffer.alloc(0),
    data: Buffer.alloc(0),
    ...change,
  });

  it("may be exactly as large as the limit: data, metadata and twice the type's length", () => {
    const fits = [
      proposed({ data: Buffer.alloc(maxAppendSize - 100), customMetadata: Buffer.alloc(80) }),
      proposed({ type: "文字文字文字文字文" }),
    ];
    expect(validateEvents(fits).kind).toBe("valid");
    expect(validateEvents([...fits, proposed({ type: "T" })])).toEqual({ kind: "too_large" });
  });

  it("are refused without a type, a content type or a real id", () => {
    expect(validateEvents([proposed(), proposed({ type: undefined })])).toEqual({
      kind: "missing_metadata",
      property: "type",
    });
    expect(validateEvents([proposed({ contentType: undefined })])).toEqual({
      kind: "missing_metadata",
      property: "content-type",
    });
    for (const id of [undefined, Buffer.alloc(16)]) expect(validateEvents([proposed({ id })]).kind).toBe("invalid");
    expect(validateEvents([proposed({ type: "" })]).kind).toBe("invalid");
  });
});

describe("stream metadata", () => {
  const retention = (json: string) => parseRetention(Buffer.from(json));

  it("is read as far as it makes sense", () => {
    expect(retention('{"$tb":7,"$maxCount":3,"$maxAge":60,"$acl":{}}')).toEqual({
      truncateBefore: 7n,
      maxCount: 3n,
      maxAgeSeconds: 60n,
    });
    for (const odd of [
      "",
      "null",
      "[1]",
      "no json",
      '{"$tb":-1,"$maxCount":0,"$maxAge":0}',
      '{"$maxCount":1.5}',
      '{"$tb":"2"}',
    ]) {
      expect(retention(odd)).toEqual(unlimited);
    }
  });

  it("with the highest $tb means soft-deleted", () => {
    expect(isSoftDeleted(retention('{"$tb":9223372036854775807}'))).toBe(true);
    expect(isSoftDeleted(retention('{"$tb":9223372036854775806}'))).toBe(false);
  });

  it("hides events below the higher of $tb and $maxCount", () => {
    expect(firstVisible("s", 9n, { ...unlimited, truncateBefore: 4n, maxCount: 3n })).toBe(7n);
    expect(firstVisible("s", 9n, { ...unlimited, truncateBefore: 8n, maxCount: 3n })).toBe(8n);
    expect(firstVisible("s", 9n, unlimited)).toBe(0n);
    expect(firstVisible("$$s", 9n, unlimited)).toBe(9n);
  });

  it("of a stream written again after a soft delete keeps its other keys", () => {
    expect(undeleted(Buffer.from('{"a":1,"$tb":9223372036854775807}'), 3n).toString()).toBe('{"a":1,"$tb":3}');
  });
});

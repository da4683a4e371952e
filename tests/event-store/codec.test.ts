import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { EventDefinitions } from "../../src/domain/event.ts";
import { createCodec, InvalidEvent, UnknownEvent } from "../../src/event-store/codec.ts";
import type { EventMetadata, RecordedEvent } from "../../src/event-store/types.ts";

/** A type that was changed twice: `name` became `title`, then a missing `tags` list was added. */
const definitions = {
  NoteWritten: {
    version: 3,
    schema: z.strictObject({ title: z.string().min(1), tags: z.array(z.string()) }),
    upcasters: {
      1: (data) => {
        const { name, ...rest } = z.object({ name: z.string() }).parse(data);
        return { ...rest, title: name };
      },
      2: (data) => ({ ...z.object({ title: z.string() }).parse(data), tags: [] }),
    },
  },
} as const satisfies EventDefinitions;

const codec = createCodec(definitions);

const metadata = {
  commandId: "c1",
  commandHash: "h1",
  correlationId: "r1",
  causationId: "c1",
  occurredAt: "2026-01-01T00:00:00.000Z",
};

/** The stored event: the exact JSON that a program of that time wrote. */
function stored(schemaVersion: number, json: string, type = "NoteWritten"): RecordedEvent {
  return {
    id: "00000000-0000-4000-8000-000000000001",
    type,
    stream: "shelf-1",
    revision: 7n,
    position: 1234n,
    created: new Date(0),
    data: JSON.parse(json),
    metadata: { ...metadata, schemaVersion },
  };
}

const withMetadata = (given: unknown): RecordedEvent => ({
  ...stored(3, '{"title":"a","tags":[]}'),
  metadata: given as EventMetadata,
});

describe("decoding", () => {
  test.each([
    [1, '{"name":"紅樓夢"}', { title: "紅樓夢", tags: [] }],
    [2, '{"title":"紅樓夢"}', { title: "紅樓夢", tags: [] }],
    [3, '{"title":"紅樓夢","tags":["古典"]}', { title: "紅樓夢", tags: ["古典"] }],
  ])("brings version %i to the current one", (version, json, data) => {
    const recorded = stored(version, json);
    expect(codec.decode(recorded)).toEqual({ ...recorded, data });
  });

  test("tells a newer version from a bad event", () => {
    const newer = () => codec.decode(stored(4, '{"heading":"x"}'));
    expect(newer).toThrow(UnknownEvent);
    expect(newer).toThrow(expect.objectContaining({ type: "NoteWritten", version: 4 }));
    expect(newer).toThrow("version 4 of this type is unknown");
  });

  test.each([[null], [undefined], [5], [{ schemaVersion: "1" }]])(
    "an event may be unknown with metadata %o",
    (metadata) => {
      expect(new UnknownEvent(withMetadata(metadata)).message).toMatch(/: this type is unknown to this program$/);
    },
  );

  test.each([["NoteBurnt"], ["toString"], ["__proto__"]])("does not know the type %s", (type) => {
    expect(() => codec.decode(stored(1, "{}", type))).toThrow(UnknownEvent);
  });

  test.each([
    ["a body that its schema refuses", stored(3, '{"title":"","tags":[]}')],
    ["a field too many", stored(3, '{"title":"a","tags":[],"extra":1}')],
    ["an old body that its upcaster refuses", stored(1, '{"title":"too new"}')],
    ["bytes in place of JSON", { ...stored(3, "null"), data: new Uint8Array([1]) }],
  ])("refuses %s", (_what, recorded) => {
    expect(() => codec.decode(recorded)).toThrow(InvalidEvent);
    expect(() => codec.decode(recorded)).toThrow(/NoteWritten at 7@shelf-1/);
  });

  test.each([[{}], [undefined], [{ schemaVersion: "3" }], [{ schemaVersion: 0 }], [new Uint8Array([1])]])(
    "says that the metadata of a foreign event name no version: %o",
    (given) => {
      expect(() => codec.decode(withMetadata(given))).toThrow(/name no schemaVersion/);
    },
  );

  test("takes an event of others that names its version and nothing else", () => {
    expect(codec.decode(withMetadata({ schemaVersion: 3, $correlationId: "x" })).data).toEqual({
      title: "a",
      tags: [],
    });
  });
});

describe("encoding", () => {
  const note = { type: "NoteWritten" as const, data: { title: "a", tags: ["b"] } };

  test("marks the event with the current version, which decoding takes back", () => {
    const encoded = codec.encode(note, "id-1", metadata);
    expect(encoded).toEqual({ id: "id-1", ...note, metadata: { ...metadata, schemaVersion: 3 } });
    expect(codec.decode({ ...stored(3, "null"), ...encoded }).data).toEqual(note.data);
  });

  test("keeps all that the metadata say", () => {
    const whole: Required<Omit<EventMetadata, "schemaVersion">> = {
      ...metadata,
      deviceId: "d1",
      traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      correction: { by: "妙玉", reason: "两本一样" },
    };
    expect(codec.encode(note, "id-1", whole).metadata).toStrictEqual({ ...whole, schemaVersion: 3 });
  });

  test("refuses a body that breaks its schema", () => {
    const bad = { ...note, data: { title: "", tags: [] } };
    expect(() => codec.encode(bad, "id-1", metadata)).toThrow(InvalidEvent);
  });

  test("refuses a type that is not defined", () => {
    expect(() => createCodec().encode(note as never, "id-1", metadata)).toThrow(InvalidEvent);
  });
});

describe("the codec of the system", () => {
  test("knows the events of the domain", () => {
    const recorded = stored(1, '{"bookId":"hongloumeng0"}', "BookAddedToShelf");
    expect(createCodec().decode(recorded)).toEqual(recorded);
  });

  test("is not made while an upcaster is missing", () => {
    const { 1: _first, ...upcasters } = definitions.NoteWritten.upcasters;
    const broken = { NoteWritten: { ...definitions.NoteWritten, upcasters } };
    expect(() => createCodec(broken)).toThrow("NoteWritten has no upcaster from version 1");
  });
});

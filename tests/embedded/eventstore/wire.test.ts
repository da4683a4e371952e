import { ReadResp } from "@eventstore/db-client/generated/streams_pb.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  createdOf,
  encodeRecord,
  eventTypeOf,
  frameOf,
  idOf,
  revisionOf,
  streamNameOf,
} from "../../../embedded/eventstore/storage/record.ts";
import { forEachField, MalformedMessage, varintField } from "../../../embedded/eventstore/wire/protobuf.ts";
import { eventData } from "../../../embedded/eventstore/wire/recorded-event.ts";
import { parseUuid } from "../../../embedded/eventstore/wire/uuid.ts";

describe("the wire format", () => {
  it("carries every 64-bit number", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.integer({ min: 1, max: 1000 }), (value, number) => {
        const seen: [number, bigint][] = [];
        forEachField(varintField(number, value), (field) => seen.push([field.number, field.varint]));
        expect(seen).toEqual([[number, value]]);
      }),
    );
  });

  it("never reads past the end of what is no message", () => {
    for (const bytes of [[0x0a, 5, 1], [0x08], [0x08, ...Array(10).fill(0xff)], [0x0b]]) {
      expect(() => forEachField(Buffer.from(bytes), () => {})).toThrow(MalformedMessage);
    }
  });
});

it("a stored event gives back its parts without decoding", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", minLength: 1 }),
      fc.string({ unit: "grapheme", minLength: 1 }),
      fc.uint8Array({ maxLength: 300 }),
      fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
      (stream, type, data, revision) => {
        const id = parseUuid("12345678-1234-4234-8234-1234567890AB") as Buffer;
        const body = { customMetadata: Buffer.alloc(0), data: Buffer.from(data), isJson: true };
        const position = revision / 2n + 1n;
        const record = encodeRecord({ id, stream, type, revision, position, created: 17n, ...body });
        const event = { position, record };
        expect([streamNameOf(event).toString(), eventTypeOf(event).toString()]).toEqual([stream, type]);
        expect([revisionOf(event), createdOf(event)]).toEqual([revision, 17n]);
        expect(idOf(event)).toEqual(id);
        // The official client's decoder must read the same values from these bytes.
        const read = ReadResp.deserializeBinary(frameOf(event)).getEvent()?.getEvent();
        expect(Buffer.from(read?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString()).toBe(stream);
        expect(read?.getMetadataMap().get("type")).toBe(type);
        expect(read?.getStreamRevision()).toBe(revision.toString());
        expect(read?.getCommitPosition()).toBe(position.toString());
        expect(Buffer.from(read?.getData_asU8() ?? [])).toEqual(Buffer.from(data));
        expect(eventData(frameOf(event))).toEqual(Buffer.from(data));
      },
    ),
  );
});

describe("UUIDs", () => {
  const digits = "123456781234423482341234567890ab";

  it("are read in the forms that .NET reads", () => {
    const dashed = "12345678-1234-4234-8234-1234567890AB";
    for (const text of [dashed, `{${dashed}}`, `(${dashed})`, ` ${dashed} `, digits])
      expect(parseUuid(text)).toEqual(Buffer.from(digits, "hex"));
  });

  it("that are invalid are reported with .NET's messages", () => {
    expect(parseUuid("")).toBe("Unrecognized Guid format.");
    expect(parseUuid("not-a-uuid")).toBe("Unrecognized Guid format.");
    expect(parseUuid("12345678123442348234 1234567890ab")).toMatch(/^Guid should contain 32 digits with 4 dashes/);
    expect(parseUuid(digits.replace("a", "g"))).toBe("Guid string should only contain hexadecimal characters.");
  });
});

import { expect, test } from "vitest";
import { streamName } from "../../src/domain/streams.ts";
import { createCodec, InvalidEvent } from "../../src/event-store/codec.ts";
import { recorded } from "./recorded.ts";

const codec = createCodec();
const added = { type: "BookAddedToShelf", data: { bookId: "000000000001" } };
const unusable = ["a".repeat(4_000), "a".repeat(65), "", "a\0b", "读者", "a b"];

test.each(unusable)("no stream is named by the id %#, and an event of one that others named so is refused", (id) => {
  expect(() => streamName("shelf", id)).toThrow(RangeError);
  expect(() => codec.decode(recorded(added, { stream: `shelf-${id}` }))).toThrow(InvalidEvent);
});

test("the message about such an event is short", () => {
  const stream = `shelf-${"a".repeat(4_000)}`;
  expect(() => codec.decode(recorded(added, { stream }))).toThrow(/^.{1,300}$/su);
});

test.each(["01890a5d-ac96-774b-bcce-b302099a8057", "abcdefghij01"])("the id %s names a stream that is read", (id) => {
  const stream = streamName("shelf", id);
  expect(codec.decode(recorded(added, { stream })).stream).toBe(`shelf-${id}`);
});

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ConsistencyToken,
  decodeConsistencyTokens,
  encodeConsistencyToken,
} from "../../src/domain/consistencyToken.ts";
import { categories } from "../../src/domain/streams.ts";

const bookId = fc.stringMatching(/^[a-z0-9]{12}$/);
const anyWritten: fc.Arbitrary<ConsistencyToken> = fc.record({
  position: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  category: fc.constantFrom(...categories),
  reader: fc.option(fc.uuid(), { nil: undefined }),
  books: fc.oneof(fc.array(bookId, { maxLength: 10 }), fc.constant("any" as const)),
});

describe("a Consistency-Token", () => {
  test("comes back as it was, alone or joined by commas", () => {
    fc.assert(
      fc.property(
        fc.array(anyWritten, { minLength: 1, maxLength: 5 }),
        fc.constantFrom(",", ", "),
        (written, comma) => {
          expect(decodeConsistencyTokens(written.map(encodeConsistencyToken).join(comma))).toEqual(written);
        },
      ),
    );
  });

  test("is one header value of plain characters", () => {
    fc.assert(
      fc.property(anyWritten, (written) => {
        expect(encodeConsistencyToken(written)).toMatch(/^[\w-]+$/);
      }),
    );
  });

  test("is short, whatever was written: many books are any book", () => {
    fc.assert(
      fc.property(anyWritten, fc.array(bookId, { minLength: 11, maxLength: 1_000 }), (written, books) => {
        const many = encodeConsistencyToken({ ...written, books });
        expect(decodeConsistencyTokens(many)).toEqual([{ ...written, books: "any" }]);
        for (const token of [many, encodeConsistencyToken(written)]) expect(token.length).toBeLessThanOrEqual(512);
      }),
    );
  });

  test("of an older release, which names a hundred books, is read", () => {
    const books = Array.from({ length: 100 }, (_, index) => `book${index}`);
    expect(decodeConsistencyTokens(forged({ p: "17", c: "shelf", b: books }))).toMatchObject([{ books }]);
  });

  const forged = (fields: unknown) => Buffer.from(JSON.stringify(fields)).toString("base64url");
  const good = forged({ p: "17", c: "shelf" });

  test.each([
    ["nothing", ""],
    ["no base64url of JSON", "not-a-token"],
    ["a number for the position", forged({ p: 17, c: "shelf" })],
    ["a negative position", forged({ p: "-1", c: "shelf" })],
    ["a category that is none of ours", forged({ p: "17", c: "orders" })],
    ["a field too many", forged({ p: "17", c: "shelf", x: 1 })],
    ["a good one beside a bad one", `${good},zzz`],
  ])("is refused when it is %s", (_what, header) => {
    expect(decodeConsistencyTokens(good)).toBeDefined();
    expect(decodeConsistencyTokens(header)).toBeUndefined();
  });
});

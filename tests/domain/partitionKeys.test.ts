import { describe, expect, test } from "vitest";
import { partitionKeyOf } from "../../src/domain/partitionKeys.ts";
import { categoryOf, idOf } from "../../src/domain/streams.ts";

const reader = "01890a5d-ac96-774b-bcce-b302099a8057";

describe("the partition key of a reader", () => {
  test("is the id of the reader's streams, dashes and all", () => {
    expect(partitionKeyOf("reader", `shelf-${reader}`, { bookId: "hongloumeng0" })).toBe(reader);
    expect(partitionKeyOf("reader", `account-${reader}`, {})).toBe(reader);
  });

  test("is none for a book's stream or the operators'", () => {
    expect(partitionKeyOf("reader", "book-hongloumeng0", {})).toBeUndefined();
    expect(partitionKeyOf("reader", "operations-scavenge", {})).toBeUndefined();
    expect(partitionKeyOf("book", "operations-scavenge", { bookId: "hongloumeng0" })).toBeUndefined();
  });
});

describe("the partition key of a book", () => {
  test("is the id of the book's stream, whatever the data say", () => {
    expect(partitionKeyOf("book", "book-hongloumeng0", { bookId: "other0000000" })).toBe("hongloumeng0");
  });

  test("is the bookId in the data of a reader's stream", () => {
    expect(partitionKeyOf("book", `shelf-${reader}`, { bookId: "hongloumeng0" })).toBe("hongloumeng0");
  });

  test.each([[{}], [{ bookId: 7 }], [null], ["hongloumeng0"], [undefined]])("is none for the data %j", (data) => {
    expect(partitionKeyOf("book", `shelf-${reader}`, data)).toBeUndefined();
  });
});

describe("a stream name", () => {
  test("is split at its first dash", () => {
    expect(categoryOf(`shelf-${reader}`)).toBe("shelf");
    expect(idOf(`shelf-${reader}`)).toBe(reader);
  });

  test.each([["shelves-x"], ["shelf"], ["$$shelf-x"], ["-x"], [""]])("of another kind has no category: %s", (name) => {
    expect(categoryOf(name)).toBeUndefined();
  });
});

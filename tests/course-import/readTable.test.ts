import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { parseCsvRecord } from "../../src/course-import/csv.ts";
import { createRowReader, readTable } from "../../src/course-import/readTable.ts";
import { decimalIn, idIfAny, idIn, numberIn, timeIn } from "../../src/course-import/values.ts";
import { openBookFile } from "../../src/library-import/bookFile.ts";
import { csvField, csvOf, type Field, writeTables } from "./tables.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** Reads a file of `book_chapter_content` with this text. */
async function readText(text: string | Buffer, name = "book_chapter_content.csv") {
  const { folder, remove } = await writeTables({});
  const path = join(folder, name);
  await writeFile(path, text);
  const source = { table: "book_chapter_content", path, ...(await openBookFile(path)) } as const;
  closing.push(() => source.file.close(), remove);
  const bad: string[] = [];
  const rows: { line: number; row: Record<string, string | null> }[] = [];
  const rowAt = await createRowReader(source);
  for await (const { place, row } of readTable(source, { onBad: (line, reason) => bad.push(`${line} ${reason}`) })) {
    expect(await rowAt(place)).toEqual(row);
    rows.push({ line: place.line, row });
  }
  return { rows, bad };
}

const header = "book_id,chapter_id,content\n";

describe("a CSV", () => {
  test("has fields with commas, quotes and line ends, and tells where each record begins", async () => {
    const { rows } = await readText(`﻿${header}1,2,"一，""二""\r\n\n三,"\r\n\n3,4,\n5,6,NULL\n7,8,"NULL"`);
    expect(rows).toEqual([
      { line: 2, row: { book_id: "1", chapter_id: "2", content: '一，"二"\r\n\n三,' } },
      { line: 6, row: { book_id: "3", chapter_id: "4", content: "" } },
      { line: 7, row: { book_id: "5", chapter_id: "6", content: null } },
      { line: 8, row: { book_id: "7", chapter_id: "8", content: "NULL" } },
    ]);
  });

  test("of any fields is read as it was written", async () => {
    const text = fc.string({ unit: fc.constantFrom("一", "a", ",", '"', "\n", "\r\n", " ", "NULL", "\\N", "𠀀") });
    const field: fc.Arbitrary<Field> = fc.oneof(text, fc.integer(), fc.constant(null));
    await fc.assert(
      fc.asyncProperty(fc.array(field, { minLength: 1, maxLength: 8 }), async (contents) => {
        const rows = contents.map((content, index) => ({ book_id: 1, chapter_id: index + 1, content }));
        const read = await readText(csvOf(rows));
        expect(read.bad).toEqual([]);
        expect(read.rows.map(({ row }) => row.content)).toEqual(
          contents.map((one) => (one === null ? null : String(one))),
        );
        expect(parseCsvRecord(contents.map(csvField).join(","))).toHaveLength(contents.length);
      }),
      { numRuns: 60 },
    );
  });

  test("is longer than what is read at once", async () => {
    const long = "长".repeat(200_000);
    const { rows } = await readText(
      csvOf([
        { book_id: 1, chapter_id: 2, content: long },
        { book_id: 3, chapter_id: 4, content: "短" },
      ]),
    );
    expect(rows.map(({ row }) => row.content?.length)).toEqual([200_000, 1]);
  });

  test("leaves out and names a record that does not fit the first", async () => {
    const { rows, bad } = await readText(`${header}1,2\n3,4,"x"y\n5,6,z\n`);
    expect(rows.map(({ line }) => line)).toEqual([4]);
    expect(bad).toEqual(["2 has 2 fields, and the first line names 3", "3 has text after the quotes of field 3"]);
  });

  test.each([
    [
      "lacks a column",
      "book_id,content\n1,x\n",
      "line 1 does not name the columns of book_chapter_content: chapter_id missing",
    ],
    ["has quotes that never end", `${header}1,2,"x\n3,4,y\n`, "line 2 has quotes that do not end"],
    [
      "is no UTF-8",
      Buffer.concat([Buffer.from(`${header}1,2,`), Buffer.from([0xc4, 0xe3, 0x0a])]),
      "line 2 is not UTF-8",
    ],
  ])("that %s is of no use", async (_, text, message) => {
    await expect(readText(text)).rejects.toThrow(message);
  });
});

describe("JSON Lines", () => {
  const name = "book_chapter_content.jsonl";

  test("have numbers, text and null; long integers keep their digits", async () => {
    const { rows, bad } = await readText(
      '{"book_id": 1, "chapter_id": "2", "content": "x", "showed": true}\n\nnot json\n[1]\n{"BOOK_ID": 12345678901234567890, "chapter_id": 1, "content": null}',
      name,
    );
    expect(rows).toEqual([
      { line: 1, row: { book_id: "1", chapter_id: "2", content: "x", showed: "1" } },
      { line: 5, row: { book_id: "12345678901234567890", chapter_id: "1", content: null } },
    ]);
    expect(bad).toEqual(["3 is not JSON", "4 is no JSON object"]);
  });

  test("that lack a column are of no use", async () => {
    await expect(readText('{"book_id": 1}\n', name)).rejects.toThrow("chapter_id, content missing");
  });
});

describe("a time", () => {
  const at = (created: string | null) => {
    const time = timeIn({ created }, "created", "+08:00");
    return time === undefined ? undefined : new Date(time).toISOString();
  };

  test("without an offset is of the given one", () => {
    expect(at("2020-01-31 18:05:09")).toBe("2020-01-31T10:05:09.000Z");
    expect(at("2020-01-31T18:05:09.123456")).toBe("2020-01-31T10:05:09.123Z");
    expect(at(" 2020-01-31 18:05:09.5Z")).toBe("2020-01-31T18:05:09.500Z");
    expect(at("2020-01-31 18:05:09-02:30")).toBe("2020-01-31T20:35:09.000Z");
  });

  test("may be as Excel writes it", () => {
    expect(at("2020-01-31 18:05")).toBe("2020-01-31T10:05:00.000Z");
    expect(at("2020/12/31 18:05")).toBe("2020-12-31T10:05:00.000Z");
    expect(at("2020/1/5 8:05:09")).toBe("2020-01-05T00:05:09.000Z");
    expect(at("2020-02-29 00:00")).toBe("2020-02-28T16:00:00.000Z");
  });

  test.each([null, "", " ", "0000-00-00 00:00:00", "0000-00-00", "1970-01-01 00:00:00"])("%j is none", (none) => {
    expect(at(none)).toBeUndefined();
  });

  test.each([
    "yesterday",
    "31/12/2020 18:05:09",
    "1609409109000",
    "2020-12-32",
    "2020-12-31Z",
    "2020-12-31T",
    "2020-13-01 00:00:00",
    "2020-00-01 00:00:00",
    "2020-02-31 00:00:00",
    "2021-02-29 00:00:00",
    "2020-02-01 24:00:00",
    "2020-02-01 00:60:00",
    "2020-02/01 00:00:00",
    "2020-02-01 6:05 PM",
    "20-02-01 00:00:00",
    "0000-00-001 00:00:00",
  ])("that cannot be read, such as %s, is no missing one", (none) => {
    expect(() => at(none)).toThrow(`created is no time like 2026-01-31 18:05:09: "${none}"`);
  });
});

test("numbers are decimal, and those that cannot be read are not missing ones", () => {
  const row = (n: string | null) => ({ n });
  for (const [text, number] of [
    ["17", 17],
    [" 17.0 ", 17],
    ["17.000", 17],
    ["-1", -1],
    ["999999999999999", 999_999_999_999_999],
  ] as const)
    expect(numberIn(row(text), "n")).toBe(number);
  for (const none of [null, "", " "])
    expect([numberIn(row(none), "n"), decimalIn(row(none), "n")]).toEqual([undefined, undefined]);
  for (const none of ["0", "-3", "0.0", null]) expect(idIfAny(row(none), "n")).toBeUndefined();
  for (const bad of ["0x20", "17.5", "1e3", "1,000", "nan", "1000000000000000", "十七"]) {
    for (const read of [numberIn, idIfAny, idIn])
      expect(() => read(row(bad), "n")).toThrow(`n is no whole number: "${bad}"`);
  }
  for (const [text, number] of [
    ["12.5", 12.5],
    ["1e1", 10],
    ["-0.5", -0.5],
  ] as const)
    expect(decimalIn(row(text), "n")).toBe(number);
  for (const bad of ["0x20", "Infinity", "half", "."])
    expect(() => decimalIn(row(bad), "n")).toThrow(`n is no number: "${bad}"`);
});

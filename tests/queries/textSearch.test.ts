import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { storeTexts } from "../../src/content/storeTexts.ts";
import { normalise } from "../../src/domain/searchText/normalise.ts";
import { textPattern } from "../../src/domain/searchText/textPattern.ts";
import { textSearchEndpoint } from "../../src/http/library/textSearch.ts";
import { createPool, type Pool } from "../../src/platform/postgres.ts";
import { startApi } from "../http/startApi.ts";
import { logger } from "../projections/fixtures.ts";
import { freshDatabase } from "../support/database.ts";
import { bookIdOf, catalogue, createReadModelTables } from "./readModelTables.ts";

type Place = {
  chapterId: string;
  no: number;
  title: string;
  offset: number;
  length: number;
  snippet: string;
  snippetOffset: number;
};
type Page = { items: Place[]; nextCursor: string | null; code?: string };

const [dream, long, withdrawn] = [bookIdOf(1), bookIdOf(2), bookIdOf(3)];
const filler = "话说天下大势分久必合合久必分。\n".repeat(40);
const texts = [
  `甄士隱夢幻識通靈\n寶玉笑道：「這個妹妹我曾見過的。」${filler}`,
  `${filler}林黛玉進賈府，𠮷祥。ＤＮＡ与 dna。葛\u{e0104}城风\ufe0f云。${filler}宝玉又问表字。宝玉道：“我送妹妹一妙字，莫若‘颦颦’二字极妙。”`,
  filler,
];
const chapterIdOf = (no: number) => `chapter${String(no).padStart(5, "0")}`;

let database: Awaited<ReturnType<typeof freshDatabase>>;
let pool: Pool;
let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool({ url: database.url, max: 4, service: "test", logger });
  await createReadModelTables(pool);
  api = await startApi([textSearchEndpoint(pool)]);
  await publish(dream, texts);
  // A chapter beyond the last one remains from a longer edition.
  await pool.query("UPDATE library_v3.books SET chapters = 3 WHERE book_id = $1", [dream]);
  await chapter(dream, 4, "寶玉");
  const hundredThousand = "空".repeat(100_000);
  await publish(long, [...Array.from({ length: 24 }, (_, no) => `${no}${hundredThousand}`), `${hundredThousand}剑来`]);
  await publish(withdrawn, ["寶玉"], { withdrawn_at: "2026-03-01T00:00:00Z" });
});
afterAll(async () => {
  await api.close();
  await pool.end();
  await database.drop();
});

async function publish(bookId: string, chapters: readonly string[], more: Record<string, unknown> = {}) {
  await catalogue(pool, bookId, BigInt(bookId.slice(4)), { chapters: chapters.length, ...more });
  for (const [index, text] of chapters.entries()) await chapter(bookId, index + 1, text);
}
async function chapter(bookId: string, no: number, text: string) {
  const sha256 = createHash("sha256").update(text).digest("hex");
  await storeTexts(pool, [{ sha256, text }]);
  await pool.query(
    `INSERT INTO library_v3.chapters (book_id, no, chapter_id, title, volume, kind, sha256, length, words)
     VALUES ($1, $2, $3, $4, NULL, 'chapter', $5, $6, $6)`,
    [bookId, no, chapterIdOf(no), `第${no}回`, sha256, text.length],
  );
}
async function find(q: string, more = "", bookId = dream): Promise<Page> {
  const response = await api.fetch(`/v1/books/${bookId}/search?q=${encodeURIComponent(q)}${more}`);
  return (await response.json()) as Page;
}

test("places are found in the order of the text, in whatever spelling, by their offsets in the text itself", async () => {
  const { items, nextCursor } = await find("寶玉");
  expect(nextCursor).toBeNull();
  expect(items.map(({ no }) => no)).toEqual([1, 2, 2]);
  expect(await find("宝玉")).toEqual({ items, nextCursor });
  for (const { chapterId, no, title, offset, length, snippet, snippetOffset } of items) {
    expect([chapterId, title]).toEqual([chapterIdOf(no), `第${no}回`]);
    expect(["寶玉", "宝玉"]).toContain(texts[no - 1]?.slice(offset, offset + length));
    expect(["寶玉", "宝玉"]).toContain(snippet.slice(snippetOffset, snippetOffset + length));
    expect(snippet.length).toBeLessThanOrEqual(62);
    expect(snippet).not.toContain("\n");
  }
  expect(items[0]?.snippet).toMatch(/^甄士隱夢幻識通靈 寶玉笑道/);
});

test("letters, wide and narrow, and characters beyond the basic plane have their places too", async () => {
  const { items } = await find("dna");
  expect(items.map(({ offset, length }) => texts[1]?.slice(offset, offset + length))).toEqual(["ＤＮＡ", "dna"]);
  const [lucky] = (await find("𠮷祥")).items;
  expect(texts[1]?.slice(lucky?.offset).startsWith("𠮷祥")).toBe(true);
  expect(lucky?.length).toBe(3);
  const [castle] = (await find("葛\ufe00城风云")).items;
  expect(texts[1]?.slice(castle?.offset).startsWith("葛\u{e0104}城风\ufe0f云")).toBe(true);
  expect(castle?.length).toBe(7);
  expect(
    (await find("贾府 𠮷祥")).items.map(({ snippet, snippetOffset }) =>
      snippet.slice(snippetOffset, snippetOffset + 6),
    ),
  ).toEqual(["賈府，𠮷祥"]);
});

test("what is copied from a text is found, with symbols in it and characters that stand for several", async () => {
  const copied = bookIdOf(4);
  const parts = [
    "投胎入世──趁此机会",
    "夏洛克•福尔摩斯",
    "Ⅲ号楼",
    "①层",
    "37℃",
    "A/B测试",
    "cafe\u0301",
    "日本㈱㈲东京",
  ];
  await publish(copied, [parts.map((part) => `甲${part}乙\n`).join(filler)]);
  for (const part of parts) {
    const { items } = await find(part, "", copied);
    expect(items.map(({ snippet, snippetOffset, length }) => snippet.substr(snippetOffset, length))).toEqual([part]);
  }
  expect((await find("III号楼", "", copied)).items).toHaveLength(1);
});

test("Postgres and JavaScript find the same characters in a gap", async () => {
  const pattern = textPattern("中 中") ?? "";
  const characters = Array.from({ length: 0x1ffff }, (_, code) => code + 1)
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => `中${String.fromCodePoint(code)}中`);
  const { rows } = await pool.query<{ found: string }>(
    "SELECT found FROM unnest($1::text[]) WITH ORDINALITY AS part (found, place) WHERE found ~ $2 ORDER BY place",
    [characters, pattern],
  );
  const expression = new RegExp(pattern, "u");
  const found = characters.filter((part) => expression.test(part));
  expect(rows.map(({ found }) => found)).toEqual(found);
  // Unassigned characters are in it only where that makes the pattern shorter.
  const gaps = characters.filter((part) => normalise(part) === "中 中" && !/^中\p{Cn}中$/u.test(part));
  expect(gaps.filter((part) => !expression.test(part))).toEqual([]);
  expect(found.filter((part) => normalise(part) !== "中 中" && !/^中\p{Cn}中$/u.test(part))).toEqual([]);
});

test("pages go on where the one before ended, also within a chapter", async () => {
  const all = (await find("大势", "&limit=100")).items;
  expect(all).toHaveLength(100);
  const walked: Place[] = [];
  let cursor = "";
  do {
    const page = await find("大势", `&limit=33${cursor}`);
    walked.push(...page.items);
    cursor = page.nextCursor === null ? "" : `&cursor=${page.nextCursor}`;
  } while (cursor !== "");
  expect(walked).toHaveLength(160);
  expect(walked.slice(0, 100)).toEqual(all);
  expect(new Set(walked.map(({ no, offset }) => `${no} ${offset}`)).size).toBe(160);
});

test("a long book is searched in several pages, of which the first may have nothing", async () => {
  const first = await find("剑来", "", long);
  expect(first.items).toEqual([]);
  expect(first.nextCursor).not.toBeNull();
  const second = await find("剑来", `&cursor=${first.nextCursor}`, long);
  expect(second).toMatchObject({ items: [{ no: 25, offset: 100_000 }], nextCursor: null });
});

test("a query with many gaps, or of signs of expressions, is but a text", async () => {
  const gaps = Array.from("话说天下大势分久必合合久必分话说天下大势分久必合合久必分").join(" ");
  expect((await find(gaps)).items).toEqual([]);
  expect((await find("[a-z]+(x|y)*")).items).toEqual([]);
});

test("what cannot be searched is a problem", async () => {
  expect(await find("")).toMatchObject({ code: "invalid_request" });
  expect(await find("《》")).toMatchObject({ code: "invalid_request" });
  expect(await find("字".repeat(65))).toMatchObject({ code: "invalid_request" });
  expect(await find("宝玉", "&cursor=WzAsMF0")).toMatchObject({ code: "invalid_request" });
  expect(await find("宝玉", "", "unknown00000")).toMatchObject({ code: "book_not_found" });
  expect(await find("宝玉", "", withdrawn)).toMatchObject({ code: "book_withdrawn" });
});

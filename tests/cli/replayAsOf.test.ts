import { expect, test } from "vitest";
import { preferencesDecider } from "../../src/domain/preferences/decider.ts";
import type { FoundPast, Past } from "../../src/replay/asOf/past.ts";
import { runWith } from "./fixtures.ts";

const id = "01890a5d-ac96-774b-bcce-b302099a8057";
const { preferences, settings } = preferencesDecider.initialState;
const spring = "2026-04-01T00:00:00.000Z";
const titles = new Map([["hongloumeng1", "红楼\u001b梦"]]);

const nothing: Past = {
  readerId: id,
  asOf: "2026-03-01T00:00:00.000Z",
  since: "2026-01-01T00:00:00.000Z",
  shelf: { books: [], groups: [] },
  places: [],
  preferences: { ...preferences, changedAt: null },
  settings: { ...settings, changedAt: null },
};
const full: Past = {
  ...nothing,
  asOf: spring,
  shelf: {
    books: [
      { bookId: "hongloumeng1", addedAt: spring, pinned: true, groupId: "g1" },
      { bookId: "shuihuzhuan1", addedAt: spring, pinned: false, groupId: null },
    ],
    groups: [{ groupId: "g1", name: "古典" }],
  },
  places: [
    {
      bookId: "hongloumeng1",
      chapterId: "chapter00001",
      chapterNo: 3,
      offset: 120,
      deviceId: "phone",
      readAt: spring,
    },
  ],
  settings: { ...settings, fontSize: 20, changedAt: spring },
};
const past = (one: Past): FoundPast => ({ found: "past", past: one });
const answering =
  (...found: FoundPast[]) =>
  async () => ({ found, titles });

test("as-of prints what was, with titles, and takes a time with an offset", async () => {
  const asked: unknown[] = [];
  const { code, stdout } = await runWith(["replay", "as-of", id.toUpperCase(), "2026-04-01T08:00:00+08:00"], {
    pastOf: async (...args) => {
      asked.push(args);
      return { found: [past(full)], titles };
    },
  });
  expect({ code, asked }).toEqual({ code: 0, asked: [[id, [new Date(spring)]]] });
  expect(stdout).toBe(`reader ${id} as of ${spring}, known since 2026-01-01T00:00:00.000Z
shelf: 2 books, groups 古典
  hongloumeng1 红楼 梦  pinned  in 古典  added ${spring}
  shuihuzhuan1  added ${spring}
places: 1
  hongloumeng1 红楼 梦  chapter 3 +120  on phone ${spring}
preferences: channel any, categoryIds none, progressPolicy ask (defaults)
settings: brightness 30, fontSize 20, background B1, pageTurn T1, lineSpacing 150 (since ${spring})
`);
  const asJson = await runWith(["replay", "as-of", id, spring, "--json"], { pastOf: answering(past(full)) });
  expect(JSON.parse(asJson.stdout)).toEqual(full);
});

test("diff prints what changed, also from before the first event on", async () => {
  const later: FoundPast = { found: "not_yet", since: new Date(nothing.since), past: nothing };
  const args = ["replay", "diff", id, "2026-03-01T00:00:00Z", spring];
  const { code, stdout } = await runWith(args, { pastOf: answering(later, past(full)) });
  expect(code).toBe(0);
  expect(stdout).toBe(`+ group g1 古典
+ shelf hongloumeng1 红楼 梦  added ${spring}
+ shelf shuihuzhuan1  added ${spring}
+ place hongloumeng1 红楼 梦: chapter 3 +120
~ settings fontSize: 14 → 20
`);
  const back = await runWith(args, {
    pastOf: answering(past(full), past({ ...full, shelf: { ...full.shelf, books: full.shelf.books.slice(0, 1) } })),
  });
  expect(back.stdout).toBe("- shelf shuihuzhuan1\n");
  expect((await runWith(args, { pastOf: answering(past(full), past(full)) })).stdout).toBe("nothing changed\n");
  const asJson = await runWith([...args, "--json"], { pastOf: answering(past(full), past(full)) });
  expect(JSON.parse(asJson.stdout)).toMatchObject({ shelf: { added: [], reordered: false }, settings: {} });
});

test("why there is no past is said, and times that are none are refused", async () => {
  const told = async (found: FoundPast) =>
    (await runWith(["replay", "as-of", id, spring], { pastOf: answering(found) })).stderr;
  expect(await told({ found: "erased" })).toBe(`heima: ${id} was erased\n`);
  expect(await told({ found: "unknown" })).toBe(`heima: the log has no events of ${id}\n`);
  expect(await told({ found: "not_yet", since: new Date(spring), past: nothing })).toContain(spring);
  for (const time of ["2026-04-01", "spring", "2026-02-30T00:00:00Z", "2026-02-01T24:00:00Z", "9999-01-01T00:00:00Z"])
    expect((await runWith(["replay", "as-of", id, time])).code, time).toBe(2);
  expect((await runWith(["replay", "diff", id, spring, "2026-03-01T00:00:00Z"])).code).toBe(2);
});

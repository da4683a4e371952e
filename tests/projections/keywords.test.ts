import { describe, expect, test } from "vitest";
import type { HeimaEvent } from "../../src/domain/events.ts";
import { blocklist } from "../../src/projections/blocklist/blocklist.ts";
import { keywordDayOf, keywords } from "../../src/projections/keywords/keywords.ts";
import { given } from "../support/readModel.ts";

const [morning, evening, next] = [
  new Date("2026-03-01T00:00:00Z"),
  new Date("2026-03-01T23:59:59.999Z"),
  new Date("2026-03-02T00:00:00Z"),
];
const day = keywordDayOf(morning);
const searched = (keyword: string, more: { results?: number; visitor?: string } = {}): HeimaEvent => ({
  type: "KeywordSearched",
  data: { keyword, ...more },
});
const forgotten = (keyword: string): HeimaEvent => ({ type: "KeywordForgotten", data: { keyword } });
const cleared: HeimaEvent = { type: "SearchHistoryCleared", data: {} };
const [anna, ben] = ["a".repeat(22), "b".repeat(22)];

describe("keywords", () => {
  test("count once for each reader, keyword and day, however they are written", () => {
    const seen = given(
      keywords,
      ["search-lin", searched("红楼梦"), morning],
      ["search-lin", searched("《紅樓夢》"), evening],
      ["search-lin", searched("红楼梦"), next],
      ["search-wang", searched("红楼梦", { results: 0 }), next],
    );
    const row = { visitor: "", keyword: "红楼梦" };
    expect(seen.rows("keyword_days")).toEqual([
      { reader_id: "lin", day, typed: "《紅樓夢》", found: true, ...row },
      { reader_id: "lin", day: day + 1, typed: "红楼梦", found: true, ...row },
      { reader_id: "wang", day: day + 1, typed: "红楼梦", found: false, ...row },
    ]);
    expect(seen.rows("own_keywords")).toMatchObject([
      { reader_id: "lin", keyword: "红楼梦", typed: "红楼梦", searched_at: next, position: 2n },
      { reader_id: "wang", keyword: "红楼梦" },
    ]);
  });

  test("of nobody count once for each address, and are on nobody's list", () => {
    const stream = "search-anonymous-2026-03-01";
    const seen = given(
      keywords,
      [stream, searched("剑来", { visitor: anna }), morning],
      [stream, searched("剑来", { visitor: ben }), morning],
      [stream, searched("剑来", { visitor: anna }), evening],
    );
    expect(seen.rows("keyword_days")).toMatchObject([{ visitor: anna }, { visitor: ben }]);
    expect(seen.rows("own_keywords")).toEqual([]);
  });

  test("that a reader forgets are on the list no more, and count no more", () => {
    const seen = given(
      keywords,
      ["search-lin", searched("红楼梦"), morning],
      ["search-lin", searched("红楼梦"), next],
      ["search-lin", searched("西游记"), next],
      ["search-wang", searched("红楼梦"), next],
      ["search-lin", forgotten("紅樓夢")],
    );
    const left = [{ reader_id: "lin", keyword: "西游记" }, { reader_id: "wang" }];
    expect(seen.rows("keyword_days")).toMatchObject(left);
    expect(seen.rows("own_keywords")).toMatchObject(left);
  });

  test("go with the list, or with the reader; what is searched for afterwards counts again", () => {
    for (const end of [cleared, { type: "ReaderErased", data: {} } as HeimaEvent]) {
      const stream = end === cleared ? "search-lin" : "account-lin";
      const events = [
        ["search-lin", searched("红楼梦"), morning] as const,
        ["search-lin", searched("西游记"), next] as const,
        ["search-wang", searched("红楼梦"), next] as const,
        [stream, end] as const,
      ];
      expect(given(keywords, ...events).rows("keyword_days")).toMatchObject([{ reader_id: "wang" }]);
      expect(given(keywords, ...events).rows("own_keywords")).toMatchObject([{ reader_id: "wang" }]);
      const again = given(keywords, ...events, ["search-lin", searched("水浒传"), next]);
      expect(again.rows("own_keywords")).toMatchObject([{ keyword: "水浒传" }, { reader_id: "wang" }]);
    }
  });
});

test("the blocklist has each keyword as it was blocked last", () => {
  const block = (keyword: string): HeimaEvent => ({ type: "KeywordBlocked", data: { keyword } });
  const seen = given(
    blocklist,
    ["blocklist-keywords", block("紅樓夢"), morning],
    ["blocklist-keywords", block("西游记"), morning],
    ["blocklist-keywords", { type: "KeywordUnblocked", data: { keyword: "红楼梦" } }, next],
  );
  expect(seen.rows("blocked_keywords")).toEqual([
    { list: "keywords", keyword: "西游记", typed: "西游记", blocked_at: morning },
  ]);
});

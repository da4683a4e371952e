import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Blocklist, blocklistDecider } from "../../src/domain/blocklist/decider.ts";
import { type BlocklistEvent, maxBlocked } from "../../src/domain/blocklist/events.ts";
import { keywordDecider, rememberedSearches, type Searches } from "../../src/domain/keywords/decider.ts";
import { type KeywordEvent, keywordEvents } from "../../src/domain/keywords/events.ts";
import { anonymousSearches } from "../../src/domain/keywords/stream.ts";

const { initialState, evolve, fold } = keywordDecider;
const searched = (keyword: string): KeywordEvent => ({ type: "KeywordSearched", data: { keyword } });
const forgotten = (keyword: string): KeywordEvent => ({ type: "KeywordForgotten", data: { keyword } });
const cleared: KeywordEvent = { type: "SearchHistoryCleared", data: {} };
const having = (...events: KeywordEvent[]): Searches => events.reduce(evolve, initialState);
const forget = (keyword: string, searches: Searches) =>
  keywordDecider.decide({ type: "ForgetKeyword", keyword }, searches);
const clear = (searches: Searches) => keywordDecider.decide({ type: "ClearSearchHistory" }, searches);

describe("a reader's searches", () => {
  test("lose a keyword once, however it is written", () => {
    expect(forget("红楼梦", initialState)).toEqual([]);
    expect(forget("《紅樓夢》", having(searched("红楼梦")))).toEqual([forgotten("《紅樓夢》")]);
    expect(forget("红楼梦", having(searched("红楼梦"), forgotten("《紅樓夢》")))).toEqual([]);
    expect(forget("西游记", having(searched("红楼梦")))).toEqual([]);
    expect(forget("红楼梦", having(forgotten("红楼梦"), searched("红楼梦")))).toEqual([forgotten("红楼梦")]);
  });

  test("are cleared if there is any on the list", () => {
    expect(clear(initialState)).toEqual([]);
    expect(clear(having(searched("红楼梦")))).toEqual([cleared]);
    expect(clear(having(searched("红楼梦"), cleared))).toEqual([]);
    expect(clear(having(searched("红楼梦"), searched("西游记"), forgotten("红楼梦")))).toEqual([cleared]);
    expect(clear(having(searched("红楼梦"), forgotten("红楼梦")))).toEqual([]);
    expect(forget("红楼梦", having(searched("红楼梦"), cleared))).toEqual([]);
  });

  test("may be older than what is known: then they are forgotten all the same, and once", () => {
    const many = Array.from({ length: rememberedSearches }, () => searched("红楼梦"));
    const searches = having(searched("西游记"), ...many);
    expect(forget("西游记", searches)).toEqual([forgotten("西游记")]);
    expect(forget("西游记", evolve(searches, forgotten("西游记")))).toEqual([]);
    expect(clear(evolve(searches, cleared))).toEqual([]);
  });

  test("are the same after all events as after the last ones that are known, folded at once or one by one", () => {
    const event = fc.oneof(
      fc.constantFrom("一", "二", "三").map(searched),
      fc.constantFrom("一", "二").map(forgotten),
      fc.constant(cleared),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), (events) => {
        const all = [...Array.from({ length: rememberedSearches - 6 }, () => searched("三")), ...events];
        const window = fold?.(initialState, all.slice(-rememberedSearches));
        expect(having(...all)).toEqual(window);
      }),
      { numRuns: 20 },
    );
  });

  test("have keywords of one line, of at most 50 characters, in which something can be seen", () => {
    const { schema } = keywordEvents.KeywordSearched;
    const isFine = (keyword: string) => schema.safeParse({ keyword }).success;
    expect(["剑", "A股", "𠮷".repeat(50), "b".repeat(50)].map(isFine)).toEqual([true, true, true, true]);
    expect(["", " ", "\u2800", "a\nb", "\0", "b".repeat(51), "𠮷".repeat(51)].map(isFine)).not.toContain(true);
    expect(schema.safeParse({ keyword: "剑", visitor: "192.0.2.1" }).success).toBe(false);
  });

  test("of nobody are in the stream of the day in UTC", () => {
    expect(anonymousSearches(new Date("2026-03-01T23:59:59.999Z"))).toBe("anonymous-2026-03-01");
    expect(anonymousSearches(new Date("2026-03-02T07:00:00+08:00"))).toBe("anonymous-2026-03-01");
  });
});

describe("the blocklist", () => {
  const decide = (type: "BlockKeyword" | "UnblockKeyword", keyword: string, blocked: Blocklist) =>
    blocklistDecider.decide({ type, keyword }, blocked);
  const blocked = (keyword: string): BlocklistEvent => ({ type: "KeywordBlocked", data: { keyword } });

  test("has a keyword once, however it is written, until it is taken off", () => {
    const before = blocklistDecider.initialState;
    expect(decide("BlockKeyword", "紅樓夢", before)).toEqual([blocked("紅樓夢")]);
    const list = blocklistDecider.evolve(before, blocked("紅樓夢"));
    expect(decide("BlockKeyword", "红楼梦", list)).toEqual([]);
    expect(decide("UnblockKeyword", "西游记", list)).toEqual([]);
    const off: BlocklistEvent = { type: "KeywordUnblocked", data: { keyword: "《红楼梦》" } };
    expect(decide("UnblockKeyword", "《红楼梦》", list)).toEqual([off]);
    expect(blocklistDecider.evolve(list, off).size).toBe(0);
  });

  test("takes no more than 1,000", () => {
    const full = new Set(Array.from({ length: maxBlocked }, (_, n) => `k${n}`));
    expect(decide("BlockKeyword", "红楼梦", full)).toMatchObject({ refused: "too_many_blocked" });
    expect(decide("BlockKeyword", "k7", full)).toEqual([]);
  });
});

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Client, createSuggestions, createTextSearch, HeimaError } from "../../clients/miniprogram/src/index.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A client whose answers the test sends. */
function askedClient() {
  const asked: { q: string; answer(items: readonly unknown[]): void; fail(error: Error): void }[] = [];
  const send = (_: string, { query }: { query: { q: string } }) =>
    new Promise((resolve, reject) => {
      asked.push({ q: query.q, answer: (items) => resolve({ items }), fail: reject });
    });
  return { asked, client: { send } as unknown as Client };
}

function box() {
  const { asked, client } = askedClient();
  const shown: string[] = [];
  const problems: string[] = [];
  const suggestions = createSuggestions({
    client,
    onSuggestions: (items, text) => shown.push(`${text}: ${items.length}`),
    onProblem: ({ code }) => problems.push(code),
  });
  return { asked, shown, problems, ...suggestions };
}

test("a text is asked for when the box has rested, once", () => {
  const { typed, asked } = box();
  for (const text of ["h", "ho", "hon", "hong "]) typed(text);
  vi.advanceTimersByTime(149);
  expect(asked).toHaveLength(0);
  vi.advanceTimersByTime(1);
  expect(asked.map(({ q }) => q)).toEqual(["hong"]);
});

test("what is shown is of the text in the box, in whatever order the answers come", async () => {
  const { typed, asked, shown } = box();
  for (const text of ["红", "红楼"]) {
    typed(text);
    vi.advanceTimersByTime(150);
  }
  asked[1]?.answer(["红楼梦"]);
  await vi.advanceTimersByTimeAsync(0);
  asked[0]?.answer(["红楼梦", "红高粱"]);
  await vi.advanceTimersByTimeAsync(0);
  expect(shown).toEqual(["红楼: 1"]);
  typed("  ");
  expect(shown).toEqual(["红楼: 1", "  : 0"]);
});

test("an answer that is not the API's is told, and a search in a text may go on after it", async () => {
  const { typed, asked, shown, problems } = box();
  typed("红");
  vi.advanceTimersByTime(150);
  asked[0]?.answer(undefined as never);
  await vi.advanceTimersByTimeAsync(0);
  expect([shown, problems]).toEqual([[], ["unexpected_answer"]]);
  const answers = [{ errcode: 0 }, { items: ["a place"], nextCursor: null }];
  const client = { send: async () => answers.shift() } as unknown as Client;
  const search = createTextSearch({ client, bookId: "hongloumeng0", q: "红" });
  await expect(search.next()).rejects.toMatchObject({ code: "unexpected_answer" });
  expect(await search.next()).toEqual(["a place"]);
});

test("nothing is shown or reported after a stop, and a failure is reported", async () => {
  const { typed, stop, asked, shown, problems } = box();
  typed("红");
  vi.advanceTimersByTime(150);
  asked[0]?.fail(new HeimaError("search_unavailable", ""));
  await vi.advanceTimersByTimeAsync(0);
  expect(problems).toEqual(["search_unavailable"]);
  typed("红楼");
  vi.advanceTimersByTime(150);
  typed("红楼梦");
  stop();
  asked[1]?.answer(["红楼梦"]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([asked.length, shown]).toEqual([2, []]);
});

test("what the app throws is no failure of the answer, and the next letter asks again", async () => {
  const { asked, client } = askedClient();
  const problems: string[] = [];
  const gone = new Error("the page is gone");
  const suggestions = createSuggestions({
    client,
    onSuggestions: () => {
      throw gone;
    },
    onProblem: ({ code }) => problems.push(code),
  });
  for (const text of ["红", "红楼"]) {
    suggestions.typed(text);
    vi.advanceTimersByTime(150);
    asked.at(-1)?.answer([]);
    for (let turns = 0; turns < 5; turns++) await Promise.resolve();
    expect(() => vi.runAllTimers()).toThrow(gone);
  }
  expect([asked.length, problems]).toEqual([2, []]);
});

test("two calls for the next places at the same time get a page each, also after a failure", async () => {
  const answers = [{ items: ["one"], nextCursor: "b" }, undefined, { items: ["two"], nextCursor: null }];
  const asked: string[] = [];
  const send = async (_: string, { query }: { query: { cursor?: string } }) => {
    asked.push(String(query.cursor));
    const page = answers.shift();
    if (page === undefined) throw new HeimaError("network_error", "");
    return page;
  };
  const search = createTextSearch({ client: { send } as unknown as Client, bookId: "hongloumeng0", q: "宝玉" });
  const pages = await Promise.allSettled([search.next(), search.next(), search.next(), search.next()]);
  expect(pages.map((page) => (page.status === "fulfilled" ? page.value : "failed"))).toEqual([
    ["one"],
    "failed",
    ["two"],
    undefined,
  ]);
  expect(asked).toEqual(["undefined", "b", "b"]);
});

test("a search in a text skips empty pages, ends once, and continues after a failure", async () => {
  const pages: Record<string, unknown> = {
    undefined: { items: [], nextCursor: "b" },
    b: { items: ["one"], nextCursor: "c" },
    d: { items: [], nextCursor: null },
  };
  const asked: string[] = [];
  const send = async (_: string, { query }: { query: { cursor?: string } }) => {
    asked.push(String(query.cursor));
    const page = pages[String(query.cursor)];
    if (page === undefined) throw new HeimaError("network_error", "");
    return page;
  };
  const search = createTextSearch({ client: { send } as unknown as Client, bookId: "hongloumeng0", q: "宝玉" });
  expect(await search.next()).toEqual(["one"]);
  await expect(search.next()).rejects.toThrow(HeimaError);
  pages.c = { items: ["two"], nextCursor: "d" };
  expect(await search.next()).toEqual(["two"]);
  expect([await search.next(), await search.next()]).toEqual([undefined, undefined]);
  expect(asked).toEqual(["undefined", "b", "c", "c", "d"]);
});

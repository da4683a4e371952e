import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { type ConsistencyToken, encodeConsistencyToken } from "../../src/domain/consistencyToken.ts";
import { RequestProblem } from "../../src/http/problems.ts";
import { queryEndpoint } from "../../src/http/queryEndpoint.ts";
import { createResponseCache } from "../../src/http/responseCache.ts";
import type { Source } from "../../src/http/responseCacheTypes.ts";
import { createMetrics } from "../../src/metrics/registry.ts";
import { countCacheLookups } from "../../src/metrics/responseCache.ts";
import { until } from "../support/waiting.ts";
import { bearer, readerId, startApi, tokens } from "./startApi.ts";

let now: number | undefined;
/** Everything changed before it: no entry of another test is valid. */
let begun = 0;
/** The last change of each key, of any key of a read model, and of all of its keys. */
const changed = new Map<string, number>();
const lastOf = ({ readModel, key }: Source) =>
  key === undefined
    ? (changed.get(`${readModel} any`) ?? begun)
    : Math.max(changed.get(`${readModel} key ${key}`) ?? begun, changed.get(`${readModel} all`) ?? begun);
const changes = {
  now: () => now,
  unchangedSince: (change: number, sources: readonly Source[]) => sources.every((source) => lastOf(source) <= change),
};
const change = ({ readModel, key }: Source) => {
  now = (now ?? 0) + 1;
  changed.set(`${readModel} any`, now);
  changed.set(key === undefined ? `${readModel} all` : `${readModel} key ${key}`, now);
};

const metrics = createMetrics("api");
const count = countCacheLookups(metrics);
/** The requests of this test, in order. */
let lookups: ("hit" | "miss")[] = [];
let made = 0;
let beforeAnswer: () => void = () => {};
/** Answers wait for it. */
let waitedFor: Promise<void> | undefined;
/** Milliseconds: the cache's clock. */
let clock = 0;
let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  const declared = { summary: "For a test", response: z.strictObject({ made: z.int() }), problems: [] } as const;
  const handle = async () => {
    const number = ++made;
    beforeAnswer();
    await waitedFor;
    return { made: number };
  };
  api = await startApi(
    [
      queryEndpoint({
        ...declared,
        path: "/books/{bookId}",
        access: "open",
        params: z.strictObject({ bookId: z.string() }),
        query: z.strictObject({ limit: z.string().optional() }),
        reads: ["library"],
        keysOf: ({ params }) => ({ library: params.bookId }),
        handle,
      }),
      queryEndpoint({
        ...declared,
        path: "/shelf",
        access: "reader",
        reads: ["shelf", "library"],
        keysOf: ({ readerId }) => ({ shelf: readerId }),
        handle,
      }),
      queryEndpoint({ ...declared, path: "/clock", access: "open", reads: [], handle }),
      queryEndpoint({
        ...declared,
        path: "/missing",
        access: "open",
        problems: ["book_not_found"],
        reads: ["library"],
        async handle() {
          made++;
          await waitedFor;
          throw new RequestProblem("book_not_found", "There is none.");
        },
      }),
      queryEndpoint({
        ...declared,
        path: "/counted/{order}",
        access: "open",
        params: z.strictObject({ order: z.string() }),
        reads: ["library", "collected"],
        maxAgeMs: { collected: 2_000 },
        keysIn: (_answer, { params }) => (params.order === "collected" ? {} : { collected: ["x", "y"] }),
        handle,
      }),
      queryEndpoint({
        ...declared,
        path: "/texts/{text}",
        access: "open",
        params: z.strictObject({ text: z.string() }),
        reads: ["library"],
        keysOf: ({ params }) => ({ library: params.text }),
        costly: "text",
        handle,
      }),
    ],
    {
      responseCache: createResponseCache({
        changes,
        keysOfToken: (readModel, { category, reader, books }) => {
          if (category !== (readModel === "library" ? "book" : "shelf")) return [];
          if (readModel === "shelf") return [reader ?? ""];
          return books === "any" ? [undefined] : books;
        },
        maxBytes: 20_000,
        onLookup(result) {
          lookups.push(result);
          count(result);
        },
        clock: () => clock,
      }),
    },
  );
});
afterAll(() => api.close());
beforeEach(() => {
  begun += 1_000;
  now = begun;
  changed.clear();
  beforeAnswer = () => {};
  waitedFor = undefined;
  lookups = [];
});

/** Whether each request was answered by a new query. */
async function anew(...requests: (() => Promise<Response>)[]): Promise<boolean[]> {
  const answers: boolean[] = [];
  for (const request of requests) {
    const before = made;
    await (await request()).text();
    answers.push(made > before);
  }
  return answers;
}

const get =
  (path: string, headers: Record<string, string> = {}) =>
  () =>
    api.fetch(path, { headers });

test("an answer is kept until the rows that it was made of change", async () => {
  const book = get("/books/a");
  expect(await anew(book, book)).toEqual([true, false]);
  change({ readModel: "library", key: "b" });
  change({ readModel: "shelf" });
  expect(await anew(book)).toEqual([false]);
  change({ readModel: "library", key: "a" });
  expect(await anew(book, book)).toEqual([true, false]);
});

test("each of several read models invalidates an answer, by the declared key or as a whole", async () => {
  const shelf = get("/shelf");
  expect(await anew(shelf, shelf)).toEqual([true, false]);
  change({ readModel: "shelf", key: readerId });
  expect(await anew(shelf, shelf)).toEqual([true, false]);
  change({ readModel: "library" });
  expect(await anew(shelf, shelf)).toEqual([true, false]);
});

test("answers of other readers, paths and query strings are others", async () => {
  const authorization = `Bearer ${tokens.issue({ readerId: "01890a5d-ac96-774b-bcce-b302099a8058", roles: ["reader"] }).accessToken}`;
  expect(await anew(get("/shelf"), get("/shelf", { authorization }))).toEqual([true, true]);
  expect(await anew(get("/books/c"), get("/books/d"), get("/books/c?limit=1"), get("/books/c"))).toEqual([
    true,
    true,
    true,
    false,
  ]);
  const analyst = get("/shelf", { authorization: bearer("analyst") });
  expect((await analyst()).status).toBe(403);
});

test("a change while the answer was being made keeps it from being kept", async () => {
  const book = get("/books/e");
  beforeAnswer = () => change({ readModel: "library", key: "e" });
  expect(await anew(book, book)).toEqual([true, true]);
});

const asking = (path: string, token: ConsistencyToken) =>
  get(path, { "consistency-token": encodeConsistencyToken(token) });
const consistencyOf = async (request: () => Promise<Response>) => (await request()).headers.get("consistency");
const numberOf = async (request: () => Promise<Response>) =>
  ((await (await request()).json()) as { made: number }).made;

const untilSoon = (answer: () => boolean) => until("the requests have arrived", answer);

/** Makes answers wait until the returned function is called. */
function holdAnswers(): () => void {
  let letGo = () => {};
  waitedFor = new Promise((resolve) => {
    letGo = resolve;
  });
  return letGo;
}

test("a token that was reached long ago is answered from the cache, and says whether it got its wish", async () => {
  const withToken = asking("/books/f", { position: 3n, category: "book", books: ["f"] });
  expect(await anew(get("/books/f"), withToken, withToken, get("/books/f"))).toEqual([true, false, false, false]);
  expect(await consistencyOf(withToken)).toBe("current");
  change({ readModel: "library", key: "f" });
  expect(await anew(withToken, get("/books/f"))).toEqual([true, false]);
  expect(await consistencyOf(withToken)).toBe("current");
});

test("a public answer is computed once for all concurrent requests, with or without a token", async () => {
  const before = made;
  const letGo = holdAnswers();
  const token = encodeConsistencyToken({ position: 3n, category: "book", books: ["q"] });
  const asked = Array.from({ length: 90 }, (_, index) =>
    numberOf(get("/books/q", index % 2 === 0 ? {} : { "consistency-token": token })),
  );
  await untilSoon(() => lookups.length >= 90);
  letGo();
  expect(new Set(await Promise.all(asked))).toEqual(new Set([before + 1]));
  expect(made).toBe(before + 1);
  expect(lookups.filter((result) => result === "miss").length).toBe(1);
});

test("who asks after a change does not share what was begun before it", async () => {
  const before = made;
  const letGoEarly = holdAnswers();
  const early = numberOf(get("/books/r"));
  await untilSoon(() => made === before + 1);
  change({ readModel: "library", key: "other" });
  const shared = numberOf(get("/books/r"));
  await untilSoon(() => lookups.length === 2);
  change({ readModel: "library", key: "r" });
  waitedFor = undefined;
  expect(await numberOf(get("/books/r"))).toBe(before + 2);
  letGoEarly();
  expect(await Promise.all([early, shared])).toEqual([before + 1, before + 1]);
  // An answer that began first and ended last does not replace the newer one.
  expect(await numberOf(get("/books/r"))).toBe(before + 2);
});

test("a failure reaches all who wait for the answer, and the next is made anew", async () => {
  const before = made;
  const letGo = holdAnswers();
  const asked = Array.from({ length: 5 }, () => get("/missing")());
  await untilSoon(() => lookups.length === 5);
  letGo();
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual([404, 404, 404, 404, 404]);
  expect(made).toBe(before + 1);
  expect(await anew(get("/missing"))).toEqual([true]);
});

test("what may be old is made anew at most each two seconds, however often it changes", async () => {
  const page = get("/counted/collected");
  expect(await anew(page)).toEqual([true]);
  for (let step = 0; step < 19; step++) {
    change({ readModel: "collected" });
    clock += 100;
    expect(await anew(page)).toEqual([false]);
  }
  clock += 100;
  expect(await anew(page, page)).toEqual([true, false]);
  // A strict request does not wait.
  change({ readModel: "library" });
  expect(await anew(page, page)).toEqual([true, false]);
});

test("an answer that had not changed for long may be two seconds old as well, from when it was last known to be exact", async () => {
  const page = get("/counted/collected");
  expect(await anew(page)).toEqual([true]);
  clock += 60_000;
  expect(await anew(page)).toEqual([false]);
  change({ readModel: "collected" });
  clock += 1_900;
  expect(await anew(page)).toEqual([false]);
  clock += 200;
  expect(await anew(page)).toEqual([true]);
});

test("asked with a token that is newer than an answer which may be old, the answer says stale", async () => {
  const shelved = (book: string): ConsistencyToken => ({
    position: 3n,
    category: "shelf",
    reader: "someone",
    books: [book],
  });
  const page = "/counted/collected";
  expect(await anew(get(page))).toEqual([true]);
  expect(await consistencyOf(asking(page, shelved("x")))).toBe("current");
  change({ readModel: "collected", key: "x" });
  expect(await consistencyOf(asking(page, shelved("x")))).toBe("stale");
  // Another book's token was reached earlier, and no command of the library counts shelves.
  expect(await consistencyOf(asking(page, shelved("y")))).toBe("current");
  expect(await consistencyOf(asking(page, { position: 3n, category: "book", books: ["x"] }))).toBe("current");
  expect(await anew(asking(page, shelved("x")))).toEqual([false]);
  clock += 2_000;
  expect(await anew(asking(page, shelved("x")))).toEqual([true]);
  expect(await consistencyOf(asking(page, shelved("x")))).toBe("current");
});

test("an answer that names the keys in it holds while others change", async () => {
  const page = get("/counted/updated");
  const shelved: ConsistencyToken = { position: 3n, category: "shelf", reader: "someone", books: ["z"] };
  expect(await anew(page)).toEqual([true]);
  change({ readModel: "collected", key: "z" });
  clock += 60_000;
  expect(await anew(page)).toEqual([false]);
  expect(await consistencyOf(asking("/counted/updated", shelved))).toBe("current");
  expect(await consistencyOf(asking("/counted/updated", { ...shelved, books: "any" }))).toBe("current");
  change({ readModel: "collected", key: "y" });
  expect(await consistencyOf(asking("/counted/updated", { ...shelved, books: ["y"] }))).toBe("stale");
  expect(await consistencyOf(asking("/counted/updated", { ...shelved, books: "any" }))).toBe("stale");
  expect(await anew(page)).toEqual([false]);
  clock += 2_000;
  expect(await anew(page)).toEqual([true]);
});

test("of public lists four are computed at once", async () => {
  const before = made;
  const letGo = holdAnswers();
  const asked = Array.from({ length: 12 }, (_, index) => numberOf(get(`/counted/limited${index}`)));
  await untilSoon(() => lookups.length === 12);
  expect(made).toBe(before + 4);
  // A book is cached by its key, and a reader's answer is not public.
  const others = [numberOf(get("/books/t")), numberOf(get("/shelf"))];
  await untilSoon(() => made === before + 6);
  letGo();
  await Promise.all([...asked, ...others]);
  expect(made).toBe(before + 14);
});

test("of searches in texts two are made at once and fifty wait; one more is refused, and lists do not wait for them", async () => {
  const before = made;
  const letGo = holdAnswers();
  const asked = Array.from({ length: 52 }, (_, index) => numberOf(get(`/texts/${index}`)));
  await untilSoon(() => lookups.length === 52 && made === before + 2);
  const refused = await get("/texts/52")();
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "1"]);
  expect(await refused.json()).toMatchObject({ code: "server_busy" });
  const list = numberOf(get("/counted/beside"));
  await untilSoon(() => made === before + 3);
  letGo();
  await Promise.all([...asked, list]);
  expect(made).toBe(before + 53);
});

test("nothing is kept while changes may go unnoticed, of what reads no read model, and of problems", async () => {
  now = undefined;
  expect(await anew(get("/books/g"), get("/books/g"))).toEqual([true, true]);
  now = begun;
  expect(await anew(get("/clock"), get("/clock"))).toEqual([true, true]);
  expect(await anew(get("/missing"), get("/missing"))).toEqual([true, true]);
});

test("a kept answer is the same to a client: type, length, entity tag, 304 and HEAD", async () => {
  const seen = async (init: RequestInit & { headers?: Record<string, string> } = {}) => {
    const answer = await api.fetch("/books/h", init);
    const { status, headers } = answer;
    const named = ["content-type", "content-length", "etag", "cache-control"].map((name) => headers.get(name));
    return { status, named, body: await answer.text() };
  };
  const first = await seen();
  expect(await seen()).toEqual(first);
  const length = String(first.body.length);
  expect(first.named).toEqual([
    "application/json; charset=utf-8",
    length,
    expect.stringMatching(/^"[\w-]+"$/),
    "no-cache",
  ]);
  expect(await seen({ method: "HEAD" })).toEqual({ ...first, body: "" });
  const headers = { "if-none-match": first.named[2] ?? "", "cache-control": "max-age=0" };
  expect(await seen({ headers })).toMatchObject({ status: 304, body: "" });
});

test("what was used least goes first when there is no more room", async () => {
  const paths = Array.from({ length: 30 }, (_, index) => get(`/books/many${index}`));
  expect(await anew(...paths)).not.toContain(false);
  expect(await anew(paths[29] as () => Promise<Response>, paths[0] as () => Promise<Response>)).toEqual([false, true]);
});

test("the metrics count hits and misses", async () => {
  const counted = async (result: string) => {
    const { values } = (await metrics.getSingleMetric("heima_response_cache_lookups_total")?.get()) ?? { values: [] };
    return values.find(({ labels }) => labels.result === result)?.value ?? 0;
  };
  const before = { hits: await counted("hit"), misses: await counted("miss") };
  await anew(get("/books/i"), get("/books/i"), get("/books/i"));
  expect({ hits: (await counted("hit")) - before.hits, misses: (await counted("miss")) - before.misses }).toEqual({
    hits: 2,
    misses: 1,
  });
});

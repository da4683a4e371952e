import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { encodeConsistencyToken, type Written } from "../../src/domain/consistencyToken.ts";
import type { Source } from "../../src/http/endpoint.ts";
import { RequestProblem } from "../../src/http/problems.ts";
import { queryEndpoint } from "../../src/http/queryEndpoint.ts";
import { createResponseCache } from "../../src/http/responseCache.ts";
import { createMetrics } from "../../src/metrics/registry.ts";
import { countCacheLookups } from "../../src/metrics/responseCache.ts";
import { bearer, readerId, startApi, tokens } from "./startApi.ts";

let now: number | undefined;
/** Before it everything changed: nothing that another test had kept holds. */
let begun = 0;
const changed = new Map<string, number>();
const nameOf = ({ readModel, key }: Source) => `${readModel} ${key ?? "*"}`;
const changes = {
  now: () => now,
  unchangedSince: (change: number, sources: readonly Source[]) =>
    sources.every((source) => (changed.get(nameOf(source)) ?? begun) <= change),
};
const change = (source: Source) => {
  now = (now ?? 0) + 1;
  changed.set(nameOf(source), now);
};

const metrics = createMetrics("api");
let made = 0;
let beforeAnswer: () => void = () => {};
let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  const declared = { summary: "For a test", response: z.strictObject({ made: z.int() }), problems: [] } as const;
  const handle = async () => {
    made++;
    beforeAnswer();
    return { made };
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
          throw new RequestProblem("book_not_found", "There is none.");
        },
      }),
    ],
    { responseCache: createResponseCache(changes, 20_000, countCacheLookups(metrics)) },
  );
});
afterAll(() => api.close());
beforeEach(() => {
  begun += 1_000;
  now = begun;
  changed.clear();
  beforeAnswer = () => {};
});

/** Whether each request was answered by asking anew. */
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

test("each of several read models makes an answer be asked for anew, with the key that is declared or as a whole", async () => {
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

test("a request with a Consistency-Token is answered anew, and says whether it got its wish", async () => {
  const written: Written = { position: 3n, category: "book", books: ["f"] };
  const withToken = get("/books/f", { "consistency-token": encodeConsistencyToken(written) });
  expect(await anew(get("/books/f"), withToken, withToken, get("/books/f"))).toEqual([true, true, true, false]);
  const answer = await withToken();
  expect(answer.headers.get("consistency")).toBe("current");
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

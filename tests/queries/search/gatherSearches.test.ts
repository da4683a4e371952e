import { errors } from "@elastic/elasticsearch";
import { expect, test } from "vitest";
import { type BooksIndex, type SearchBody, SearchUnavailable } from "../../../src/queries/search/booksIndex.ts";
import { gatherSearches } from "../../../src/queries/search/gatherSearches.ts";

type Sent = {
  readonly bodies: readonly SearchBody[];
  answer(responses: readonly object[]): void;
  fail(error: Error): void;
};

/** An index whose requests the test answers. */
function heldIndex() {
  const sent: Sent[] = [];
  const client = {
    msearch: ({ searches }: { searches: readonly SearchBody[] }) =>
      new Promise((resolve, reject) => {
        const bodies = searches.filter((_, at) => at % 2 === 1);
        sent.push({ bodies, answer: (responses) => resolve({ responses }), fail: reject });
      }),
  };
  return { sent, index: { client, alias: "books" } as unknown as BooksIndex };
}

const asking = (size: number): SearchBody => ({ query: { term: { visible: true } }, size, _source: false });
const found = (id: string) => ({ status: 200, hits: { total: { value: 1 }, hits: [{ _id: id, _score: 1 }] } });
const turn = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

test("searches of one moment travel in one request, and each gets its own answer or error", async () => {
  const { sent, index } = heldIndex();
  const search = gatherSearches(index);
  const asked = [search(asking(1)), search(asking(2)), search(asking(3)), search(asking(4))];
  await turn();
  expect(sent.map(({ bodies }) => bodies.map(({ size }) => size))).toEqual([[1, 2, 3, 4]]);
  sent[0]?.answer([
    found("a"),
    { status: 404, error: { type: "index_not_found_exception", reason: "no such index" } },
    { status: 400, error: { type: "parsing_exception", reason: "wrong" } },
    { status: 200 },
  ]);
  const [first, missing, refused, nothing] = await Promise.allSettled(asked);
  expect(first).toMatchObject({ value: { hits: [{ id: "a" }], total: 1 } });
  expect(missing).toMatchObject({ reason: expect.any(SearchUnavailable) });
  expect(refused).toMatchObject({ reason: { message: expect.stringContaining("parsing_exception") } });
  expect(nothing).toMatchObject({ value: { hits: [], total: 0 } });
});

test("with two requests under way the next searches are gathered, 32 at most in one", async () => {
  const { sent, index } = heldIndex();
  const search = gatherSearches(index);
  const first = search(asking(0));
  await turn();
  const second = search(asking(0));
  await turn();
  const later = Array.from({ length: 40 }, (_, at) => search(asking(at)));
  await turn();
  expect(sent.map(({ bodies }) => bodies.length)).toEqual([1, 1]);
  sent[0]?.answer([found("first")]);
  await first;
  await turn();
  expect(sent.map(({ bodies }) => bodies.length)).toEqual([1, 1, 32]);
  sent[1]?.answer([found("second")]);
  await second;
  await turn();
  expect(sent.map(({ bodies }) => bodies.length)).toEqual([1, 1, 32, 8]);
  for (const request of sent.slice(2)) request.answer(request.bodies.map(({ size }) => found(`${size}`)));
  const ids = (await Promise.all(later)).map(({ hits }) => hits[0]?.id);
  expect(ids).toEqual(later.map((_, at) => `${at}`));
});

test("who waits behind a request that fails fails with it", async () => {
  const { sent, index } = heldIndex();
  const search = gatherSearches(index);
  const asked = [search(asking(1))];
  await turn();
  asked.push(search(asking(2)));
  await turn();
  asked.push(search(asking(3)));
  sent[0]?.fail(new errors.ConnectionError("away"));
  sent[1]?.answer([found("b")]);
  const results = await Promise.allSettled(asked);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "rejected"]);
  expect(results[2]).toMatchObject({ reason: expect.any(SearchUnavailable) });
  const after = search(asking(4));
  await turn();
  sent[2]?.answer([found("d")]);
  expect((await after).hits[0]?.id).toBe("d");
});

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { type DemoImport, importDemo, untilServed } from "../../embedded/supervisor/demoLibrary.ts";

const sword = { bookId: "demobook0001", title: "无锋" };
const umbrella = { bookId: "demobook0002", title: "梅雨修伞铺" };
const printed = `${sword.bookId} 《${sword.title}》 陆听潮: 3 chapters, 900 words; wrote BookPublished
  ! something to look at
${umbrella.bookId} 《${umbrella.title}》 沈雨: 3 chapters, 900 words; already in the library, nothing written
2 files, 0 not imported: 2 books, 1 new or changed
`;

type Shown = { readonly status?: number; readonly body: unknown };

/** Queries an API with given answers by path, whatever else its library has. */
async function served(
  answer: (path: string, typed: string | null) => Shown,
  demo: DemoImport,
  patience = 60_000,
): Promise<readonly string[]> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://api");
    asked.push(pathname);
    const { status = 200, body } = answer(pathname, searchParams.get("q"));
    response.statusCode = status;
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await untilServed(api, demo, () => {}, patience);
    return asked;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const both: DemoImport = { books: [sword, umbrella], failure: undefined };
const notLive: Shown = { status: 503, body: { code: "read_model_not_live" } };
const readyAt = (position: number, seconds: number): Shown => ({
  status: 503,
  body: {
    readModels: {
      books: {
        build: "books_v2_b2",
        state: "live",
        partitions: [{ partition: 0, position: `${position}`, stopped: { detail: `the first for ${seconds} s` } }],
      },
    },
  },
});

test("the books of an import are those that it names, also when it failed for others", async () => {
  const failure = new Error("could not import 无锋.txt");
  expect(await importDemo(async () => ({ printed, failure: undefined }))).toEqual(both);
  expect(await importDemo(async () => ({ printed, failure }))).toEqual({ ...both, failure });
  const { failure: nameless } = await importDemo(async () => ({ printed: "", failure: undefined }));
  expect(nameless?.message).toContain("names no book");
});

test("of the library only the demo books are asked for, and withdrawn ones are not searched for", async () => {
  const searched: (string | null)[] = [];
  const asked = await served((path, typed) => {
    if (path === "/v1/search/suggest") {
      searched.push(typed);
      return { body: { items: typed === umbrella.title ? [umbrella] : [] } };
    }
    return { body: { withdrawn: path === `/v1/books/${sword.bookId}` } };
  }, both);
  expect(asked).toEqual([`/v1/books/${sword.bookId}`, `/v1/books/${umbrella.bookId}`, "/v1/search/suggest"]);
  expect(searched).toEqual([umbrella.title]);
});

test("when all are withdrawn it is enough that the search answers", async () => {
  let looks = 0;
  await served((path) => {
    if (path !== "/v1/search/suggest") return { body: { withdrawn: true } };
    looks++;
    return looks < 3 ? notLive : { body: { items: [] } };
  }, both);
  expect(looks).toBe(3);
});

test("it waits as long as a build gets further, and no longer than its patience when none does", async () => {
  const patience = 500;
  let position = 0;
  await served(
    (path) => {
      if (path === "/health/ready") return readyAt(position++, 0);
      return path === "/v1/search/suggest" && position < 20 ? notLive : { body: { items: [{}], withdrawn: false } };
    },
    both,
    patience,
  );
  expect(position).toBe(20);

  let seconds = 0;
  const stuck = served((path) => (path === "/health/ready" ? readyAt(7, seconds++) : notLive), both, patience);
  await expect(stuck).rejects.toThrow(/does not show what it has: status 503 for 《无锋》$/);
  expect(seconds).toBeGreaterThan(1);
});

test("an import that failed and named no book stops the start of an empty library only", async () => {
  const failure = new Error("heima library import --demo failed");
  const library = (items: readonly unknown[]) => (path: string) => ({
    body: { items: path === "/v1/books" ? items : [] },
  });
  await expect(served(library([]), { books: [], failure })).rejects.toThrow(failure);
  await served(library([{ bookId: "another00000" }]), { books: [], failure });
});

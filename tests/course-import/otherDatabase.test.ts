import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { TableRows } from "./tables.ts";
import { ourBook, startWorld } from "./world.ts";

// Two databases of the course, whose ids belong to different users.

let world: Awaited<ReturnType<typeof startWorld>>;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());
beforeEach(() => world.empty());

const books = [17, 18].map((id) => ({ book_id: id, book_name: `书${id}` }));

/** A database whose users have these openids, in the order of their ids from 1 on; each has shelved `book` in the row with the id of the user. */
const database = (openids: readonly string[], book: number): TableRows => ({
  user: openids.map((openId, index) => ({ id: index + 1, openId, preference: 1 })),
  book: books,
  book_shelf: openids.map((_, index) => ({ id: index + 1, user_id: index + 1, book_id: book, created: null })),
});

const accounts = async () =>
  (await world.pool.query("SELECT openid, reader_id FROM accounts ORDER BY openid")).rows as {
    openid: string;
    reader_id: string;
  }[];
const shelvesByOpenid = async () =>
  (await accounts()).map(({ openid, reader_id }) => [
    openid,
    ...world.eventsOf(`shelf-${reader_id}`).map(({ data }) => (data as { bookId: string }).bookId),
  ]);

test.each([
  ["its only user has another openid", ["o-tester"], ["o-real"]],
  ["most users have", ["o-1", "o-2", "o-3"], ["o-1", "o-real", "o-other", "o-new"]],
])("a database is refused whole, before anything is written, if %s", async (_, before, after) => {
  await world.import(database(before, 17));
  const [log, shelves] = [world.store.log.length, await shelvesByOpenid()];
  const other = database(after, 18);
  const renamed = books.map((book) => ({ ...book, book_name: "别的书" }));
  await expect(world.import({ ...other, book: renamed })).rejects.toThrow(
    /another database of the course.*user [12]\b/,
  );
  expect(world.store.log).toHaveLength(log);
  expect(await shelvesByOpenid()).toEqual(shelves);
});

test("a user with another openid is reported, with all rows that name the id, known ones too", async () => {
  await world.import(database(["o-1", "o-2", "o-3"], 17));
  const after = database(["o-other", "o-2", "o-3"], 17);
  const more = { id: 9, user_id: 1, book_id: 18, created: null };
  const again = { ...after, book_shelf: [...(after.book_shelf ?? []), more] };
  const reason = "user 1 was imported with another openId: the files are of another database";
  for (let times = 0; times < 2; times++) {
    const { leftOut, tables } = await world.import(again);
    expect(leftOut.map((row) => [row.table, row.line, row.reason])).toEqual([
      ["book_shelf", 2, reason],
      ["book_shelf", 5, reason],
      ["user", 2, reason],
    ]);
    expect(tables.user).toMatchObject({ imported: 0, unchanged: 2, leftOut: 1 });
  }
  expect(await shelvesByOpenid()).toEqual(["o-1", "o-2", "o-3"].map((openid) => [openid, ourBook(17)]));
});

test("a user who was erased, and came again with another openid, is compared with nobody", async () => {
  await world.import(database(["o-1"], 17));
  await world.pool.query("UPDATE accounts SET erased_at = now(), openid = NULL");
  const { leftOut } = await world.import(database(["o-other"], 17));
  expect(leftOut).toEqual([]);
});

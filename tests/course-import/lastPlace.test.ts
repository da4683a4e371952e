import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { progressStream } from "../../src/domain/reading/progress/stream.ts";
import { newContext, newProcess } from "../commands/fixtures.ts";
import type { TableRows } from "./tables.ts";
import { ourBook, startWorld } from "./world.ts";

// `last_read` of users, whose book may come with a later import.

let world: Awaited<ReturnType<typeof startWorld>>;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());
beforeEach(() => world.empty());

const user = {
  id: 7,
  openId: "o-lin",
  preference: 2,
  last_read: 17,
  last_read_chapter_id: 902,
  modified: "2020-02-01 08:00:00",
};
const library = (chapters: readonly number[]): TableRows => ({
  book: [{ book_id: 17, book_name: "灯" }],
  book_chapters: chapters.map((id) => ({ book_id: 17, chapter_id: id, chapter_name: `第${id}章` })),
  book_chapter_content: chapters.map((id) => ({ book_id: 17, chapter_id: id, content: `${id}`.repeat(100) })),
});
const rates = [{ id: 3, user_id: 7, book_id: 17, chapter_id: 902, rate: 50, created: "2020-03-01 08:00:00" }];

const readerId = async () => (await world.pool.query("SELECT reader_id FROM course_users")).rows[0].reader_id as string;
const places = async () =>
  world.eventsOf(`progress-${await readerId()}`).map(({ data }) => data as { readAt: string; offset: number });
const reasons = ({ leftOut }: Awaited<ReturnType<typeof world.import>>) =>
  leftOut.map(({ table, line, reason }) => [table, line, reason]);

test("waits, reported, for its book and its chapter, and comes once", async () => {
  const noBook = await world.import({ user: [user] });
  expect(reasons(noBook)).toEqual([["user", 2, "last_read names book 17, which was not imported"]]);
  expect(world.eventsOf(`preferences-${await readerId()}`)).toHaveLength(1);
  const noChapter = await world.import({ user: [user], ...library([901]) });
  expect(reasons(noChapter)).toEqual([["user", 2, "last_read names chapter 902, which its book does not have"]]);

  const whole = { user: [user], ...library([901, 902]) };
  const { leftOut, tables } = await world.import(whole);
  expect({ leftOut, user: tables.user }).toMatchObject({ leftOut: [], user: { imported: 1, unchanged: 0 } });
  expect(await places()).toMatchObject([{ bookId: ourBook(17), chapterNo: 2, readAt: "2020-02-01T00:00:00.000Z" }]);
  expect((await world.import(whole)).tables.user).toMatchObject({ imported: 0, unchanged: 1, leftOut: 0 });
  expect(await places()).toHaveLength(1);
  expect(world.eventsOf(`preferences-${await readerId()}`)).toHaveLength(1);
});

test("that an earlier release did not write comes, and one that it wrote does not come again", async () => {
  const tables = { user: [user], ...library([901, 902]), read_rate: rates };
  const ofEarlierRelease = () => world.pool.query("DELETE FROM course_rows WHERE table_name = 'user.last_read'");
  await world.import({ user: [user], ...library([901]) });
  await ofEarlierRelease();
  expect((await world.import(tables)).leftOut).toEqual([]);
  const written = await places();
  expect(written.map(({ readAt, offset }) => [readAt, offset])).toEqual([
    ["2020-03-01T00:00:00.000Z", 150],
    ["2020-03-01T00:00:00.001Z", 150],
  ]);

  await ofEarlierRelease();
  // Enough entries for the stream to forget that of the import.
  const handleCommand = newProcess(world.store);
  const { chapterId } = written[0] as unknown as { chapterId: string };
  for (let n = 0; n < 6; n++) {
    const entries = Array.from({ length: 100 }, (_, index) => ({
      entryId: `00000000-0000-4000-8000-${String(n * 100 + index).padStart(12, "0")}`,
      bookId: ourBook(17),
      chapterId,
      chapterNo: 2,
      offset: index,
      activeSeconds: 0,
      deviceId: "phone",
      readAt: new Date(Date.UTC(2026, 0, 1) + n * 100 + index).toISOString(),
    }));
    await handleCommand(progressStream, await readerId(), { type: "RecordProgress", entries }, newContext());
  }
  const later = { ...user, modified: "2026-03-01 08:00:00" };
  expect((await world.import({ ...tables, user: [later] })).leftOut).toEqual([]);
  expect(await places()).toHaveLength(602);
});

test("of a reader whose account was erased is not missed", async () => {
  await world.import({ user: [user] });
  await world.pool.query("DELETE FROM accounts");
  expect((await world.import({ user: [user] })).leftOut).toEqual([]);
});

import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { defaultPreferences, defaultSettings } from "../../src/domain/preferences/defaults.ts";
import { shelfStream } from "../../src/domain/shelf/stream.ts";
import { bookIdOf as bookNamed, chapterIdOf } from "../../src/queries/course/ids.ts";
import { newContext, newProcess, reader } from "../commands/fixtures.ts";
import type { TableRows } from "./tables.ts";
import { ourBook, startWorld } from "./world.ts";

let world: Awaited<ReturnType<typeof startWorld>>;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());
beforeEach(() => world.empty());

/** The reader that a user became. */
async function readerOf(id: number): Promise<string> {
  const { rows } = await world.pool.query("SELECT reader_id FROM course_users WHERE course_id = $1", [id]);
  return rows[0]?.reader_id;
}

const course: TableRows = {
  user: [
    {
      id: 7,
      openId: "o-lin",
      nickName: "林黛玉",
      gender: 0,
      avatarUrl: "https://img.example/lin.jpg",
      preference: 2,
      brightness: 55,
      fontSize: 20,
      background: "B3",
      turn: "T2",
      last_read: 17,
      last_read_chapter_id: 902,
      created: "2020-01-01 08:00:00",
      modified: "2020-02-01 08:00:00",
    },
    { id: 8, openId: "o-wang", nickName: "", gender: 1, avatarUrl: null, preference: 1, brightness: 5 },
  ],
  book_big_category: [
    { cate_id: 1, cate_name: "玄幻", channel: 1 },
    { cate_id: 2, cate_name: "言情", channel: 2 },
  ],
  book_category: [{ cate_id: 11, cate_name: "东方玄幻" }],
  book_category_relation: [
    { big_cate_id: 2, cate_id: 11 },
    { big_cate_id: 1, cate_id: 11 },
  ],
  book: [
    {
      book_id: 17,
      channel_book_id: "x:17",
      book_name: "灯",
      cate_id: 11,
      cate_name: "东方玄幻",
      channel_type: 1,
      author_name: "某人",
      status: 2,
      cover: "17.jpg",
      intro: "<p>一盏灯。</p>",
      word_count: 999,
    },
    {
      book_id: 18,
      book_name: "雪",
      cate_id: 99,
      cate_name: null,
      channel_type: 0,
      status: 1,
      cover: "http://c.example/18.jpg",
    },
  ],
  book_volume: [{ book_id: 17, volume_id: 3, volume_name: "卷一" }],
  book_chapters: [
    { book_id: 17, volume_id: 3, chapter_id: 902, chapter_name: "第二章 风" },
    { book_id: 17, volume_id: 3, chapter_id: 901, chapter_name: "第一章 灯" },
  ],
  book_chapter_content: [
    { book_id: 17, chapter_id: 901, content: "一二三四五六七八九十" },
    { book_id: 17, chapter_id: 902, content: "风起于青萍之末，\n止于草莽之间。" },
  ],
  book_shelf: [
    { id: 1, book_id: 17, user_id: 7, created: "2020-01-02 00:00:00" },
    { id: 2, book_id: 18, user_id: 7, created: "2020-01-01 00:00:00" },
  ],
  browse_history: [{ id: 5, user_id: 7, book_id: 18, created: "2020-01-01 00:00:00", updated: "2020-01-03 18:00:00" }],
  read_rate: [
    {
      id: 3,
      user_id: 7,
      book_id: 17,
      chapter_id: 901,
      chapter_name: "第一章",
      rate: 50,
      created: "2020-01-05 00:00:00",
    },
  ],
};

describe.each(["csv", "jsonl"] as const)("a course in %s", (format) => {
  test("becomes the events that its readers would have made", async () => {
    const { tables, leftOut } = await world.import(course, { format });
    expect(leftOut).toEqual([]);
    const one = { imported: 1, unchanged: 0, leftOut: 0 };
    expect(tables).toMatchObject({ user: { rows: 2, imported: 2 }, book: { rows: 2, imported: 2 } });
    expect([tables.browse_history, tables.read_rate]).toEqual([
      { rows: 1, ...one },
      { rows: 1, ...one },
    ]);

    const [lamp, snow] = [ourBook(17), ourBook(18)];
    expect(world.eventsOf(`book-${lamp}`)[0]?.data).toEqual({
      source: { name: "course", id: "17" },
      title: "灯",
      author: "某人",
      intro: "一盏灯。",
      channel: "male",
      category: "玄幻",
      subCategory: "东方玄幻",
      status: "finished",
      words: 999,
      cover: { url: "http://img.example/covers/17.jpg" },
    });
    expect(world.eventsOf(`book-${snow}`).map(({ data }) => data)).toMatchObject([
      {
        title: "雪",
        channel: "published",
        category: "其他",
        status: "serialising",
        cover: { url: "http://c.example/18.jpg" },
      },
    ]);
    const published = world.eventsOf(`book-${lamp}`)[1]?.data as {
      chapters: { chapterId: string; title: string; volume: string }[];
    };
    expect(published.chapters).toMatchObject([
      { no: 1, title: "第一章 灯", volume: "卷一", length: 10 },
      { no: 2, title: "第二章 风", volume: "卷一" },
    ]);
    const [first, second] = published.chapters.map(({ chapterId }) => chapterId);

    const lin = await readerOf(7);
    expect(world.eventsOf(`account-${lin}`).map(({ type }) => type)).toEqual([
      "ReaderRegistered",
      "ReaderProfileChanged",
    ]);
    expect(world.eventsOf(`shelf-${lin}`).map(({ data }) => data)).toEqual([{ bookId: snow }, { bookId: lamp }]);
    expect(world.eventsOf(`history-${lin}`).map(({ data }) => data)).toEqual([
      { bookId: snow, visit: 1, openedAt: "2020-01-03T10:00:00.000Z", forgotten: null },
    ]);
    expect(world.eventsOf(`progress-${lin}`).map(({ data }) => data)).toMatchObject([
      { bookId: lamp, chapterId: first, chapterNo: 1, offset: 5, readAt: "2020-01-04T16:00:00.000Z", activeSeconds: 0 },
      { bookId: lamp, chapterId: second, chapterNo: 2, offset: 0, readAt: "2020-02-01T00:00:00.000Z" },
    ]);
    expect(world.eventsOf(`preferences-${lin}`).map(({ data }) => data)).toEqual([
      { ...defaultPreferences, channel: "female" },
      { ...defaultSettings, brightness: 55, fontSize: 20, background: "B3", pageTurn: "T2" },
    ]);
    const wang = await readerOf(8);
    expect(world.eventsOf(`account-${wang}`).map(({ type }) => type)).toEqual(["ReaderRegistered"]);
    expect(world.eventsOf(`preferences-${wang}`).map(({ data }) => data)).toEqual([
      { ...defaultPreferences, channel: "male" },
    ]);
    const { rows } = await world.pool.query(
      "SELECT openid, nickname, gender, avatar_url FROM accounts LEFT JOIN profiles USING (reader_id) ORDER BY openid",
    );
    expect(rows).toEqual([
      { openid: "o-lin", nickname: "林黛玉", gender: "female", avatar_url: "https://img.example/lin.jpg" },
      { openid: "o-wang", nickname: null, gender: null, avatar_url: null },
    ]);
    expect(
      JSON.stringify(world.store.log, (_, value) => (typeof value === "bigint" ? String(value) : value)),
    ).not.toMatch(/o-lin|o-wang|林黛玉/);

    expect(await bookNamed(world.pool, "17")).toBe(lamp);
    expect(await bookNamed(world.pool, "19")).toBeUndefined();
    expect(await chapterIdOf(world.pool, lamp, "902")).toBe(second);
    expect(await chapterIdOf(world.pool, snow, "902")).toBeUndefined();
  });
});

describe("a second import", () => {
  test("writes nothing", async () => {
    await world.import(course);
    const before = world.store.log.length;
    const { tables, leftOut } = await world.import(course, { format: "jsonl" });
    expect(world.store.log).toHaveLength(before);
    expect(leftOut).toEqual([]);
    for (const counts of Object.values(tables)) expect(counts?.imported).toBe(0);
  });

  test("takes what came since, and does not bring back what a reader removed", async () => {
    await world.import(course);
    const lin = await readerOf(7);
    const removed = [{ bookId: ourBook(17) }];
    const handleCommand = newProcess(world.store);
    await handleCommand(shelfStream, lin, { type: "RemoveBooksFromShelf", bookIds: [ourBook(17)] }, newContext());
    // Enough commands for the stream to forget those of the import.
    for (let n = 0; n < 510; n++) {
      await handleCommand(
        shelfStream,
        lin,
        { type: n % 2 === 0 ? "PinBook" : "UnpinBook", bookId: ourBook(18) },
        newContext(),
      );
    }
    const more = [...(course.book_shelf ?? []), { id: 3, book_id: 17, user_id: 8, created: null }];
    const { tables } = await world.import({ ...course, book_shelf: more });
    expect(tables.book_shelf).toEqual({ rows: 3, imported: 1, unchanged: 2, leftOut: 0 });
    expect(world.eventsOf(`shelf-${lin}`).filter(({ type }) => type === "BookAddedToShelf")).toHaveLength(2);
    expect(world.eventsOf(`shelf-${await readerOf(8)}`).map(({ data }) => data)).toEqual(removed);
  });

  test("continues where the first stopped, before any of its writes", async () => {
    await world.import(course);
    const kinds = () =>
      world.store.log.map(({ stream, type }) => `${stream.replace(/-[0-9a-f]{8}-[0-9a-f-]{27}$/, "")} ${type}`).sort();
    const whole = kinds();
    for (let at = 0; at < whole.length; at += 3) {
      await world.empty();
      const append = world.store.append.bind(world.store);
      let appends = 0;
      world.store.append = async (...given) => {
        if (appends++ === at) throw new Error("cut off");
        return append(...given);
      };
      await world.import(course).catch((error: Error) => expect(error.message).toBe("cut off"));
      world.store.append = append;
      await world.import(course);
      expect(kinds()).toEqual(whole);
    }
  });

  test("brings nothing back to a reader whose account is gone", async () => {
    await world.import(course);
    await world.pool.query("DELETE FROM accounts WHERE openid = 'o-lin'");
    const before = world.store.log.length;
    const more = { id: 9, book_id: 18, user_id: 7, created: null };
    const { leftOut } = await world.import({ ...course, browse_history: [...(course.browse_history ?? []), more] });
    expect(world.store.log).toHaveLength(before);
    expect(leftOut).toMatchObject([{ line: 3, reason: "is of a user whose account was erased" }]);
    const { rows } = await world.pool.query("SELECT openid FROM accounts");
    expect(rows).toEqual([{ openid: "o-wang" }]);
  });

  test("gives a chapter that moved its old number, in a new edition", async () => {
    await world.import(course);
    const lamp = ourBook(17);
    const idOf = (id: number) => chapterIdOf(world.pool, lamp, String(id));
    const [first, second] = [await idOf(901), await idOf(902)];
    const preface = { book_id: 17, volume_id: 3, chapter_id: 900, chapter_name: "楔子" };
    const chapters = [preface, ...(course.book_chapters ?? [])];
    expect((await world.import({ ...course, book_chapters: chapters })).tables.book).toMatchObject({ imported: 1 });
    expect([await idOf(901), await idOf(902)]).toEqual([first, second]);
    expect(await idOf(900)).toMatch(/^[a-z0-9]{12}$/);
  });
});

test("a reader who logged in before the import keeps the account and the profile", async () => {
  await world.pool.query("INSERT INTO accounts (reader_id, openid, registered_at) VALUES ($1, 'o-lin', now())", [
    reader,
  ]);
  await world.pool.query("INSERT INTO profiles VALUES ($1, $1, '潇湘妃子', NULL, NULL, now(), now())", [reader]);
  await world.import(course);
  expect(await readerOf(7)).toBe(reader);
  const { rows } = await world.pool.query("SELECT nickname FROM profiles");
  expect(rows).toEqual([{ nickname: "潇湘妃子" }]);
});

test("of places at one time, or at none, the later row counts, and the last book of all", async () => {
  const chapters = [901, 902, 903, 904];
  const users = [1, 2, 3, 4, 5, 6];
  await world.import({
    user: users.map((id) => ({ id, openId: `o-${id}`, last_read: 17, last_read_chapter_id: 901 })),
    book: [{ book_id: 17, book_name: "灯" }],
    book_chapters: chapters.map((chapter_id) => ({ book_id: 17, chapter_id, chapter_name: `第${chapter_id}章` })),
    book_chapter_content: chapters.map((chapter_id) => ({ book_id: 17, chapter_id, content: "字".repeat(1_000) })),
    read_rate: users.flatMap((user_id) =>
      chapters.map((chapter_id, index) => ({
        id: user_id * 10 + index,
        user_id,
        book_id: 17,
        chapter_id,
        rate: "12.5",
        created: user_id > 3 ? null : "2020-01-05 08:00:00",
      })),
    ),
  });
  const published = world.eventsOf(`book-${ourBook(17)}`)[1]?.data as { chapters: { chapterId: string }[] };
  const ids = published.chapters.map(({ chapterId }) => chapterId);
  for (const user of users) {
    type Place = { chapterId: string; readAt: string; offset: number };
    const places = world.eventsOf(`progress-${await readerOf(user)}`).map(({ data }) => data as Place);
    expect(places.map(({ chapterId }) => chapterId)).toEqual([...ids, ids[0]]);
    expect(new Set(places.map(({ offset }) => offset))).toEqual(new Set([125]));
    const times = places.map(({ readAt }) => Date.parse(readAt));
    const first = user > 3 ? 0 : Date.parse("2020-01-05T00:00:00Z");
    expect(times).toEqual([0, 1, 2, 3, 4].map((later) => first + later));
  }
});

test("rows that name nothing, or too much, are left out and named", async () => {
  const { leftOut, tables } = await world.import(
    {
      ...course,
      user: [...(course.user ?? []), { id: 0, openId: "o-x" }, { id: 9, openId: "林" }, { id: 8, openId: "o-wang" }],
      book: [...(course.book ?? []), { book_id: 19, book_name: " " }],
      book_shelf: [
        ...(course.book_shelf ?? []),
        { id: 10, book_id: 99, user_id: 7, created: null },
        { id: 11, book_id: 17, user_id: 99, created: null },
        { id: 2, book_id: 17, user_id: 7, created: null },
      ],
      read_rate: [
        { id: 1, user_id: 7, book_id: 17, chapter_id: 999, rate: 1, created: null },
        { id: 2, user_id: 7, book_id: 17, chapter_id: 901, rate: 101, created: null },
        { id: 3, user_id: 7, book_id: 17, chapter_id: 901, rate: "half", created: null },
      ],
    },
    { capacity: 1 },
  );
  const told = leftOut.map(({ table, file, line, reason }) => [table, file.split("/").at(-1), line, reason]);
  expect(told.sort()).toEqual(
    [
      ["user", "user.csv", 4, 'id must be a number from 1 on, not "0"'],
      ["user", "user.csv", 5, "openId is no openid of WeChat"],
      ["user", "user.csv", 6, "8 was there before"],
      ["book", "book.csv", 4, "book_name is empty"],
      ["book_shelf", "book_shelf.csv", 2, "The shelf holds 1 books; remove one first."],
      ["book_shelf", "book_shelf.csv", 4, "names book 99, which was not imported"],
      ["book_shelf", "book_shelf.csv", 5, "names user 99, which was not imported"],
      ["book_shelf", "book_shelf.csv", 6, "2 was there before"],
      ["read_rate", "read_rate.csv", 2, "names chapter 999, which its book does not have"],
      ["read_rate", "read_rate.csv", 3, "rate must be from 0 to 100"],
      ["read_rate", "read_rate.csv", 4, 'rate is no number: "half"'],
    ].sort(),
  );
  expect(tables.user).toEqual({ rows: 5, imported: 2, unchanged: 0, leftOut: 3 });
});

test("rows with a time or number that cannot be read are named, and come with a corrected import", async () => {
  const broken: TableRows = {
    ...course,
    user: (course.user ?? []).map((user) => ({ ...user, brightness: user.id === 7 ? "bright" : "5.0" })),
    book: (course.book ?? []).map((book) => (book.book_id === 17 ? { ...book, word_count: "0x20" } : book)),
    book_shelf: (course.book_shelf ?? []).map((row) => ({ ...row, user_id: "8.0", created: "31/12/2020 18:05:09" })),
    browse_history: (course.browse_history ?? []).map((row) => ({
      ...row,
      user_id: 8,
      updated: "2020-02-31 00:00:00",
    })),
    read_rate: [],
  };
  const { leftOut, leftOutFields } = await world.import(broken);
  const noTime = (column: string, value: string) => `${column} is no time like 2026-01-31 18:05:09: "${value}"`;
  expect(leftOut.map(({ table, line, reason }) => [table, line, reason])).toEqual([
    ["user", 2, 'brightness is no whole number: "bright"'],
    ["book_shelf", 2, noTime("created", "31/12/2020 18:05:09")],
    ["book_shelf", 3, noTime("created", "31/12/2020 18:05:09")],
    ["browse_history", 2, noTime("updated", "2020-02-31 00:00:00")],
  ]);
  expect(leftOutFields).toMatchObject([
    { table: "book", line: 2, reason: 'word_count is no whole number: "0x20"; left out' },
  ]);
  const again = await world.import(course);
  expect(again.leftOut).toEqual([]);
  expect(world.eventsOf(`history-${await readerOf(7)}`).map(({ data }) => data)).toMatchObject([
    { openedAt: "2020-01-03T10:00:00.000Z" },
  ]);
  expect(world.eventsOf(`shelf-${await readerOf(7)}`)).toHaveLength(2);
});

test.each(["brightness", "fontSize", "gender", "preference", "modified", "last_read", "last_read_chapter_id"])(
  "a user whose %s cannot be read gets an account and its rows, and the rest with a corrected import",
  async (column) => {
    const broken = (course.user ?? []).map((user) => (user.id === 7 ? { ...user, [column]: "nan" } : user));
    const first = await world.import({ ...course, user: broken });
    const lin = await readerOf(7);
    expect(first.leftOut).toMatchObject([{ table: "user", line: 2, reason: expect.stringMatching(/"nan"$/) }]);
    expect(first.tables.user).toEqual({ rows: 2, imported: 1, unchanged: 0, leftOut: 1 });
    expect(world.eventsOf(`shelf-${lin}`)).toHaveLength(2);
    expect(world.eventsOf(`preferences-${lin}`)).toEqual([]);
    expect(world.eventsOf(`progress-${lin}`)).toHaveLength(1);
    const { leftOut, tables } = await world.import(course);
    expect({ leftOut, user: tables.user }).toMatchObject({ leftOut: [], user: { imported: 1, unchanged: 1 } });
    expect(world.eventsOf(`preferences-${lin}`)).toHaveLength(2);
    expect(world.eventsOf(`progress-${lin}`)).toHaveLength(2);
  },
);

test("books and chapters with an optional field that cannot be read are imported without it, and get it later", async () => {
  const bookFields = ["word_count", "cate_id", "channel_type", "status"];
  const unread = Object.fromEntries(bookFields.map((column) => [column, "nan"]));
  const broken: TableRows = {
    ...course,
    book: (course.book ?? []).map((book) => (book.book_id === 17 ? { ...book, ...unread } : book)),
    book_chapters: (course.book_chapters ?? []).map((chapter) => ({ ...chapter, volume_id: "nan" })),
  };
  const chaptersOf17 = () => world.eventsOf(`book-${ourBook(17)}`).filter(({ type }) => type === "ChaptersPublished");
  const first = await world.import(broken);
  expect(first.leftOut).toEqual([]);
  expect(first.leftOutFields.filter(({ table }) => table === "book").map(({ reason }) => reason)).toEqual(
    expect.arrayContaining(bookFields.map((column) => `${column} is no whole number: "nan"; left out`)),
  );
  expect(first.leftOutFields.filter(({ table }) => table === "book_chapters")).toHaveLength(
    (course.book_chapters ?? []).length,
  );
  expect(chaptersOf17()[0]?.data).toMatchObject({ chapters: [{ volume: null }, { volume: null }] });

  expect(await world.import(course)).toMatchObject({ leftOut: [], leftOutFields: [] });
  expect(chaptersOf17().at(-1)?.data).toMatchObject({ chapters: [{ volume: "卷一" }, { volume: "卷一" }] });
});

test("a day alone is its beginning", async () => {
  const history = (course.browse_history ?? []).map((row) => ({ ...row, updated: "2020-12-31" }));
  expect((await world.import({ ...course, browse_history: history })).leftOut).toEqual([]);
  expect(world.eventsOf(`history-${await readerOf(7)}`)).toMatchObject([
    { data: { openedAt: "2020-12-30T16:00:00.000Z" } },
  ]);
});

test("whole numbers as pandas writes them are read", async () => {
  const asFloats = (rows: TableRows[string] = []) =>
    rows.map((row) =>
      Object.fromEntries(Object.entries(row).map(([name, of]) => [name, typeof of === "number" ? `${of}.0` : of])),
    );
  const tables = Object.fromEntries(Object.entries(course).map(([table, rows]) => [table, asFloats(rows)]));
  const comparable = () => {
    const ids = /"(?:readerId|profileId|entryId)":"[^"]*"/g;
    return world.store.log
      .map(
        ({ stream, type, data }) =>
          `${stream.replace(/-[0-9a-f]{8}-[0-9a-f-]{27}$/, "")} ${type} ${JSON.stringify(data)}`,
      )
      .map((line) => line.replace(ids, ""))
      .sort();
  };
  await world.import(course);
  const whole = comparable();
  await world.empty();
  expect((await world.import(tables)).leftOut).toEqual([]);
  expect(comparable()).toEqual(whole);
});

test("any rows leave each reader what a fold of the rows says", async () => {
  const time = fc.integer({ min: 0, max: 999 }).map((minute) => new Date(Date.UTC(2020, 0, 1) + minute * 120_000));
  const visits = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 4 }), time), {
    selector: ([user, book]) => `${user}/${book}`,
    maxLength: 10,
  });
  const rowsOf = (given: [number, number, Date][], column: string) =>
    given.map(([user_id, book_id, at], index) => ({ id: index + 1, user_id, book_id, [column]: at.toISOString() }));
  const byTime = (a: { at: Date; id: number }, b: { at: Date; id: number }) =>
    a.at.getTime() - b.at.getTime() || a.id - b.id;
  await fc.assert(
    fc.asyncProperty(visits, visits, async (shelved, opened) => {
      await world.empty();
      const tables = {
        user: [1, 2, 3].map((id) => ({ id, openId: `o-${id}` })),
        book: [1, 2, 3, 4].map((id) => ({ book_id: id, book_name: `书${id}` })),
        book_shelf: rowsOf(shelved, "created"),
        browse_history: rowsOf(opened, "updated"),
      };
      await world.import(tables);
      await world.import(tables);
      for (const user of [1, 2, 3]) {
        const reader = await readerOf(user);
        const expected = (given: [number, number, Date][]) =>
          given
            .map(([of, book, at], id) => ({ of, book, at, id }))
            .filter(({ of }) => of === user)
            .sort(byTime);
        expect(world.eventsOf(`shelf-${reader}`)).toEqual(
          expected(shelved).map(({ book }) => ({ type: "BookAddedToShelf", data: { bookId: ourBook(book) } })),
        );
        expect(world.eventsOf(`history-${reader}`).map(({ data }) => data)).toEqual(
          expected(opened).map(({ book, at }, index) => ({
            bookId: ourBook(book),
            visit: index + 1,
            openedAt: at.toISOString(),
            forgotten: null,
          })),
        );
      }
    }),
    { numRuns: 8 },
  );
});

import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isRefusal } from "../../src/domain/decider.ts";
import { type Book, type LibraryCommand, libraryDecider } from "../../src/domain/library/decider.ts";
import type { OfferedChapter } from "../../src/domain/library/edition.ts";
import { type CataloguedBook, type LibraryEvent, libraryEvents } from "../../src/domain/library/events.ts";
import { maxChaptersPerEvent, maxRemovedChapters } from "../../src/domain/library/limits.ts";
import { newChapterIdOf } from "../../src/library-import/ids.ts";

const { initialState, evolve, decide } = libraryDecider;
const digestA = "a".repeat(64);
const digestB = "b".repeat(64);

const dream: CataloguedBook = {
  source: { name: "txt", id: "红楼梦/曹雪芹" },
  title: "红楼梦",
  author: "曹雪芹",
  intro: "",
  channel: "published",
  category: "古典",
  subCategory: null,
  status: "finished",
  words: null,
  cover: null,
};
const catalogued: LibraryEvent = { type: "BookCatalogued", data: dream };

/** An offered chapter; `text` determines its contents, `id` the id it would get. */
function offer(no: number, title: string, text: string, id = `new${String(no).padStart(9, "0")}`): OfferedChapter {
  const sha256 = Buffer.from(text).toString("hex").padEnd(64, "0").slice(0, 64);
  return { newChapterId: id, no, title, volume: null, kind: "chapter", sha256, length: 100, words: 80 };
}

const publish = (digest: string, ...chapters: OfferedChapter[]) =>
  ({ type: "PublishEdition", digest, chapters }) as const satisfies LibraryCommand;

function decided(book: Book, command: LibraryCommand): readonly LibraryEvent[] {
  const decision = decide(command, book);
  if (isRefusal(decision)) throw new Error(decision.detail);
  return decision;
}

/** The events of a command that is repeated until it writes nothing. */
function allSteps(book: Book, command: LibraryCommand): readonly LibraryEvent[] {
  const events = decided(book, command);
  return events.length === 0 ? [] : [...events, ...allSteps(events.reduce(evolve, book), command)];
}

const bookAfter = (...commands: LibraryCommand[]): Book =>
  commands.reduce(publishAll, evolve(initialState, catalogued));

/** An edition of these titles and texts as an import offers it: the same new ids whenever the same contents are offered. */
function contentsOf(...chapters: readonly (readonly [title: string, text: string])[]) {
  const digest = createHash("sha256").update(JSON.stringify(chapters)).digest("hex");
  const offered = chapters.map(([title, text], index) =>
    offer(index + 1, title, text, newChapterIdOf("hongloumeng0", digest, index + 1)),
  );
  return publish(digest, ...offered);
}
const publishAll = (book: Book, command: LibraryCommand): Book => allSteps(book, command).reduce(evolve, book);

/** The chapters in the events: number and id, in order. */
const writtenIn = (events: readonly LibraryEvent[]) =>
  events.flatMap((event) =>
    event.type === "ChaptersPublished" ? event.data.chapters.map((c) => [c.no, c.chapterId]) : [],
  );
const idsOf = (book: Book) => book.published?.chapters.map(({ chapterId }) => chapterId);

describe("the catalogue", () => {
  test("takes a book, and again when what it says has changed", () => {
    expect(decide({ type: "CatalogueBook", book: dream }, initialState)).toEqual([catalogued]);
    const corrected = { ...dream, intro: "满纸荒唐言" };
    expect(decide({ type: "CatalogueBook", book: corrected }, bookAfter())).toEqual([
      { type: "BookCatalogued", data: corrected },
    ]);
  });

  test("ignores what it says already", () => {
    const same = { ...dream, source: { id: dream.source.id, name: dream.source.name } };
    expect(decide({ type: "CatalogueBook", book: same }, bookAfter())).toEqual([]);
  });

  test("keeps a sub-category that is not known, unless the category changes", () => {
    const placed = evolve(initialState, { type: "BookCatalogued", data: { ...dream, subCategory: "世情" } });
    const again = (category: string): LibraryCommand => ({
      type: "CatalogueBook",
      book: { ...dream, category },
      known: ["category"],
    });
    expect(decide(again("古典"), placed)).toEqual([]);
    expect(decide(again("言情"), placed)).toMatchObject([{ data: { category: "言情", subCategory: null } }]);
  });

  test("keeps what is not known of a book that is there", () => {
    const placed = evolve(initialState, {
      type: "BookCatalogued",
      data: { ...dream, category: "世情", cover: { url: "http://img.example/1.jpg" } },
    });
    const again: LibraryCommand = { type: "CatalogueBook", book: { ...dream, intro: "新" }, known: ["title", "intro"] };
    expect(decide(again, placed)).toEqual([{ type: "BookCatalogued", data: { ...placed.catalogued, intro: "新" } }]);
    expect(decide({ ...again, known: [] }, placed)).toEqual([]);
    expect(decide(again, initialState)).toEqual([{ type: "BookCatalogued", data: again.book }]);
  });

  test("keeps the chapters when an entry is corrected", () => {
    const book = bookAfter(publish(digestA, offer(1, "第一回", "x")));
    const corrected = evolve(book, { type: "BookCatalogued", data: { ...dream, intro: "新" } });
    expect(corrected.published).toEqual(book.published);
  });

  test("withdraws a book and restores it, each once", () => {
    const withdraw: LibraryCommand = { type: "WithdrawBook", reason: "版权" };
    const restore: LibraryCommand = { type: "RestoreBook" };
    const unknown = { refused: "book_not_catalogued", detail: "There is no such book." };
    expect(decide(withdraw, initialState)).toEqual(unknown);
    expect(decide({ type: "RestoreBook" }, initialState)).toEqual(unknown);
    expect(decide(restore, bookAfter())).toEqual([]);
    expect(decide(withdraw, bookAfter())).toEqual([{ type: "BookWithdrawn", data: { reason: "版权" } }]);
    expect(decide(withdraw, bookAfter(withdraw))).toEqual([]);
    expect(decide(restore, bookAfter(withdraw))).toEqual([{ type: "BookRestored", data: {} }]);
    expect(bookAfter(withdraw, restore)).toEqual(bookAfter());
  });
});

describe("an edition", () => {
  test("needs a catalogued book", () => {
    expect(decide(publish(digestA, offer(1, "第一回", "x")), initialState)).toMatchObject({
      refused: "book_not_catalogued",
    });
  });

  test("that fits in one event appears in one append, with its totals", () => {
    const { newChapterId: _1, ...chapter1 } = offer(1, "第一回", "x");
    const { newChapterId: _2, ...chapter2 } = offer(2, "第二回", "y");
    const totals = { chapters: 2, words: 160 };
    expect(decided(bookAfter(), publish(digestA, offer(1, "第一回", "x"), offer(2, "第二回", "y")))).toEqual([
      {
        type: "ChaptersPublished",
        data: {
          edition: 1,
          digest: digestA,
          chapters: [
            { chapterId: "new000000001", ...chapter1 },
            { chapterId: "new000000002", ...chapter2 },
          ],
          totals,
        },
      },
      {
        type: "BookPublished",
        data: { edition: 1, digest: digestA, totals, replaces: 0, chaptersBefore: 0, changed: [{ from: 1, to: 2 }] },
      },
    ]);
  });

  test("of many chapters comes in steps, and is seen after the last", () => {
    const offered = Array.from({ length: 2 * maxChaptersPerEvent + 1 }, (_, n) => offer(n + 1, `第${n + 1}章`, `${n}`));
    let book = bookAfter();
    const sizes: number[][] = [];
    for (let events = decided(book, publish(digestA, ...offered)); events.length > 0; ) {
      expect(book.published).toBeUndefined();
      sizes.push(events.map((event) => (event.type === "ChaptersPublished" ? event.data.chapters.length : 0)));
      book = events.reduce(evolve, book);
      events = decided(book, publish(digestA, ...offered));
    }
    expect(sizes).toEqual([[maxChaptersPerEvent], [maxChaptersPerEvent], [1, 0]]);
    expect(book.published?.chapters).toHaveLength(2 * maxChaptersPerEvent + 1);
    expect(book.draft).toBeUndefined();
  });

  test("that was begun with other contents is left, and its number is not used again", () => {
    const many = Array.from({ length: maxChaptersPerEvent + 1 }, (_, n) => offer(n + 1, `第${n + 1}章`, `${n}`));
    const begun = decided(bookAfter(), publish(digestA, ...many)).reduce(evolve, bookAfter());
    const events = decided(begun, publish(digestB, offer(1, "第一回", "X")));
    expect(events).toMatchObject([{ data: { edition: 2 } }, { data: { edition: 2, replaces: 0 } }]);
    expect(events.reduce(evolve, begun).published).toMatchObject({ edition: 2, digest: digestB });
  });

  test("is ignored once readers see it", () => {
    const command = publish(digestA, offer(1, "第一回", "x"));
    expect(decide(command, bookAfter(command))).toEqual([]);
  });
});

describe("a new edition", () => {
  const published = bookAfter(
    publish(
      digestA,
      offer(1, "第一回", "x", "first0000000"),
      offer(2, "第二回", "y", "second000000"),
      offer(3, "番外", "z", "extra0000000"),
    ),
  );

  test("carries only the chapters that changed", () => {
    const events = decided(
      published,
      publish(
        digestB,
        offer(1, "第一回", "x"),
        offer(2, "第二回", "Y"),
        offer(3, "番外", "z"),
        offer(4, "番外二", "w"),
      ),
    );
    expect(writtenIn(events)).toEqual([
      [2, "second000000"],
      [4, "new000000004"],
    ]);
    expect(events.at(-1)).toMatchObject({
      data: {
        edition: 2,
        replaces: 1,
        totals: { chapters: 4, words: 320 },
        changed: [
          { from: 2, to: 2 },
          { from: 4, to: 4 },
        ],
      },
    });
    expect(idsOf(events.reduce(evolve, published))).toEqual([
      "first0000000",
      "second000000",
      "extra0000000",
      "new000000004",
    ]);
  });

  test("that is only shorter carries no chapter", () => {
    const events = decided(published, publish(digestB, offer(1, "第一回", "x"), offer(2, "第二回", "y")));
    expect(events).toMatchObject([
      { type: "BookPublished", data: { chaptersBefore: 3, changed: [], totals: { chapters: 2 } } },
    ]);
    expect(idsOf(events.reduce(evolve, published))).toEqual(["first0000000", "second000000"]);
  });

  test("keeps a chapter's id by its heading, else by its text, and gives new chapters new ids", () => {
    const book = bookAfter(
      publish(
        digestA,
        offer(1, "第一回", "x", "first0000000"),
        offer(2, "第二回", "y", "second000000"),
        offer(3, "番外", "z", "extra0000000"),
      ),
      publish(
        digestB,
        offer(1, "楔子", "preface", "fresh0000001"),
        offer(2, "第一回", "x, revised", "fresh0000002"),
        offer(3, "第二回 新题", "y", "fresh0000003"),
        offer(4, "番外", "z", "fresh0000004"),
      ),
    );
    expect(idsOf(book)).toEqual(["fresh0000001", "first0000000", "second000000", "extra0000000"]);
  });

  test.each([
    ["only numbers", (no: number) => `第${no}章`, [0, 1, undefined, 2, 3, 4]],
    ["names", (no: number) => `第${no}章 ${[..."春夏秋冬晨昏"][no - 1]}`, [0, 1, 2, 3, 4, undefined]],
  ])("whose titles are %s, with a short text put in and one corrected, keeps the right ids", (_, title, kept) => {
    const texts = ["甲", "乙", "丙", "丁", "戊"];
    const editionOf = (all: readonly string[]) =>
      contentsOf(...all.map((text, index) => [title(index + 1), text] as const));
    const before = idsOf(bookAfter(editionOf(texts)))!;
    const longer = idsOf(bookAfter(editionOf(texts), editionOf(["甲", "乙", "新", ...texts.slice(2)])))!;
    const expected = kept.map((index) => (index === undefined ? expect.anything() : before[index]));
    expect(longer).toEqual(expected);
    expect(new Set([...before, ...longer]).size).toBe(6);
    // A corrected text keeps the id by its number.
    expect(idsOf(bookAfter(editionOf(texts), editionOf(texts.with(2, "丙，改过"))))).toEqual(before);
  });

  test("gives each id once, also to chapters with equal headings; equal texts come first", () => {
    const book = bookAfter(
      publish(digestA, offer(1, "番外", "x", "twin00000001"), offer(2, "番外", "y", "twin00000002")),
      publish(
        digestB,
        offer(1, "番外", "new", "fresh0000001"),
        offer(2, "番外", "x", "fresh0000002"),
        offer(3, "番外", "y", "fresh0000003"),
      ),
    );
    expect(idsOf(book)).toEqual(["fresh0000001", "twin00000001", "twin00000002"]);
  });

  test("that is an older one again gives a chapter whose id another has kept one of its own", () => {
    const older = contentsOf(["第九章 山中", "t9"], ["第十章 风起", "t10"], ["第十一章 云涌", "t11"]);
    const withoutHeading = contentsOf(["第九章 山中", "t9"], ["第十一章 云涌（上）", "t10"]);
    const corrected = contentsOf(["第九章 山中", "t9"], ["第十一章 云涌（上）", "t11"]);
    const before = bookAfter(older, withoutHeading, corrected);
    const [first, second] = idsOf(before) ?? [];
    const [again1, again2, again3] = idsOf([older].reduce(publishAll, before)) ?? [];
    expect([again1, again3]).toEqual([first, second]);
    expect(again2).toMatch(/^[a-z0-9]{12}$/);
    expect([again1, again3]).not.toContain(again2);
  });

  test.each([
    ["names", (no: number) => `第${no}章 ${[..."春夏秋冬晨昏"][no - 1]}`],
    ["only numbers", (no: number) => `第${no}章`],
    ["no numbers known", (no: number) => `Chapter ${["One", "Two", "Three", "Four", "Five", "Six"][no - 1]}`],
  ])("brings chapters that editions left out back under their ids; titles are %s", (_, title) => {
    const texts = ["甲", "乙", "丙", "丁", "戊"];
    const editionOf = (...all: readonly string[]) => {
      const edition = contentsOf(...all.map((text, index) => [title(index + 1), text] as const));
      return { ...edition, chapters: edition.chapters.map((chapter) => ({ ...chapter, length: 3_000 })) };
    };
    const grown = [editionOf("甲", "乙", "丙"), editionOf(...texts)];
    const before = bookAfter(...grown);
    const older = editionOf("甲", "乙", "丙");
    const again = editionOf(...texts, "新");
    expect(idsOf([older, again].reduce(publishAll, before))?.slice(0, 5)).toEqual(idsOf(before));
    const middle = editionOf("甲", "丁", "戊");
    expect(idsOf([middle, older, again].reduce(publishAll, before))?.slice(0, 5)).toEqual(idsOf(before));
  });

  test("gives an id once also after an edition that has it twice", () => {
    const twice = bookAfter(contentsOf(["第一章", "a"], ["第二章", "b"]));
    const [one, two] = twice.published!.chapters;
    const broken = {
      ...twice,
      published: { ...twice.published!, chapters: [one!, { ...two!, chapterId: one!.chapterId }] },
    };
    const mended = idsOf(publishAll(broken, contentsOf(["第一章", "a"], ["第二章", "b"], ["第三章", "c"])));
    expect(new Set(mended).size).toBe(3);
  });

  test("knows the chapters that were removed last, up to a limit", () => {
    const size = maxRemovedChapters / 4;
    let book = bookAfter();
    for (let edition = 1; edition <= 6; edition++) {
      const chapters = Array.from({ length: size }, (_, index) => {
        const { newChapterId: _1, ...chapter } = offer(index + 1, `第${edition}卷`, "text");
        return { ...chapter, chapterId: `${edition} ${index}` };
      });
      const data = { edition, digest: digestA, totals: { chapters: size, words: 0 } };
      const more = { replaces: edition - 1, chaptersBefore: size, changed: [] };
      book = evolve(book, { type: "ChaptersPublished", data: { ...data, chapters } });
      book = evolve(book, { type: "BookPublished", data: { ...data, ...more } });
    }
    expect(book.removed).toHaveLength(maxRemovedChapters);
    expect(book.removed?.at(0)?.chapterId).toBe("2 0");
    expect(book.removed?.at(-1)?.chapterId).toBe(`5 ${size - 1}`);
  });

  test("knows each removed chapter once, and only while it is away", () => {
    const [first, second] = [contentsOf(["灯", "一"]), contentsOf(["桥", "二"])];
    expect(bookAfter(first, second, first, second).removed?.map(({ title }) => title)).toEqual(["灯"]);
  });

  test("whatever is offered, and offered again, readers then see exactly that, under ids that are given once", () => {
    const title = fc.constantFrom("第一章", "第二章", "番外", "后记");
    const contents = fc.array(fc.tuple(title, fc.constantFrom("a", "b", "c", "d")), { minLength: 1, maxLength: 8 });
    const order = fc.array(fc.nat(), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.array(contents, { minLength: 1, maxLength: 4 }), order, (editions, order) => {
        let book = bookAfter();
        for (const pick of order) {
          const chapters = editions[pick % editions.length]!;
          book = publishAll(book, contentsOf(...chapters));
          const seen = book.published!.chapters;
          expect(seen.map(({ no, title, sha256 }) => ({ no, title, sha256 }))).toEqual(
            chapters.map(([title, text], index) => ({ no: index + 1, title, sha256: offer(1, title, text).sha256 })),
          );
          expect(new Set(seen.map(({ chapterId }) => chapterId)).size).toBe(seen.length);
        }
      }),
    );
  });
});

describe("older versions", () => {
  const { BookCatalogued, BookPublished } = libraryEvents;
  test("of BookCatalogued had a cover's URL, no sub-category and no words", () => {
    const { subCategory: _1, words: _2, cover: _3, ...rest } = dream;
    const url = "https://example.org/cover.jpg";
    expect(BookCatalogued.schema.parse(BookCatalogued.upcasters[1]({ ...rest, coverUrl: null }))).toEqual(dream);
    expect(BookCatalogued.schema.parse(BookCatalogued.upcasters[1]({ ...rest, coverUrl: url }))).toEqual({
      ...dream,
      cover: { url },
    });
  });

  test("of BookPublished came after every chapter of the edition", () => {
    const old = { edition: 3, digest: digestA, totals: { chapters: 2, words: 160 } };
    expect(BookPublished.schema.parse(BookPublished.upcasters[2](BookPublished.upcasters[1](old)))).toEqual({
      ...old,
      replaces: 0,
      chaptersBefore: null,
      changed: [{ from: 1, to: 2 }],
    });
  });
});

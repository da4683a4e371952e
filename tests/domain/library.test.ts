import { describe, expect, test } from "vitest";
import { isRefusal } from "../../src/domain/decider.ts";
import {
  type Book,
  type LibraryCommand,
  libraryDecider,
  type OfferedChapter,
} from "../../src/domain/library/decider.ts";
import type { CataloguedBook, LibraryEvent } from "../../src/domain/library/events.ts";

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
  status: "finished",
  coverUrl: null,
};
const catalogued: LibraryEvent = { type: "BookCatalogued", data: dream };

/** A chapter as offered; `text` stands for its contents, `id` for the id it would get. */
function offer(no: number, title: string, text: string, id = `new${String(no).padStart(9, "0")}`): OfferedChapter {
  const sha256 = Buffer.from(text).toString("hex").padEnd(64, "0").slice(0, 64);
  return { newChapterId: id, no, title, volume: null, kind: "chapter", sha256, length: 100, words: 80 };
}

const publish = (digest: string, ...chapters: OfferedChapter[]): LibraryCommand => ({
  type: "PublishChapters",
  digest,
  chapters,
});
const complete = (digest: string, chapters: number): LibraryCommand => ({ type: "PublishBook", digest, chapters });

function decided(book: Book, command: LibraryCommand): readonly LibraryEvent[] {
  const decision = decide(command, book);
  if (isRefusal(decision)) throw new Error(decision.detail);
  return decision;
}

const bookAfter = (...commands: LibraryCommand[]): Book =>
  commands.reduce((book, command) => decided(book, command).reduce(evolve, book), evolve(initialState, catalogued));

/** The chapter ids that the command gives, in order. */
const idsOf = (events: readonly LibraryEvent[]) =>
  events.flatMap((event) => (event.type === "ChaptersPublished" ? event.data.chapters.map((c) => c.chapterId) : []));

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

  test("keeps the chapters when an entry is corrected", () => {
    const book = bookAfter(publish(digestA, offer(1, "第一回", "x")), complete(digestA, 1));
    const corrected = evolve(book, { type: "BookCatalogued", data: { ...dream, intro: "新" } });
    expect(corrected.published).toEqual(book.published);
  });
});

describe("an edition", () => {
  test("needs a catalogued book", () => {
    expect(decide(publish(digestA, offer(1, "第一回", "x")), initialState)).toMatchObject({
      refused: "book_not_catalogued",
    });
    expect(decide(complete(digestA, 0), initialState)).toMatchObject({ refused: "book_not_catalogued" });
  });

  test("is published in pieces with running totals, then completed", () => {
    const first = decided(bookAfter(), publish(digestA, offer(1, "第一回", "x"), offer(2, "第二回", "y")));
    const { newChapterId: _1, ...chapter1 } = offer(1, "第一回", "x");
    const { newChapterId: _2, ...chapter2 } = offer(2, "第二回", "y");
    expect(first).toEqual([
      {
        type: "ChaptersPublished",
        data: {
          edition: 1,
          digest: digestA,
          chapters: [
            { chapterId: "new000000001", ...chapter1 },
            { chapterId: "new000000002", ...chapter2 },
          ],
          totals: { chapters: 2, words: 160 },
        },
      },
    ]);
    const book = first.reduce(evolve, bookAfter());
    const second = decided(book, publish(digestA, offer(3, "第三回", "z")));
    expect(second).toMatchObject([{ data: { edition: 1, totals: { chapters: 3, words: 240 } } }]);
    expect(decide(complete(digestA, 3), second.reduce(evolve, book))).toEqual([
      { type: "BookPublished", data: { edition: 1, digest: digestA, totals: { chapters: 3, words: 240 } } },
    ]);
  });

  test("ignores a piece that it has, and everything once it is published", () => {
    const piece = publish(digestA, offer(1, "第一回", "x"), offer(2, "第二回", "y"));
    expect(decide(piece, bookAfter(piece))).toEqual([]);
    const published = bookAfter(piece, complete(digestA, 2));
    expect(decide(piece, published)).toEqual([]);
    expect(decide(complete(digestA, 2), published)).toEqual([]);
  });

  test("refuses chapters out of order", () => {
    const outOfOrder = { refused: "chapters_out_of_order" };
    expect(decide(publish(digestA, offer(2, "第二回", "y")), bookAfter())).toMatchObject(outOfOrder);
    const begun = bookAfter(publish(digestA, offer(1, "第一回", "x")));
    expect(decide(publish(digestA, offer(3, "第三回", "z")), begun)).toMatchObject(outOfOrder);
    expect(decide(publish(digestA, offer(2, "第二回", "y"), offer(4, "第四回", "w")), begun)).toMatchObject(outOfOrder);
  });

  test("is not completed with chapters missing", () => {
    const begun = bookAfter(publish(digestA, offer(1, "第一回", "x")));
    expect(decide(complete(digestA, 2), begun)).toMatchObject({ refused: "edition_incomplete" });
    expect(decide(complete(digestB, 1), begun)).toMatchObject({ refused: "edition_incomplete" });
    expect(decide(complete(digestA, 1), bookAfter())).toMatchObject({ refused: "edition_incomplete" });
  });

  test("that was begun anew with other contents replaces the draft", () => {
    const book = bookAfter(publish(digestA, offer(1, "第一回", "x")), publish(digestB, offer(1, "第一回", "X")));
    expect(decide(complete(digestA, 1), book)).toMatchObject({ refused: "edition_incomplete" });
    expect(decided(book, complete(digestB, 1))).toMatchObject([{ type: "BookPublished", data: { edition: 2 } }]);
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
    complete(digestA, 3),
  );

  test("keeps a chapter's id by its heading, else by its text, and gives new chapters new ids", () => {
    const events = decided(
      published,
      publish(
        digestB,
        offer(1, "楔子", "preface", "fresh0000001"),
        offer(2, "第一回", "x, revised", "fresh0000002"),
        offer(3, "第二回 新题", "y", "fresh0000003"),
        offer(4, "番外", "z", "fresh0000004"),
      ),
    );
    expect(idsOf(events)).toEqual(["fresh0000001", "first0000000", "second000000", "extra0000000"]);
    expect(events).toMatchObject([{ data: { edition: 2 } }]);
  });

  test("gives each id once, also to chapters with equal headings and over several pieces", () => {
    const twins = bookAfter(
      publish(digestA, offer(1, "番外", "x", "twin00000001"), offer(2, "番外", "y", "twin00000002")),
      complete(digestA, 2),
    );
    const first = decided(twins, publish(digestB, offer(1, "番外", "x2", "fresh0000001")));
    const book = first.reduce(evolve, twins);
    const second = decided(
      book,
      publish(digestB, offer(2, "番外", "y2", "fresh0000002"), offer(3, "番外", "z2", "fresh0000003")),
    );
    expect([...idsOf(first), ...idsOf(second)]).toEqual(["twin00000001", "twin00000002", "fresh0000003"]);
  });

  test("is seen only when it is complete", () => {
    const drafted = decided(published, publish(digestB, offer(1, "第一回", "new"))).reduce(evolve, published);
    expect(drafted.published?.digest).toBe(digestA);
    const completed = decided(drafted, complete(digestB, 1)).reduce(evolve, drafted);
    expect(completed.published).toMatchObject({ edition: 2, digest: digestB, words: 80 });
    expect(completed.draft).toBeUndefined();
  });
});

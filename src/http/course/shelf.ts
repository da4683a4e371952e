import { z } from "zod";
import { type AddBookToShelfDependencies, addBookToShelf } from "../../commands/shelf/addBookToShelf.ts";
import { removeBooksFromShelf } from "../../commands/shelf/removeBooksFromShelf.ts";
import { maxShelfCapacity } from "../../domain/shelf/events.ts";
import type { Pool } from "../../platform/postgres.ts";
import { bookIdOf } from "../../queries/course/ids.ts";
import { booksOnShelf } from "../../queries/shelf/booksOnShelf.ts";
import { hasUsedShelf } from "../../queries/shelf/hasUsedShelf.ts";
import { recommendedBooks } from "../../queries/shelf/recommendedBooks.ts";
import { outcomeOf } from "../commandEndpoint.ts";
import type { Endpoint } from "../endpoint.ts";
import { RequestProblem } from "../problems.ts";
import { courseContext, type courseRoutes, untilShown } from "./courseEndpoint.ts";
import { messageAnswer, namedId } from "./fields.ts";
import { imageUrl } from "./shownBook.ts";

const shelvedBook = z.strictObject({ id: z.string(), imgURL: z.string(), title: z.string() });
const params = z.object({ book_id: namedId });

/** The read models in which the shelf's commands become visible. */
const shownIn = ["shelf", "collected"] as const;

/** The routes of a reader's shelf. */
export function shelfRoutes(
  route: ReturnType<typeof courseRoutes>,
  commands: AddBookToShelfDependencies,
  pool: Pool,
): readonly Endpoint[] {
  const bookOf = async (named: string) => {
    const bookId = await bookIdOf(pool, named);
    if (bookId === undefined) throw new RequestProblem("book_not_found", "The library has no such book.");
    return bookId;
  };
  return [
    ...route({
      method: "get",
      path: "/mybooks/",
      who: "reader",
      reads: ["shelf", "library", "places", "rounds", "preferences", "featured"],
      response: z.array(shelvedBook),
      async handle({ readerId, incoming }) {
        const body = (await booksShown(pool, readerId)).map(({ bookId, title, coverUrl }) => ({
          id: bookId,
          imgURL: imageUrl(coverUrl, incoming.origin),
          title: title ?? "",
        }));
        return { body };
      },
    }),

    ...route({
      method: "post",
      path: "/mybooks/{book_id}",
      who: "reader",
      reads: shownIn,
      params,
      command: { category: "shelf", name: "AddBookToShelf", refusals: ["shelf_full"] },
      problems: ["book_not_found", "shelf_full"],
      response: messageAnswer,
      async handle({ params, readerId, incoming }) {
        const sent = { bookId: await bookOf(params.book_id) };
        const result = await addBookToShelf(commands, { readerId, ...sent }, courseContext(incoming, sent));
        await untilShown(incoming, shownIn, result);
        const outcome = outcomeOf(result);
        if (outcome === "done") return { outcome, body: { msg: "添加成功" } };
        return { outcome, status: 400, body: { msg: "书架中该书籍已经存在" } };
      },
    }),

    ...route({
      method: "delete",
      path: "/mybooks/{book_id}",
      who: "reader",
      reads: shownIn,
      params,
      command: { category: "shelf", name: "RemoveBooksFromShelf", refusals: [] },
      problems: ["book_not_found"],
      response: messageAnswer,
      async handle({ params, readerId, incoming }) {
        const sent = { bookIds: [await bookOf(params.book_id)] };
        const result = await removeBooksFromShelf(commands, { readerId, ...sent }, courseContext(incoming, sent));
        await untilShown(incoming, shownIn, result);
        const outcome = outcomeOf(result);
        if (outcome === "done") return { outcome, body: { msg: "删除成功" } };
        return { outcome, status: 400, body: { msg: "该书籍在书架中不存在" } };
      },
    }),
  ];
}

type Shown = { readonly bookId: string; readonly title: string | null; readonly coverUrl: string | null };

/** The books on the shelf; recommended books for a reader who never put one there. A shelf that the reader emptied stays empty. */
export async function booksShown(pool: Pool, readerId: string): Promise<readonly Shown[]> {
  const shelved = await booksShelved(pool, readerId, maxShelfCapacity);
  return shelved.length > 0 || (await hasUsedShelf(pool, readerId)) ? shelved : booksRecommended(pool, readerId);
}

/** The book to begin with for a reader who has read nothing: the first on the shelf, or else the first that is recommended. */
export async function firstBook(pool: Pool, readerId: string): Promise<Shown | undefined> {
  const [shelved] = await booksShelved(pool, readerId, 1);
  return shelved ?? (await booksRecommended(pool, readerId))[0];
}

async function booksShelved(pool: Pool, readerId: string, limit: number): Promise<readonly Shown[]> {
  const question = { readerId, sort: "added", group: null, text: null, limit, after: null } as const;
  const { items } = await booksOnShelf(pool, question);
  return JSON.parse(`[${items}]`);
}

async function booksRecommended(pool: Pool, readerId: string): Promise<readonly Shown[]> {
  return JSON.parse(await recommendedBooks(pool, readerId));
}

import { z } from "zod";
import type { Pool } from "../../platform/postgres.ts";
import { catalogue } from "../../queries/library/catalogue.ts";
import { lastRead } from "../../queries/reading/lastRead.ts";
import type { Endpoint } from "../endpoint.ts";
import { RequestProblem } from "../problems.ts";
import type { courseRoutes } from "./courseEndpoint.ts";
import { firstBook } from "./shelf.ts";
import { imageUrl } from "./shownBook.ts";

const response = z.strictObject({
  id: z.string(),
  title: z.string(),
  chapter: z.string(),
  progress: z.int().min(0).max(100),
  imgURL: z.string(),
});

/** A book with a chapter's title and the percentage of the book before the reader's place. */
type Shown = {
  readonly bookId: string;
  readonly title: string | null;
  readonly coverUrl: string | null;
  readonly place: { readonly title: string | null; readonly percentage: number | null };
};

/** The route of the last read book. */
export function lastReadRoutes(route: ReturnType<typeof courseRoutes>, pool: Pool): readonly Endpoint[] {
  return route({
    method: "get",
    path: "/mybooks/last",
    who: "reader",
    reads: ["places", "rounds", "library", "shelf", "preferences", "featured"],
    response,
    problems: ["book_not_found"],
    async handle({ readerId, incoming }) {
      const read = await lastRead(pool, readerId);
      const shown = read === undefined ? await firstShown(pool, readerId) : (JSON.parse(read.json) as Shown);
      const { bookId, title, coverUrl, place } = shown;
      return {
        body: {
          id: bookId,
          title: title ?? "",
          chapter: place.title ?? "",
          progress: Math.floor(place.percentage ?? 0),
          imgURL: imageUrl(coverUrl, incoming.origin),
        },
      };
    },
  });
}

/** Before anything was read: the beginning of the first book. */
async function firstShown(pool: Pool, readerId: string): Promise<Shown> {
  const first = await firstBook(pool, readerId);
  if (first === undefined) throw new RequestProblem("book_not_found", "There is no book to begin with.");
  const page = await catalogue(pool, { bookId: first.bookId, order: "asc", limit: 1, after: null });
  const [chapter] = JSON.parse(`[${page?.items ?? ""}]`) as { title: string }[];
  return { ...first, place: { title: chapter?.title ?? null, percentage: 0 } };
}

import { z } from "zod";
import { bookId } from "../../domain/ids.ts";
import { groupId } from "../../domain/shelf/groups.ts";
import type { Pool } from "../../platform/postgres.ts";
import type { JsonPage } from "../../queries/page.ts";
import { lastRead } from "../../queries/reading/lastRead.ts";
import { booksOnShelf } from "../../queries/shelf/booksOnShelf.ts";
import { recommendedBooks } from "../../queries/shelf/recommendedBooks.ts";
import type { Endpoint } from "../endpoint.ts";
import { checkOrderOf, instantText, positionText, searchText } from "../fields.ts";
import { titlesMaxAgeMs } from "../library/maxAges.ts";
import { listedBook } from "../library/shownBook.ts";
import { listAnswer, listOf, pageFieldsBy } from "../pagination.ts";
import { queryEndpoint } from "../queryEndpoint.ts";
import { RawJson } from "../rawJson.ts";
import { reportedPlace } from "../reading/place.ts";

const place = z.union([
  z.tuple([z.literal("added"), z.boolean(), positionText]),
  z.tuple([z.literal("recent"), z.boolean(), instantText.nullable(), positionText]),
  z.tuple([z.literal("manual"), z.boolean(), positionText, z.string().regex(/^[0-9A-Za-z]{1,2000}$/)]),
  z.tuple([
    z.literal("title"),
    z.boolean(),
    z
      .string()
      .regex(/^\P{Cc}*$/u)
      .nullable(),
    bookId,
  ]),
]);

const query = z.strictObject({
  sort: z.enum(["added", "title", "manual", "recent"]).default("added"),
  group: z
    .union([z.literal("none"), groupId], "must be the id of a group, or none")
    .nullable()
    .default(null),
  q: searchText,
  ...pageFieldsBy(place),
});

const shelvedBook = z.strictObject({
  bookId,
  title: z.string().nullable(),
  author: z.string().nullable(),
  coverUrl: z.string().nullable(),
  status: z.string().nullable(),
  chapters: z.int().nonnegative().nullable(),
  withdrawn: z.boolean(),
  addedAt: z.iso.datetime(),
  pinned: z.boolean(),
  group: z.strictObject({ id: z.string(), name: z.string() }).nullable(),
  lastReadAt: z.iso.datetime().nullable(),
  unreadChapters: z.int().nonnegative().nullable(),
  hasNewChapters: z.boolean(),
});

/** The last read book, with the place. */
export const lastReadBook = z.strictObject({
  ...shelvedBook.pick({ bookId: true, title: true, author: true, coverUrl: true, withdrawn: true }).shape,
  onShelf: z.boolean(),
  place: reportedPlace,
});

/** An empty shelf has recommendations. */
export const shelfPage = listOf(shelvedBook).extend({ recommended: z.array(listedBook).optional() });

/** Whether the whole shelf was requested, so that an empty page means an empty shelf. */
const isWhole = ({ group, q, cursor }: z.output<typeof query>) => group === null && q === "" && cursor === null;

/** The endpoints of the shelf's list and the last read book. */
export function shelfListEndpoints(pool: Pool): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/shelf",
      access: "reader",
      summary: "The books on the shelf, pinned ones first",
      description:
        "`sort`: most recently `added` first, most recently read first (`recent`), by `title`, or in the `manual` order. " +
        "`group`: a group's id, or `none` for the books without a group. `q` must occur in the title or the author. " +
        "`unreadChapters` counts the chapters after the furthest place; `hasNewChapters`: some were added since the book was last read, or shelved. " +
        "An empty shelf has `recommended`, books that the reader may like; they are not on it.",
      query,
      response: shelfPage,
      problems: [],
      reads: ["shelf", "library", "places", "rounds", "preferences", "featured"],
      keysOf: ({ readerId }) => ({ shelf: readerId, places: readerId, rounds: readerId, preferences: readerId }),
      maxAgeMs: { library: titlesMaxAgeMs, featured: titlesMaxAgeMs },
      keysIn(shown, { query }) {
        if (shown.length === 0 && isWhole(query)) return {};
        // When sorted by title or searched, any title on the shelf may matter.
        const anyTitle = query.sort === "title" || query.q !== "";
        return { preferences: [], featured: [], ...(anyTitle ? {} : { library: shown }) };
      },
      async handle({ readerId, query }) {
        const { sort, group, q, limit, cursor } = query;
        checkOrderOf(cursor, sort, "sort");
        const text = q === "" ? null : q;
        const page = await booksOnShelf(pool, { readerId, sort, group, text, limit, after: cursor });
        return isWhole(query) ? withRecommended(pool, readerId, page) : listAnswer(page);
      },
    }),

    queryEndpoint({
      path: "/v1/shelf/last-read",
      access: "reader",
      summary: "The most recently read book, on the shelf or not, with the place",
      description: "`item` is null before anything was read.",
      response: z.strictObject({ item: lastReadBook.nullable() }),
      problems: [],
      reads: ["places", "library", "shelf"],
      keysOf: ({ readerId }) => ({ places: readerId, shelf: readerId }),
      maxAgeMs: { library: titlesMaxAgeMs },
      keysIn: (shown) => ({ library: shown }),
      async handle({ readerId }) {
        const found = await lastRead(pool, readerId);
        return found ? new RawJson(`{"item":${found.json}}`, [found.bookId]) : new RawJson('{"item":null}', []);
      },
    }),
  ];
}

/** The response for a whole shelf: an empty one gets recommendations. */
export async function withRecommended(pool: Pool, readerId: string, page: JsonPage): Promise<RawJson> {
  if (page.items !== "") return listAnswer(page);
  return listAnswer(page, { recommended: await recommendedBooks(pool, readerId) });
}

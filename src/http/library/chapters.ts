import { z } from "zod";
import { bookId, chapterId } from "../../domain/ids.ts";
import { chapterKind } from "../../domain/library/events.ts";
import type { Pool } from "../../platform/postgres.ts";
import { catalogue } from "../../queries/library/catalogue.ts";
import { chapterOfBook, textOfBook } from "../../queries/library/chapterOfBook.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { checkOrderOf, sha256 } from "../fields.ts";
import { listAnswer, listOf, pageFieldsBy } from "../pagination.ts";
import { queryEndpoint } from "../queryEndpoint.ts";
import { RawJson } from "../rawJson.ts";
import { immutable } from "./immutable.ts";
import { bookNotFound, missingChapter } from "./problems.ts";

const chapter = z.strictObject({
  chapterId,
  no: z.int(),
  title: z.string(),
  volume: z.string().nullable(),
  kind: chapterKind,
  words: z.int(),
});
const neighbour = chapter.pick({ chapterId: true, no: true, title: true }).nullable();
const chapterWithText = z.strictObject({
  bookId,
  ...chapter.shape,
  length: z.int(),
  text: z.string(),
  textUrl: z.string(),
  previous: neighbour,
  next: neighbour,
});

/** A chapter id, or `no:17` for a chapter number. */
const which = z
  .string()
  .regex(/^(?:[a-z0-9]{12}|no:[1-9]\d{0,8})$/, "must be a chapter's id, or no: and a number from 1")
  .transform((text) => (text.startsWith("no:") ? { no: Number(text.slice(3)) } : { id: text }));

/** From the first chapter on, or from the last one back. */
const order = z.enum(["asc", "desc"]);

/** The endpoints of chapters and their texts. */
export function chapterEndpoints(pool: Pool): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/books/{bookId}/chapters",
      access: "open",
      summary: "The catalogue of a book",
      description: "`order`: `asc` from the first chapter, or `desc` from the last.",
      params: z.strictObject({ bookId }),
      query: z.strictObject({ order: order.default("asc"), ...pageFieldsBy(z.tuple([order, z.int32()])) }),
      response: listOf(chapter),
      problems: ["book_not_found"],
      reads: ["library"],
      keysOf: ({ params }) => ({ library: params.bookId }),
      async handle({ params, query }) {
        const { order, limit, cursor } = query;
        checkOrderOf(cursor, order, "order");
        const page = await catalogue(pool, { bookId: params.bookId, order, limit, after: cursor?.[1] ?? null });
        if (page === undefined) throw bookNotFound(params.bookId);
        return listAnswer(page);
      },
    }),

    queryEndpoint({
      path: "/v1/books/{bookId}/chapters/{chapter}",
      access: "open",
      summary: "A chapter with its text, by id or by number (no:17)",
      description:
        "`length` in UTF-16 units, as positions in a chapter are. `textUrl` returns the text alone, and may be cached for ever.",
      params: z.strictObject({ bookId, chapter: which }),
      response: chapterWithText,
      problems: ["book_not_found", "chapter_not_found", "book_withdrawn"],
      reads: ["library"],
      keysOf: ({ params }) => ({ library: params.bookId }),
      async handle({ params }) {
        const found = await chapterOfBook(pool, params.bookId, params.chapter);
        if (typeof found === "string") throw missingChapter(found, params.bookId);
        return new RawJson(found.json);
      },
    }),

    endpoint({
      method: "get",
      path: "/v1/books/{bookId}/texts/{sha256}",
      access: "open",
      summary: "The text of a chapter by its hash, as plain text",
      description: "It never changes and may be cached for ever.",
      params: z.strictObject({ bookId, sha256 }),
      response: z.string(),
      contentTypes: ["text/plain"],
      answerHeaders: ["ETag"],
      problems: ["book_not_found", "chapter_not_found", "book_withdrawn"],
      async handle({ params }) {
        const found = await textOfBook(pool, params.bookId, params.sha256);
        if (typeof found === "string") throw missingChapter(found, params.bookId);
        return { headers: immutable(params.sha256), contentType: "text/plain", body: found.text };
      },
    }),
  ];
}

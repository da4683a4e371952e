import { z } from "zod";
import type { Pool } from "../../platform/postgres.ts";
import { courseBooks } from "../../queries/course/books.ts";
import { categoryCovers } from "../../queries/course/categoryCovers.ts";
import { categories } from "../../queries/library/categories.ts";
import type { Endpoint } from "../endpoint.ts";
import { wordRanges } from "../library/categories.ts";
import type { courseRoutes } from "./courseEndpoint.ts";
import { choice, namedId, pageFields, pageOf, pagesOf, placeOf } from "./fields.ts";
import { imageUrl, listedBook, shownBook } from "./shownBook.ts";

const named = { id: z.string(), title: z.string() };
const category = z.strictObject({ ...named, imgURL: z.string(), subCategory: z.array(z.strictObject(named)) });

/** The channel of a number: a reader's gender (0 female, 1 male) or a channel (1 male, 2 female, 3 published). */
const channels = ["female", "male", "female", "published"] as const;

const ranges = [null, wordRanges.short, wordRanges.medium, wordRanges.long] as const;
const orders = ["heat", "heat", "collected"] as const;

/** The number of books on a page of recommendations. */
const hotBooks = 4;

type Counted = { readonly id: string; readonly name: string };

/** The routes of categories and recommendations. */
export function categoryRoutes(route: ReturnType<typeof courseRoutes>, pool: Pool): readonly Endpoint[] {
  return [
    ...route({
      method: "get",
      path: "/categories/",
      who: "anybody",
      reads: ["library"],
      isShared: true,
      query: z.object({
        gender: z
          .string()
          .regex(/^[0-3]$/)
          .transform(Number)
          .catch(1),
      }),
      response: z.array(category),
      async handle({ query, incoming }) {
        const { items } = await categories(pool, channels[query.gender] ?? "male");
        const listed = JSON.parse(`[${items}]`) as (Counted & { readonly subCategories: readonly Counted[] })[];
        const covers = await categoryCovers(
          pool,
          listed.map(({ id }) => id),
        );
        return {
          body: listed.map(({ id, name, subCategories }) => ({
            id,
            title: name,
            imgURL: imageUrl(covers.get(id) ?? null, incoming.origin),
            subCategory: subCategories.map(({ id, name }) => ({ id, title: name })),
          })),
        };
      },
    }),

    ...route({
      method: "get",
      path: "/categories/filters",
      who: "anybody",
      reads: ["library", "collected", "heat"],
      isShared: true,
      query: z.object({
        ...pageFields,
        category_id: namedId.nullable().catch(null),
        words: choice(3),
        order: choice(2),
      }),
      response: pageOf(listedBook),
      async handle({ query, incoming }) {
        const { total, books } = await courseBooks(pool, {
          category: query.category_id || null,
          words: ranges[query.words] ?? null,
          order: orders[query.order] ?? "heat",
          ...placeOf(query),
        });
        return { body: { ...pagesOf(total, query), items: books.map((book) => shownBook(book, incoming.origin)) } };
      },
    }),

    ...route({
      method: "get",
      path: "/recommend/hots/{category_id}",
      who: "anybody",
      isShared: true,
      reads: ["library", "collected", "heat"],
      params: z.object({ category_id: namedId }),
      response: z.array(listedBook),
      async handle({ params, incoming }) {
        const hottest = (category: string | null) =>
          courseBooks(pool, { category, words: null, order: "heat", limit: hotBooks, offset: 0 });
        const { books } = await hottest(params.category_id);
        const shown = books.length > 0 ? books : (await hottest(null)).books;
        return { body: shown.map((book) => shownBook(book, incoming.origin)) };
      },
    }),
  ];
}

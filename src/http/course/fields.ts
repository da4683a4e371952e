import { z } from "zod";
import { storableText } from "../fields.ts";

/** A number as the course reads it from a query: what is none, or out of its range, is `otherwise`. */
const numberOr = (otherwise: number, least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.int().min(least).max(most))
    .catch(otherwise);

/** What pages are numbered by; `pagesize` is 10 unless given. */
export const pageFields = { page: numberOr(1, 1, 1_000_000), pagesize: numberOr(10, 1, 100) };

/** A choice by number; 0 is none. */
export const choice = (most: number) => numberOr(0, 0, most);

/** The place of a page in its list. */
export const placeOf = ({ page, pagesize }: { page: number; pagesize: number }) => ({
  limit: pagesize,
  offset: (page - 1) * pagesize,
});

/** What a page says of its list; there is one page at least. */
export const pagesOf = (total: number, { page, pagesize }: { page: number; pagesize: number }) => ({
  counts: total,
  pagesize,
  pages: Math.max(1, Math.ceil(total / pagesize)),
  page,
});

/** An id of ours, or an integer of the course's; `src/queries/course/ids.ts` tells which. */
export const namedId = storableText.max(20);

/** The answer to a command. */
export const said = z.strictObject({ msg: z.string() });

/** The schema of a page's answer. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({
    counts: z.int(),
    pagesize: z.int(),
    pages: z.int(),
    page: z.int(),
    items: z.array(item),
  });

import { z } from "zod";
import { storableText } from "../fields.ts";

/** A number in a query as the course parses it: invalid or out of range becomes `otherwise`. */
const numberOr = (otherwise: number, least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.int().min(least).max(most))
    .catch(otherwise);

/** The page number and page size; `pagesize` defaults to 10. */
export const pageFields = { page: numberOr(1, 1, 1_000_000), pagesize: numberOr(10, 1, 100) };

/** A numbered option; 0 means none. */
export const choice = (most: number) => numberOr(0, 0, most);

/** The offset and limit of a page. */
export const placeOf = ({ page, pagesize }: { page: number; pagesize: number }) => ({
  limit: pagesize,
  offset: (page - 1) * pagesize,
});

/** The page information of a response; there is at least one page. */
export const pagesOf = (total: number, { page, pagesize }: { page: number; pagesize: number }) => ({
  counts: total,
  pagesize,
  pages: Math.max(1, Math.ceil(total / pagesize)),
  page,
});

/** One of our ids, or an integer id of the course; `src/queries/course/ids.ts` resolves it. */
export const namedId = storableText.max(20);

/** The response to a command. */
export const messageAnswer = z.strictObject({ msg: z.string() });

/** The schema of a page. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.strictObject({
    counts: z.int(),
    pagesize: z.int(),
    pages: z.int(),
    page: z.int(),
    items: z.array(item),
  });

import { z } from "zod";
import { storableText } from "../fields.ts";

/** A number in a query: `otherwise` if it is malformed or less than `min`, `beyond` if it is more than `max`. */
const number = (otherwise: number, min: number, max: number, beyond = max) =>
  z
    .string()
    .regex(/^\d+$/)
    .transform((digits) => (Number(digits) > max ? beyond : Number(digits)))
    .pipe(z.int().min(min))
    .catch(otherwise);

/** The page number, which counts as 1,000,000 above that, and the page size: 10 by default, and 100 if more is asked for. */
export const pageFields = {
  page: number(1, 1, 1_000_000),
  pagesize: number(10, 1, 100),
};

/** A numbered option; 0 means none, and so does an option that there is not. */
export const choice = (max: number) => number(0, 0, max, 0);

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

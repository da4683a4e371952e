import { z } from "zod";
import { maxChapters } from "./limits.ts";

const number = z.int().positive().max(maxChapters);

/** Chapter numbers as inclusive ranges, in order and without overlap. */
export const changedRanges = z
  .array(z.strictObject({ from: number, to: number }))
  .max(maxChapters)
  .refine(
    (ranges) => ranges.every(({ from, to }, index) => from <= to && from > (ranges[index - 1]?.to ?? 0)),
    "must be ranges in order that do not overlap",
  );

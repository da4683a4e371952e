import { z } from "zod";
import { chapterId } from "../../domain/ids.ts";

/** Where a place is in the edition that readers see; `title` is null while the library does not know the chapter yet. */
export const wherePlace = {
  chapterId,
  no: z.int().positive(),
  title: z.string().nullable(),
  offset: z.int().nonnegative(),
};

/** A place that a device reported. */
export const reportedPlace = z
  .strictObject({
    ...wherePlace,
    percentage: z.number().min(0).max(100).nullable(),
    deviceId: z.string(),
    readAt: z.iso.datetime(),
  })
  .meta({
    id: "ReportedPlace",
    description:
      "A place in the edition that readers see: `offset` in UTF-16 units of the chapter, `percentage` of the book by the same.",
  });

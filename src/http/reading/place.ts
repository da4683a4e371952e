import { z } from "zod";
import { chapterId } from "../../domain/ids.ts";

/** A place in the published edition; `title` is null while the library does not have the chapter yet. */
export const wherePlace = {
  chapterId,
  no: z.int().positive(),
  title: z.string().nullable(),
  offset: z.int().nonnegative(),
};

/** A place reported by a device. */
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
      "A place in the published edition: `offset` in UTF-16 units of the chapter, `percentage` of the book, also in UTF-16 units.",
  });

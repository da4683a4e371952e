import { z } from "zod";
import { maxNoteLength } from "../../domain/bookmarks/limits.ts";
import { bookId, chapterId } from "../../domain/ids.ts";
import { deviceTime } from "../../domain/progress/events.ts";
import { maxActiveSeconds, maxEntries, maxOffset } from "../../domain/progress/limits.ts";
import { plainText } from "../fields.ts";
import { RequestProblem } from "../problems.ts";

const uuid = z.uuid("must be a UUID").transform((id) => id.toLowerCase());

/** The id of a bookmark, chosen by the client. */
export const bookmarkId = uuid;

const place = {
  chapterId,
  offset: z.int().min(0).max(maxOffset, `must be at most ${maxOffset}`),
};

/** When something was read, as the device says. */
export const readAt = deviceTime;

/** What a device read, in a book that the path names. */
export const progressEntry = z.strictObject({
  entryId: uuid,
  ...place,
  readAt,
  activeSeconds: z.int().min(0).max(maxActiveSeconds, `must be at most ${maxActiveSeconds}`),
  deviceId: plainText.pipe(z.string().trim().min(1).max(64)),
});

/** What a device read, of any books. */
export const progressEntries = z.strictObject({
  entries: z
    .array(z.strictObject({ bookId, ...progressEntry.shape }))
    .min(1, "must have an entry")
    .max(maxEntries, `must have at most ${maxEntries} entries`),
});

/** A note may have several lines; of what does not show only tabs and ends of lines are let through. */
const note = z
  .string()
  .transform((text) => text.replace(/\r\n?/g, "\n").normalize("NFC").trim())
  .refine((text) => !/(?![\t\n])[\p{Cc}\p{Cs}]/u.test(text), "must be plain text")
  .refine((text) => [...text].length <= maxNoteLength, `must have at most ${maxNoteLength} characters`)
  .default("");

/** A place with a note. */
export const bookmarkBody = z.strictObject({ ...place, note });

/** Where most readers are. */
const defaultZone = "Asia/Shanghai";
const mustBeZone = "must be an IANA time zone such as Asia/Shanghai";

export const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, mustBeZone)
  .default(defaultZone)
  .meta({ description: `An IANA time zone; ${defaultZone} unless given.` });

/** The answer of a query when Postgres does not know a zone that Node does. */
export const unknownTimeZone = () => invalidField("tz", mustBeZone);

/** A field that is wrong although each is right by itself. */
export function invalidField(path: string, message: string): RequestProblem {
  return new RequestProblem("invalid_request", `${path}: ${message}`, { errors: [{ path, message }] });
}

/** The names of the IANA without a slash, in small letters. */
const bareZones = new Set(
  (
    "cet cst6cdt cuba eet egypt eire est est5edt gb gb-eire gmt gmt+0 gmt-0 gmt0 greenwich hongkong hst iceland iran israel " +
    "jamaica japan kwajalein libya met mst mst7mdt navajo nz nz-chat poland portugal prc pst8pdt roc rok singapore turkey " +
    "uct universal utc w-su wet zulu"
  ).split(" "),
);

/**
 * Whether this is the name of a time zone of the IANA. An offset such as +08:00 is none: Postgres would turn its sign. Nor are IST or
 * PST, of which ICU and Postgres think differently.
 */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name) || !(name.includes("/") || bareZones.has(name.toLowerCase()))) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

import { z } from "zod";
import { charactersUpTo, sentText } from "../../domain/bounded.ts";
import { bookId, chapterId } from "../../domain/ids.ts";
import { maxNoteLength } from "../../domain/reading/bookmarks/limits.ts";
import { deviceTime } from "../../domain/reading/progress/events.ts";
import { maxActiveSeconds, maxEntries, maxOffset } from "../../domain/reading/progress/limits.ts";
import { plainText, uuid } from "../fields.ts";
import { RequestProblem } from "../problems.ts";

/** A bookmark's id, chosen by the client. */
export const bookmarkId = uuid;

const place = {
  chapterId,
  offset: z.int().min(0).max(maxOffset, `must be at most ${maxOffset}`),
};

/** The maximum length of a device's id, in characters (code points). */
const maxDeviceId = 64;

/** When something was read, by the device's clock. */
export const readAt = deviceTime;

/** A progress entry for the book in the path. */
export const progressEntry = z.strictObject({
  entryId: uuid,
  ...place,
  readAt,
  activeSeconds: z.int().min(0).max(maxActiveSeconds, `must be at most ${maxActiveSeconds}`),
  deviceId: plainText(maxDeviceId).pipe(z.string().trim().min(1).max(maxDeviceId)),
});

/** Progress entries for any books. */
export const progressEntries = z.strictObject({
  entries: z
    .array(z.strictObject({ bookId, ...progressEntry.shape }))
    .min(1, "must have an entry")
    .max(maxEntries, `must have at most ${maxEntries} entries`),
});

/** A note may have several lines; the only invisible characters allowed are tabs and line breaks. */
const note = sentText(maxNoteLength)
  .transform((text) => text.replace(/\r\n?/g, "\n").normalize("NFC").trim())
  .refine((text) => !/(?![\t\n])[\p{Cc}\p{Cs}]/u.test(text), "must be plain text")
  .check(charactersUpTo(maxNoteLength))
  .default("");

/** A place with a note. */
export const bookmarkBody = z.strictObject({ ...place, note });

/** The time zone of most readers. */
const defaultZone = "Asia/Shanghai";
const mustBeZone = "must be an IANA time zone such as Asia/Shanghai";

export const timeZone = z
  .string()
  .max(64)
  .refine(isTimeZone, mustBeZone)
  .default(defaultZone)
  .meta({ description: `An IANA time zone; ${defaultZone} by default.` });

/** The response if Postgres does not know a time zone that Node knows. */
export const unknownTimeZone = () => invalidField("tz", mustBeZone);

/** A problem for fields that are only invalid in combination. */
export function invalidField(path: string, message: string): RequestProblem {
  return new RequestProblem("invalid_request", `${path}: ${message}`, { errors: [{ path, message }] });
}

/** IANA time zones whose name has no slash, in lower case. */
const bareZones = new Set(
  (
    "cet cst6cdt cuba eet egypt eire est est5edt gb gb-eire gmt gmt+0 gmt-0 gmt0 greenwich hongkong hst iceland iran israel " +
    "jamaica japan kwajalein libya met mst mst7mdt navajo nz nz-chat poland portugal prc pst8pdt roc rok singapore turkey " +
    "uct universal utc w-su wet zulu"
  ).split(" "),
);

/**
 * Returns whether this is the name of an IANA time zone. Offsets such as +08:00 are not accepted: Postgres would invert their
 * sign. Nor are abbreviations such as IST or PST, which ICU and Postgres resolve differently.
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

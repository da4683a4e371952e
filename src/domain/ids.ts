import { z } from "zod";
import { someText } from "./bounded.ts";

/** A book's id: 12 characters of `[a-z0-9]`, a hash of (source, id at the source) unless the import names another. */
export const bookId = z.string().regex(/^[a-z0-9]{12}$/, "must be 12 characters of a-z and 0-9");

/** A chapter's id: assigned at its first publication and kept by later editions. */
export const chapterId = z.string().regex(/^[a-z0-9]{12}$/, "must be 12 characters of a-z and 0-9");

/** The most digits of the course's integer ids: MySQL's BIGINT as far as Numbers are exact. */
export const maxCourseIdDigits = 15;

/** The id of a category (`c…`) or of a sub-category (`s…`): a hash of channel and names. */
export const categoryId = z.string().regex(/^[cs][a-z0-9]{11}$/, "must be the id of a category or sub-category");

/** A reader's id: a UUID (of version 7 if it is of before December 2026), never the openid. Lower-cased, so that stream names have one spelling. */
export const readerId = z.uuid().toLowerCase();

/** The name that a device chooses for itself and keeps across restarts: 1 to 64 characters. */
export const deviceId = someText(64);

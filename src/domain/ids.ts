import { z } from "zod";
import { someText } from "./bounded.ts";

/** A book's id: twelve of `[a-z0-9]`, a hash of (source, id at the source) unless the importer was given another. */
export const bookId = z.string().regex(/^[a-z0-9]{12}$/, "must be 12 characters of a-z and 0-9");

/** A chapter's id: given at its first publication, kept by every later edition. */
export const chapterId = z.string().regex(/^[a-z0-9]{12}$/, "must be 12 characters of a-z and 0-9");

/** The id of a category (`c…`) or of a sub-category (`s…`): a hash of channel and names. */
export const categoryId = z.string().regex(/^[cs][a-z0-9]{11}$/, "must be the id of a category or sub-category");

/** A reader's id: a UUIDv7 of ours, never the openid. In capitals it is the same id; streams must see one spelling. */
export const readerId = z.uuid().toLowerCase();

/** The name that a device gives itself, the same at each start: 1 to 64 characters. */
export const deviceId = someText(64);

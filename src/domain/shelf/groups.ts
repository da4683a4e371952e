import { z } from "zod";
import { charactersUpTo, sentText } from "../bounded.ts";
import { isOneLine, isVisible } from "../visibleText.ts";

/** The maximum number of groups of a shelf. */
export const maxGroups = 100;

/** The maximum length of a group's name, in characters (code points). */
export const maxNameLength = 20;

/** Words with another meaning in the API's paths and queries. */
const reservedIds = ["none", "order"];

/** A group's id: chosen by the client, unchanged by renaming. */
export const groupId = z
  .string()
  .regex(/^[a-z0-9-]{1,32}$/, "must be 1 to 32 characters of a-z, 0-9 and -")
  .refine((id) => !reservedIds.includes(id), "must not be none or order");

/**
 * A group's name as typed, normalised to NFC and trimmed: one line of 1 to 20 characters (code points), at least one of them
 * visible.
 */
export const groupName = sentText(maxNameLength)
  .refine(isOneLine, { message: "must be plain text in one line", abort: true })
  .transform((name) => name.normalize("NFC").trim())
  .refine(isVisible, { message: "must not be empty", abort: true })
  .check(charactersUpTo(maxNameLength));

import { z } from "zod";

/** The most groups that one shelf has. */
export const maxGroups = 100;

/** Characters (code points) of a group's name. */
export const maxNameLength = 20;

/** What the paths and queries of the API use for something else. */
const reservedIds = ["none", "order"];

/** A group's id, chosen by the client that made the group and kept when the group is renamed. */
export const groupId = z
  .string()
  .regex(/^[a-z0-9-]{1,32}$/, "must be 1 to 32 characters of a-z, 0-9 and -")
  .refine((id) => !reservedIds.includes(id), "must not be none or order");

/** Control characters, halves of surrogate pairs, separators of lines, and what turns the direction of writing. */
const unwritable = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

/**
 * A group's name as a reader types it, made NFC and trimmed: 1 to 20 characters (code points) in one line, of which one
 * at least can be seen.
 */
export const groupName = z
  .string()
  .refine((name) => !unwritable.test(name), { message: "must be plain text in one line", abort: true })
  .transform((name) => name.normalize("NFC").trim())
  .refine((name) => /[\p{L}\p{N}\p{P}\p{S}]/u.test(name), { message: "must not be empty", abort: true })
  .refine((name) => [...name].length <= maxNameLength, `must have at most ${maxNameLength} characters`);

import { z } from "zod";
import { isOneLine, isVisible } from "../visibleText.ts";

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

/**
 * A group's name as a reader types it, made NFC and trimmed: 1 to 20 characters (code points) in one line, of which one
 * at least can be seen.
 */
export const groupName = z
  .string()
  .refine(isOneLine, { message: "must be plain text in one line", abort: true })
  .transform((name) => name.normalize("NFC").trim())
  .refine(isVisible, { message: "must not be empty", abort: true })
  .refine((name) => [...name].length <= maxNameLength, `must have at most ${maxNameLength} characters`);

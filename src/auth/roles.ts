import { z } from "zod";

/** The roles of accounts: everybody is a reader; operators manage the library, analysts read the event log. */
export const roles = ["reader", "operator", "analyst"] as const;
export type Role = (typeof roles)[number];

export const role = z.enum(roles);

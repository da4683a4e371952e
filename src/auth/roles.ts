import { z } from "zod";

/** What an account may be: everybody is a reader; operators run the library, analysts read the log of events. */
export const roles = ["reader", "operator", "analyst"] as const;
export type Role = (typeof roles)[number];

export const role = z.enum(roles);

import { z } from "zod";
import type { EventDefinitions, EventOf } from "../event.ts";

/** What can happen to an account (`account-<readerId>`). No openid, nickname or phone ever enters an event. */
export const accountEvents = {
  ReaderRegistered: { version: 1, schema: z.strictObject({ via: z.enum(["wechat"]) }) },
  /** What the profile says stands in Postgres, where it can be erased; the stream of an account stays. */
  ReaderProfileChanged: { version: 1, schema: z.strictObject({ profileId: z.uuid(), via: z.enum(["wechat"]) }) },
  /** The reader's other streams are deleted. The last event of the stream; read models delete the reader's rows. */
  ReaderErased: { version: 1, schema: z.strictObject({}) },
} as const satisfies EventDefinitions;

export type AccountEvent = EventOf<typeof accountEvents>;

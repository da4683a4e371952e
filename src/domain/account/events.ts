import { z } from "zod";
import type { EventDefinitions, EventOf } from "../event.ts";

/** Events of an account (`account-<readerId>`). No event ever contains an openid, nickname or phone number. */
export const accountEvents = {
  ReaderRegistered: { version: 1, schema: z.strictObject({ via: z.enum(["wechat"]) }) },
  /** The profile itself is stored in Postgres, where it can be erased; the stream of an account is permanent. */
  ReaderProfileChanged: { version: 1, schema: z.strictObject({ profileId: z.uuid(), via: z.enum(["wechat"]) }) },
  /** The reader's other streams are deleted. Always the last event of the stream; read models delete the reader's rows. */
  ReaderErased: { version: 1, schema: z.strictObject({}) },
} as const satisfies EventDefinitions;

export type AccountEvent = EventOf<typeof accountEvents>;

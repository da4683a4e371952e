import { z } from "zod";
import { preferences, settings } from "../../domain/preferences/events.ts";
import type { Pool } from "../../platform/postgres.ts";
import { preferencesOf, settingsOf } from "../../queries/preferences/chosen.ts";
import type { Endpoint } from "../endpoint.ts";
import { queryEndpoint } from "../queryEndpoint.ts";

const changedAt = z.iso.datetime().nullable().meta({ description: "Null as long as the defaults apply." });

export const preferencesAnswer = z.strictObject({ ...preferences.shape, changedAt });
export const settingsAnswer = z.strictObject({ ...settings.shape, changedAt });

/** The queries of a reader's preferences and settings. */
export function preferencesQueries(pool: Pool): readonly Endpoint[] {
  return [
    queryEndpoint({
      path: "/v1/preferences",
      access: "reader",
      summary: "The reader's preferences",
      response: preferencesAnswer,
      problems: [],
      reads: ["preferences"],
      keysOf: ({ readerId }) => ({ preferences: readerId }),
      handle: async ({ readerId }) => preferencesOf(pool, readerId),
    }),
    queryEndpoint({
      path: "/v1/settings",
      access: "reader",
      summary: "The reader's settings for the display of pages",
      response: settingsAnswer,
      problems: [],
      reads: ["preferences"],
      keysOf: ({ readerId }) => ({ preferences: readerId }),
      handle: async ({ readerId }) => settingsOf(pool, readerId),
    }),
  ];
}

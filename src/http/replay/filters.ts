import { z } from "zod";
import { parseMoment } from "../../replay/range.ts";
import { eventRows } from "../../replay/schema/columns.ts";

/** An event type that analysts may see. */
export const eventType = z.enum(eventRows.map(({ type }) => type) as [string, ...string[]]);

/** A day (China), a time with its zone, or a log position. */
export const moment = z
  .string()
  .max(40)
  .transform((text, context) => {
    const parsed = parseMoment(text);
    if (parsed !== undefined) return { text, moment: parsed };
    context.addIssue("must be a day (2026-11-28), a time with its zone, or a position");
    return z.NEVER;
  });

/** A reader's pseudonym in exports and GET /v1/events. */
export const pseudonym = z.string().regex(/^[0-9a-f]{32}$/, "must be a pseudonym, as the column reader has it");

/** Comma-separated types in a query. */
export const typeList = z
  .string()
  .max(2_000)
  .transform((text) => [...new Set(text.split(",").map((type) => type.trim()))].sort())
  .pipe(z.array(eventType).min(1))
  .meta({ type: "string", description: "Types of events (docs/events.md), joined by commas." });

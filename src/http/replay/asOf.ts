import { z } from "zod";
import { readerId } from "../../domain/ids.ts";
import { createConcurrencyLimit } from "../../platform/concurrencyLimit.ts";
import type { Pool } from "../../platform/postgres.ts";
import { titlesOf } from "../../queries/library/titlesOf.ts";
import type { FoundPast, Past } from "../../replay/asOf/past.ts";
import type { Endpoint } from "../endpoint.ts";
import { RequestProblem } from "../problems.ts";
import { queryEndpoint } from "../queryEndpoint.ts";
import { createResponseSlots } from "../responseSlots.ts";
import { booksOf, pastAnswer, shownPast } from "./pastSchema.ts";

export type AsOfDependencies = {
  readonly pool: Pool;
  readonly readPast: (readerId: string, at: Date) => Promise<FoundPast>;
  /** Resolves with whether the reader's account is marked as erased: the streams may still exist. */
  readonly isErased: (readerId: string) => Promise<boolean>;
  /** Records an analyst's access before the response. */
  readonly audit: (look: Readonly<Record<string, unknown>> & { readonly analyst: string }) => void;
};

/**
 * Concurrent requests of an API process: each reads all of a reader's streams. The number of waiting requests is bounded by one
 * per account.
 */
const foldedAtOnce = 2;

/** Maximum lead of a client's clock over ours, in milliseconds. */
const aheadMs = 5 * 60_000;

const time = z.iso
  .datetime({ offset: true, error: "must be a time with Z or an offset, as 2026-04-01T00:00:00Z" })
  .transform((text) => new Date(text))
  .refine((at) => !Number.isNaN(at.getTime()), "must be a valid time")
  .meta({ description: "By the event store's clock, inclusive; not in the future." });

const problems = ["reader_not_found", "no_past_yet", "reader_was_erased", "too_many_requests"] as const;

/** The endpoints that show a reader's past state: to analysts, and to the reader. */
export function asOfEndpoints({ pool, readPast, isErased, audit }: AsOfDependencies): readonly Endpoint[] {
  const limit = createConcurrencyLimit({ max: foldedAtOnce });
  const slots = createResponseSlots(
    1,
    Number.POSITIVE_INFINITY,
    "Another such request of this account is running; wait until it has ended.",
  );

  /** One request at a time per account. */
  const alone = async <Result>(asker: string, work: () => Promise<Result>): Promise<Result> => {
    const release = slots.take(asker);
    try {
      return await limit(work);
    } finally {
      release();
    }
  };

  const pastOf = async (reader: string, at: Date): Promise<z.input<typeof pastAnswer>> => {
    if (at.getTime() > Date.now() + aheadMs) {
      const errors = [{ path: "time", message: "must not be in the future" }];
      throw new RequestProblem("invalid_request", "time: must not be in the future", { errors });
    }
    if (await isErased(reader)) throw erased();
    const past = pastIn(await readPast(reader, at));
    return shownPast(past, await titlesOf(pool, booksOf(past)));
  };

  return [
    queryEndpoint({
      path: "/v1/readers/{id}/as-of/{time}",
      access: "analyst",
      summary: "Shelf, places, preferences and settings of a reader as they were at a time",
      description:
        "Folded from the reader's streams by the code of the write side. Each access is written to the audit log.",
      params: z.strictObject({ id: readerId, time }),
      response: pastAnswer,
      problems: [...problems],
      reads: [],
      handle: ({ readerId: analyst, params }) =>
        alone(analyst, () => {
          audit({ analyst, past: { reader: params.id, asOf: params.time.toISOString() } });
          return pastOf(params.id, params.time);
        }),
    }),
    queryEndpoint({
      path: "/v1/me/as-of/{time}",
      access: "reader",
      summary: "The reader's own shelf, places, preferences and settings as they were at a time",
      params: z.strictObject({ time }),
      response: pastAnswer,
      problems: [...problems],
      reads: [],
      handle: ({ readerId: reader, params }) => alone(reader, () => pastOf(reader, params.time)),
    }),
  ];
}

function pastIn(found: FoundPast): Past {
  switch (found.found) {
    case "past":
      return found.past;
    case "not_yet": {
      const detail = `The reader's first event was recorded at ${found.since.toISOString()}.`;
      throw new RequestProblem("no_past_yet", detail);
    }
    case "unknown":
      throw new RequestProblem("reader_not_found", "The log has no events of this reader.");
    case "erased":
      throw erased();
  }
}

const erased = () => new RequestProblem("reader_was_erased", "The reader was erased; no past state is available.");

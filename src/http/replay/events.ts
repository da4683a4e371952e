import { z } from "zod";
import { bookId } from "../../domain/ids.ts";
import type { Pool } from "../../platform/postgres.ts";
import { readerOf } from "../../replay/readerOf.ts";
import type { AskedLines } from "../../replay/stream/eventLines.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { RequestProblem } from "../problems.ts";
import { createResponseSlots, longestMs, releaseWhenClosed } from "../responseSlots.ts";
import { moment, pseudonym, typeList } from "./filters.ts";

export type EventsDependencies = {
  readonly pool: Pick<Pool, "query">;
  /** The position before a moment; undefined: the beginning of the log; `nowhere`: a position at which no event begins. */
  readonly positionOf: (from: z.output<typeof moment>, signal: AbortSignal) => Promise<bigint | undefined | "nowhere">;
  /** Undefined if there are no keys for pseudonyms. */
  readonly eventLines: ((asked: AskedLines, signal: AbortSignal) => AsyncIterable<string>) | undefined;
  readonly audit: (look: Readonly<Record<string, unknown>> & { readonly analyst: string }) => void;
  /** Aborted when the process shuts down. */
  readonly closing: AbortSignal;
};

/** Concurrent responses, each with a subscription: of an API process, and of one analyst. */
const maxResponses = 8;
const maxPerAnalyst = 2;

const heartbeatMs = 15_000;

/** The endpoint by which analysts read and follow the events of the log. */
export function eventsEndpoint({ pool, positionOf, eventLines, audit, closing }: EventsDependencies): Endpoint {
  const slots = createResponseSlots(maxPerAnalyst, maxResponses);
  return endpoint({
    method: "get",
    path: "/v1/events",
    access: "analyst",
    summary: "The events of the log from a position, one JSON object per line",
    description:
      "Lines are those of an export as NDJSON, with pseudonyms for readers. Continue with `from` = the `position` of the last line. A stream ends after 15 minutes, or when the server stops; then its last line has only a `position`, up to which the log was read; it is null if the server was still looking for the start: repeat the request. Without `follow` a stream that ends without such a line is complete. An empty line shows that it is alive.",
    query: z.strictObject({
      from: moment
        .optional()
        .meta({ description: "A position (exclusive), a day or a time; by default the beginning." }),
      types: typeList.optional(),
      bookId: bookId.optional(),
      readerId: pseudonym.optional().meta({ description: "The pseudonym of a reader, as lines have it." }),
      follow: z.enum(["true", "false"]).default("false").meta({ description: "Whether to wait for later events." }),
    }),
    response: z.string(),
    contentTypes: ["application/x-ndjson"],
    problems: ["exports_not_set_up", "reader_not_found", "too_many_requests"],
    async handle({ query, readerId: analyst, incoming }) {
      if (eventLines === undefined) throw new RequestProblem("exports_not_set_up", "PSEUDONYM_KEYS is not set.");
      const release = slots.take(analyst);
      try {
        const reader = query.readerId === undefined ? undefined : await readerOf(pool, query.readerId);
        if (query.readerId !== undefined && reader === undefined)
          throw new RequestProblem("reader_not_found", "No reader has this pseudonym, or the reader was erased.");
        const after = await startOf(query.from);
        const { types = [], bookId, follow } = query;
        if (!incoming.isHead)
          audit({ analyst, events: { from: query.from?.text, types, bookId, reader: query.readerId, follow } });
        const filters = {
          types,
          books: bookId === undefined ? [] : [bookId],
          readers: reader === undefined ? [] : [reader],
        };
        const asked = { after, filters, follow: follow === "true", heartbeatMs };
        const stream = (gone: AbortSignal) => {
          releaseWhenClosed(gone, release);
          return begun(eventLines(asked, until(gone)));
        };
        return {
          headers: { "Cache-Control": "no-store", "X-Accel-Buffering": "no" },
          contentType: "application/x-ndjson",
          stream,
        };
      } catch (error) {
        release();
        throw error;
      }
    },
  });

  /** To find a date takes time: an empty line is sent first, so that the client sees that the stream has begun. */
  async function startOf(from: z.output<typeof moment> | undefined): Promise<AskedLines["after"]> {
    if (from === undefined) return undefined;
    if (from.moment.kind === "position") return known(await positionOf(from, closing));
    return async (signal) => known(await positionOf(from, signal));
  }

  function until(gone: AbortSignal): AbortSignal {
    return AbortSignal.any([gone, closing, AbortSignal.timeout(longestMs)]);
  }
}

function known(position: bigint | undefined | "nowhere"): bigint | undefined {
  if (position !== "nowhere") return position;
  const errors = [{ path: "from", message: "must be a position at which an event begins" }];
  throw new RequestProblem("invalid_request", "from: no event begins there", { errors });
}

/** Starts the response before there is an event. */
async function* begun(lines: AsyncIterable<string>): AsyncGenerator<string> {
  yield "";
  yield* lines;
}

import type { EventLog } from "../log/log.ts";
import { readAll } from "../reads/all.ts";
import { type Presentation, presenter } from "../reads/present.ts";
import type { Receiver } from "../reads/receiver.ts";
import { readStream } from "../reads/stream.ts";
import { InvalidRequest } from "../semantics/errors.ts";
import { compileFilter, type EventFilter, type FilterRequest } from "../semantics/filter.ts";
import { subscribeToAll } from "../subscriptions/all.ts";
import { subscribeToStream } from "../subscriptions/stream.ts";
import { decodeReadRequest, type ReadRequest } from "../wire/read-request.ts";
import { toServiceError } from "./errors.ts";
import { type ReadCall, receiverOf } from "./receiver.ts";

/** Streams/Read: reads and subscriptions, of one stream and of $all. */
export function readHandler(log: EventLog) {
  return async (call: ReadCall): Promise<void> => {
    const out = receiverOf(call);
    try {
      await read(log, check(decodeReadRequest(call.request)), out);
      if (out.over()) return;
      out.flush();
      call.end();
    } catch (error) {
      if (out.over()) return;
      out.flush();
      call.emit("error", toServiceError(error));
    }
  };
}

type CheckedRequest = {
  source: NonNullable<ReadRequest["source"]>;
  amount: NonNullable<ReadRequest["amount"]>;
  backwards: boolean;
  filter: FilterRequest | undefined;
  tellsPositions: boolean;
  presentation: Presentation;
};

function check(request: ReadRequest | undefined): CheckedRequest {
  if (!request) throw new InvalidRequest("The read has no options.");
  const { source, amount, filter, backwards, resolveLinks, uuid, compatibility } = request;
  if (!uuid) throw new InvalidRequest("'uuidOption' is a required argument.");
  if (!source) throw new InvalidRequest("The read names neither a stream nor $all.");
  const filtered = filter !== undefined && filter !== "none";
  const impossible =
    !amount || !filter || (amount.kind === "subscription" && backwards) || (source.kind === "stream" && filtered);
  if (impossible) throw new InvalidRequest(`The combination of (${combination(request)}) is invalid.`);
  return {
    source,
    amount,
    backwards,
    filter: filtered ? filter : undefined,
    tellsPositions: compatibility > 0n,
    presentation: { resolveLinks, structuredIds: uuid === "structured" },
  };
}

function combination({ source, amount, backwards, filter }: ReadRequest): string {
  return [
    source?.kind === "stream" ? "Stream" : "All",
    amount ? (amount.kind === "count" ? "Count" : "Subscription") : "None",
    backwards ? "Backwards" : "Forwards",
    filter ? (filter === "none" ? "NoFilter" : "Filter") : "None",
  ].join(", ");
}

async function read(log: EventLog, request: CheckedRequest, out: Receiver): Promise<void> {
  const { source, amount, backwards, tellsPositions } = request;
  const present = presenter(log, request.presentation);
  if (source.start === undefined) throw new InvalidRequest("The read says not where to start.");
  const filter: EventFilter | undefined = request.filter && compileFilter(request.filter);
  if (source.kind === "stream" && source.stream === "") throw new InvalidRequest("The read names no stream.");
  if (amount.kind === "count") {
    if (amount.count === 0n) throw new InvalidRequest("The count must be at least 1.");
    const range = { start: source.start, backwards, count: amount.count };
    if (source.kind === "stream")
      await readStream(log, { ...range, stream: source.stream, tellsPositions }, present, out);
    else await readAll(log, { ...range, filter }, present, out);
    return;
  }
  if (source.kind === "stream") await subscribeToStream(log, source.stream, source.start, present, out);
  else await subscribeToAll(log, { start: source.start, filter, ...checkpoints(request.filter) }, present, out);
}

/** The maximum number of events between two checkpoints; none are sent without a filter. */
function checkpoints(filter: FilterRequest | undefined): { checkpointEvery: number | undefined } {
  if (!filter) return { checkpointEvery: undefined };
  const window = filter.window ?? 32;
  if (window === 0) throw new InvalidRequest("A filter window of 0 events is impossible.");
  if (filter.checkpointMultiplier === 0)
    throw new InvalidRequest("A checkpoint interval multiplier of 0 is impossible.");
  return { checkpointEvery: window * filter.checkpointMultiplier };
}

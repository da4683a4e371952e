import { convertToCommandError } from "@eventstore/db-client";
import { readError } from "../clientErrors.ts";
import { EventStoreUnavailable } from "../errors.ts";
import type { ReadDetail } from "../types.ts";
import type { Connection } from "./connection.ts";
import { createDeliveryQueue } from "./deliveryQueue.ts";
import { createReadCall } from "./readCall.ts";
import { decodeReadResponse, type ReadResponse } from "./readResponse.ts";

/**
 * The time limit of a read's first response in milliseconds; the read itself has no deadline, as it may be long. A filtered read has none
 * once it is under way: the server may look through all of the log before it finds anything (10 million events took minutes). If the
 * server goes, the connection's keepalive ends it.
 */
const firstAnswerMs = 5_000;

/**
 * Messages buffered for the consumer; beyond that nothing is read from the connection, and HTTP/2 flow control slows the
 * server.
 */
const maxBuffered = 64;

export type Reading<Result> = {
  readonly connection: Connection;
  /** The bytes of a ReadReq. */
  readonly request: Buffer;
  /** Converts a message for the consumer; undefined: skip it. An exception ends the read. */
  readonly convert: (response: ReadResponse) => Result | undefined;
  /** The number of events after which the read ends; undefined for a subscription. */
  readonly maxCount: number | undefined;
  readonly detail?: ReadDetail | undefined;
  /** Whether the server searches for the events that pass a filter. */
  readonly isFiltered?: boolean;
  /** Ends the read without an error. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * Reads with backpressure. Leaving the iteration early cancels the call: do so rarely, because HTTP/2 servers take some 1,000
 * cancelled calls in a burst for an attack (CVE-2023-44487) and close the connection, with every outstanding append on it. With
 * `maxCount` a read ends at its last event; it is cancelled there only if it is filtered. Rejects with the errors of
 * ../errors.ts.
 */
export function read<Result>(
  reading: Reading<Result>,
): AsyncIterableIterator<Result> & { takeReady(): readonly Result[] } {
  const { connection, request, convert, maxCount, isFiltered = false, detail = "all", signal } = reading;
  const queue = createDeliveryQueue<Result>();
  let isOpened = false;
  let hasDelivered = false;
  let events = 0;

  const end = (error?: unknown) => {
    signal?.removeEventListener("abort", abort);
    queue.end(error);
  };
  const leave = (error?: unknown) => {
    call.cancel();
    queue.clear();
    end(error);
  };
  const abort = () => leave();

  const call = createReadCall({
    connection,
    request,
    timed: maxCount === undefined ? "not" : isFiltered ? "to_opening" : "to_answer",
    firstAnswerMs,
    hasRoom: () => queue.size() < maxBuffered,
    hasDelivered: () => hasDelivered,
    onMessage(bytes) {
      try {
        deliver(decodeReadResponse(bytes, detail));
      } catch (error) {
        leave(error);
      }
    },
    onEnd(error) {
      if (error !== undefined) return end(readError(commandErrorOf(error)));
      end(maxCount === undefined ? new EventStoreUnavailable("the subscription ended") : undefined);
    },
    onLate: () => leave(new EventStoreUnavailable(`no answer to a read in ${firstAnswerMs} ms`)),
  });

  function deliver(response: ReadResponse): void {
    if (response.kind === "event") events++;
    const result = convert(response);
    if (result !== undefined) {
      hasDelivered = true;
      queue.deliver(result);
    }
    if (events !== maxCount) return;
    // A server that searches for events of a filter may continue to the end of the log, so its call is cancelled; other calls end
    // on their own.
    if (isFiltered) call.cancel();
    else call.runOut();
    end();
  }

  function open(): void {
    isOpened = true;
    if (signal?.aborted) end();
    else {
      signal?.addEventListener("abort", abort, { once: true });
      call.open();
    }
  }

  function requestNext(): void {
    if (isOpened && !queue.isEnded()) call.requestNext();
  }

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      if (!isOpened && !queue.isEnded()) open();
      const next = queue.next();
      requestNext();
      return next;
    },
    takeReady() {
      const ready = queue.takeReady();
      requestNext();
      return ready;
    },
    return() {
      if (isOpened && !queue.isEnded()) leave();
      queue.clear();
      end();
      return Promise.resolve({ value: undefined, done: true });
    },
  };
}

/** The client's class for an error of gRPC, if it has one: it throws at a NotLeader that does not say where the leader is. */
function commandErrorOf(error: Error): Error {
  try {
    return convertToCommandError(error) as Error;
  } catch {
    return error;
  }
}

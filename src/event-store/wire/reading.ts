import { convertToCommandError } from "@eventstore/db-client";
import { status } from "@grpc/grpc-js";
import { readError } from "../clientErrors.ts";
import { EventStoreUnavailable } from "../errors.ts";
import type { ReadDetail } from "../types.ts";
import type { Connection, RawCall } from "./connection.ts";
import { decodeReadResponse, type ReadResponse } from "./readResponse.ts";

const path = "/event_store.client.streams.Streams/Read";

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
  /** Whether the server looks for what passes a filter. */
  readonly isFiltered?: boolean;
  /** Ends the read without an error. */
  readonly signal?: AbortSignal | undefined;
};

/**
 * Reads with backpressure. Leaving the iteration early cancels the call: do so rarely, because HTTP/2 servers take some 1,000
 * cancelled calls in a burst for an attack (CVE-2023-44487) and close the connection, with every outstanding append on it. A
 * read ends at its last event, when `maxCount` says which that is; it is cancelled there only if it is filtered. Rejects with the errors of ../errors.ts.
 */
export function read<Result>(
  reading: Reading<Result>,
): AsyncIterableIterator<Result> & { takeReady(): readonly Result[] } {
  const { connection, request, convert, maxCount, isFiltered = false, detail = "all", signal } = reading;
  const results: Result[] = [];
  const waiters: Waiter<Result>[] = [];
  let call: RawCall | undefined;
  let state: "new" | "open" | "ended" = "new";
  let failure: unknown;
  let wanted = false;
  let left = false;
  let events = 0;
  let timer: NodeJS.Timeout | undefined;

  const end = (error?: unknown) => {
    if (state === "ended") return;
    state = "ended";
    failure = error;
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    if (results.length > 0) return;
    for (const waiter of waiters.splice(0)) finish(waiter);
  };
  const finish = ({ resolve, reject }: Waiter<Result>) => {
    const error = failure;
    failure = undefined;
    if (error === undefined) resolve({ value: undefined, done: true });
    else reject(error);
  };
  const cancel = () => {
    left = true;
    results.length = 0;
    cancelCall();
  };
  const cancelCall = () => {
    // A gRPC call cancelled within its message handler may continue (grpc-node issues 1464 and 1652).
    setImmediate(() => call?.cancelWithStatus(status.CANCELLED, "Cancelled on client"));
  };
  const abort = () => {
    cancel();
    end();
  };
  const giveUp = () => {
    cancel();
    end(new EventStoreUnavailable(`no answer to a read in ${firstAnswerMs} ms`));
  };
  const more = () => {
    // Of a call that was left the rest is dropped.
    if (wanted || call === undefined || (!left && results.length >= maxBuffered)) return;
    wanted = true;
    call.startRead();
  };

  const listener = {
    message(bytes: Buffer) {
      wanted = false;
      clearTimeout(timer);
      if (!left) {
        try {
          deliver(decodeReadResponse(bytes, detail));
        } catch (error) {
          cancel();
          end(error);
        }
      }
      more();
    },
    ended(error: Error | undefined) {
      if (error !== undefined) return end(readError(convertToCommandError(error)));
      end(maxCount === undefined ? new EventStoreUnavailable("the subscription ended") : undefined);
    },
  };
  const deliver = (response: ReadResponse) => {
    if (response.kind === "event") events++;
    const result = convert(response);
    if (result !== undefined) {
      const waiter = waiters.shift();
      if (waiter === undefined) results.push(result);
      else waiter.resolve({ value: result, done: false });
    }
    if (events === maxCount) endAtLast();
  };
  /** A server that looks for what passes a filter may go on to the end of the log; others end the call themselves. */
  const endAtLast = () => {
    left = true;
    if (isFiltered) cancelCall();
    end();
  };

  const open = () => {
    state = "open";
    if (signal?.aborted) return end();
    signal?.addEventListener("abort", abort, { once: true });
    if (maxCount !== undefined) timer = setTimeout(giveUp, firstAnswerMs);
    connection.open(path, listener).then((opened) => {
      call = opened;
      if (left) return call.cancelWithStatus(status.CANCELLED, "Cancelled on client");
      call.sendMessageWithContext({}, request);
      call.halfClose();
      if (isFiltered) clearTimeout(timer);
      more();
    }, listener.ended);
  };

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next() {
      if (state === "new") open();
      const result = results.shift();
      if (result !== undefined) {
        if (state === "open") more();
        return Promise.resolve({ value: result, done: false });
      }
      return new Promise((resolve, reject) => {
        if (state === "ended") finish({ resolve, reject });
        else waiters.push({ resolve, reject });
      });
    },
    takeReady() {
      const ready = results.splice(0);
      if (state === "open") more();
      return ready;
    },
    return() {
      if (state === "open") cancel();
      results.length = 0;
      end();
      return Promise.resolve({ value: undefined, done: true });
    },
  };
}

type Waiter<Result> = {
  resolve: (result: IteratorResult<Result, undefined>) => void;
  reject: (error: unknown) => void;
};

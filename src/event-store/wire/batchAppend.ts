import { randomInt } from "node:crypto";
import { status } from "@grpc/grpc-js";
import { appendDeadlineMs, appendGraceMs } from "../appendTimes.ts";
import { appendError } from "../clientErrors.ts";
import { OutcomeUnknown } from "../errors.ts";
import type { Appended, AppendRevision, EventToAppend } from "../types.ts";
import { type AppendRequest, encodeAppend } from "./appendRequest.ts";
import { type AppendOutcome, decodeAppendResponse } from "./appendResponse.ts";
import type { Connection, RawCall } from "./connection.ts";
import { framedTogether } from "./framedMessages.ts";
import { onePosition } from "./position.ts";

const path = "/event_store.client.streams.Streams/BatchAppend";

/** The maximum number of bytes sent and not acknowledged; further appends wait. A single append is sent whatever its size. */
const maxInFlight = 8 * 1024 * 1024;

/** The maximum number of bytes of appends in one write. */
const maxTogether = 256 * 1024;

/** How long closing waits for outstanding responses, in milliseconds. */
const closeMs = 500;

type Pending = {
  readonly stream: string;
  readonly request: AppendRequest;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
  /** When it times out, by the clock of `performance`. */
  readonly lateAt: number;
  /** The call on which it was sent; undefined while it waits. */
  sentOn?: Sending;
};

/**
 * A BatchAppend call: opened for the first append, discarded when it breaks. `writing`: gRPC has not accepted the last write
 * yet.
 */
type Sending = { call: RawCall | undefined; writing: boolean; ended: boolean; onEnd?: () => void };

export type BatchAppends = {
  /** Whether a call is open: then the server has BatchAppend, and need not be asked. */
  isOpen(): boolean;
  /** See `EventStore.append`. */
  append(stream: string, expected: AppendRevision, events: readonly EventToAppend[]): Promise<Appended>;
  /** Waits a short while for outstanding responses, and ends the call. */
  close(): Promise<void>;
};

/**
 * Appends on one long-lived BatchAppend call. Appends from one turn of the event loop, and those that arrive during a write,
 * are sent in one write. If the call breaks, or a response does not arrive in time, the outcome of all outstanding appends is
 * unknown, and the next append opens another call.
 */
export function createBatchAppends(connection: Connection): BatchAppends {
  const pending = new Map<number, Pending>();
  let waiting: number[] = [];
  let sending: Sending | undefined;
  let inFlight = 0;
  let scheduled = false;
  let together = true;
  let idle: (() => void) | undefined;
  /** One timer for all, set for the oldest append, since all have the same time limit. */
  let timer: NodeJS.Timeout | undefined;
  const most = randomInt(2 ** 47);
  let least = 0;

  const settle = (id: number, how: (append: Pending) => void) => {
    const append = pending.get(id);
    // Ignores duplicate and late responses.
    if (append === undefined) return;
    pending.delete(id);
    if (append.sentOn !== undefined) inFlight -= append.request.bytes;
    how(append);
    if (pending.size > 0) return;
    clearTimeout(timer);
    timer = undefined;
    idle?.();
  };

  const breakOff = (broken: Sending, error: unknown) => {
    if (broken.ended) return;
    broken.ended = true;
    broken.onEnd?.();
    if (sending === broken) sending = undefined;
    for (const [id, { sentOn }] of pending) {
      if (sentOn === broken) settle(id, ({ stream, reject }) => reject(appendError(stream, error)));
    }
    schedule();
  };

  const open = (): Sending => {
    const opened: Sending = { call: undefined, writing: true, ended: false };
    const listener = {
      message(bytes: Buffer) {
        try {
          const answer = decodeAppendResponse(bytes);
          if (answer.most === most) settle(answer.least, (append) => conclude(append, answer.outcome));
          opened.call?.startRead();
        } catch (error) {
          opened.call?.cancelWithStatus(status.INTERNAL, String(error));
        }
      },
      ended: (error: Error | undefined) =>
        breakOff(opened, error ?? new OutcomeUnknown("the event store ended the stream of appends")),
    };
    connection.open(path, listener).then(
      (call) => {
        opened.call = call;
        call.startRead();
        opened.writing = false;
        if (opened.ended) call.cancelWithStatus(status.CANCELLED, "Cancelled on client");
        else flush();
      },
      (error: unknown) => {
        for (const id of waiting.splice(0)) settle(id, ({ stream, reject }) => reject(appendError(stream, error)));
        breakOff(opened, error);
      },
    );
    return opened;
  };

  const flush = () => {
    scheduled = false;
    if (waiting.length === 0) return;
    sending ??= open();
    const { call, writing } = sending;
    if (call === undefined || writing) return;
    const messages = take(sending);
    if (messages.length > 0) write(sending, call, messages);
  };

  /** The messages that may be sent now. */
  const take = (on: Sending): Buffer[] => {
    const messages: Buffer[] = [];
    let bytes = 0;
    let taken = 0;
    for (const id of waiting) {
      const append = pending.get(id);
      if (append !== undefined) {
        const { request } = append;
        if (inFlight > 0 && inFlight + request.bytes > maxInFlight) break;
        if (bytes > 0 && bytes + request.bytes > maxTogether) break;
        append.sentOn = on;
        inFlight += request.bytes;
        bytes += request.bytes;
        messages.push(...request.messages);
      }
      taken++;
    }
    waiting = waiting.slice(taken);
    return messages;
  };

  const write = (on: Sending, call: RawCall, messages: Buffer[]) => {
    on.writing = true;
    const now = together ? messages : messages.slice(0, 1);
    const later = together ? [] : messages.slice(1);
    const { bytes, framed } = framedTogether(now);
    // Called when the message is framed and sent; not called after a failure, which ends the call.
    const callback = () => {
      together &&= framed();
      if (on.ended) return;
      if (later.length > 0) return write(on, call, later);
      on.writing = false;
      flush();
    };
    call.sendMessageWithContext({ callback }, bytes);
  };

  const schedule = () => {
    if (scheduled || waiting.length === 0) return;
    scheduled = true;
    setImmediate(flush);
  };

  const giveUp = (id: number) => {
    const late = pending.get(id)?.sentOn;
    const error = new OutcomeUnknown(`no answer to an append in ${appendDeadlineMs + appendGraceMs} ms`);
    settle(id, ({ reject }) => reject(error));
    // A call that owes a response may be broken for good.
    if (late === undefined || late.ended) return;
    breakOff(late, error);
    late.call?.cancelWithStatus(status.CANCELLED, "Cancelled on client");
  };

  const giveUpLate = () => {
    const now = performance.now();
    for (const [id, { lateAt }] of pending) {
      if (lateAt <= now) giveUp(id);
      else {
        timer = setTimeout(giveUpLate, lateAt - now);
        return;
      }
    }
  };

  return {
    isOpen: () => sending?.call !== undefined,
    append(stream, expected, events) {
      return new Promise((resolve, reject) => {
        const id = ++least;
        const request = encodeAppend(stream, expected, events, { most, least: id }, Date.now() + appendDeadlineMs);
        timer ??= setTimeout(giveUpLate, appendDeadlineMs + appendGraceMs);
        pending.set(id, {
          stream,
          request,
          resolve,
          reject,
          lateAt: performance.now() + appendDeadlineMs + appendGraceMs,
        });
        waiting.push(id);
        schedule();
      });
    },
    async close() {
      if (pending.size > 0) await within(closeMs, (resolve) => (idle = resolve));
      const open = sending;
      if (open?.call === undefined) return;
      open.call.halfClose();
      await within(closeMs, (resolve) => (open.onEnd = resolve));
    },
  };
}

/** Settles like the official client, with our errors. */
function conclude({ stream, resolve, reject }: Pending, outcome: AppendOutcome): void {
  if (!outcome.ok) {
    const { type, message, actual } = outcome;
    reject(appendError(stream, Object.assign(new Error(message), { type, actualVersion: actual })));
    return;
  }
  try {
    resolve({ revision: outcome.revision, position: onePosition(outcome.position) });
  } catch (error) {
    reject(error);
  }
}

/** Resolves when `begin` calls back, or after `ms` milliseconds. */
async function within(ms: number, begin: (resolve: () => void) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
    begin(resolve);
  });
  clearTimeout(timer);
}

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

/** Bytes of appends that are sent and not answered; what is above waits here. An append alone goes out whatever its size. */
const mostInFlight = 8 * 1024 * 1024;

/** Bytes of appends that go out in one write. */
const mostTogether = 256 * 1024;

/** How long closing waits for the answers of what is under way. */
const closeMs = 500;

type Pending = {
  readonly stream: string;
  readonly request: AppendRequest;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
  /** When it has waited for too long, by the clock of `performance`. */
  readonly lateAt: number;
  /** The stream of appends it was sent on; none while it waits. */
  sentOn?: Sending;
};

/** A stream of appends: opened with the first one, gone when it breaks. `writing`: gRPC has not taken the last write yet. */
type Sending = { call: RawCall | undefined; writing: boolean; ended: boolean; onEnd?: () => void };

export type BatchAppends = {
  /** Whether appends go out on a stream that is open: then the server has BatchAppend, and need not be asked. */
  isOpen(): boolean;
  /** See `EventStore.append`. */
  append(stream: string, expected: AppendRevision, events: readonly EventToAppend[]): Promise<Appended>;
  /** Lets what is under way be answered, for a short while, and ends the stream. */
  close(): Promise<void>;
};

/**
 * Appends on one long stream of the protocol's BatchAppend. Those of one turn of the event loop, and those that come while a write is
 * under way, go out in one write. When the stream breaks, or an answer does not come in time, the outcome of all that is under way
 * on it is unknown, and the next append opens another.
 */
export function createBatchAppends(connection: Connection): BatchAppends {
  const pending = new Map<number, Pending>();
  let waiting: number[] = [];
  let sending: Sending | undefined;
  let inFlight = 0;
  let scheduled = false;
  let together = true;
  let idle: (() => void) | undefined;
  /** One for all: set for the oldest append, as each may take as long. */
  let timer: NodeJS.Timeout | undefined;
  const most = randomInt(2 ** 47);
  let least = 0;

  const settle = (id: number, how: (append: Pending) => void) => {
    const append = pending.get(id);
    // An answer that comes twice, or too late, finds nobody.
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

  /** The messages of those that may go out now. */
  const take = (on: Sending): Buffer[] => {
    const messages: Buffer[] = [];
    let bytes = 0;
    let taken = 0;
    for (const id of waiting) {
      const append = pending.get(id);
      if (append !== undefined) {
        const { request } = append;
        if (inFlight > 0 && inFlight + request.bytes > mostInFlight) break;
        if (bytes > 0 && bytes + request.bytes > mostTogether) break;
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
    // Called when the message is framed and on its way; after a failure it is not called, and the call ends.
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
    // A stream that owes an answer may be broken for good.
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

/** Exactly what the official client would resolve or reject with, in our errors. */
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

/** Resolves when what was begun calls back, or that much later. */
async function within(ms: number, begin: (resolve: () => void) => void): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
    begin(resolve);
  });
  clearTimeout(timer);
}

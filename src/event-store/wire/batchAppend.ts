import { randomInt } from "node:crypto";
import type { Acknowledged } from "../acknowledged.ts";
import { appendDeadlineMs } from "../appendTimes.ts";
import { appendError, isNotLeader } from "../clientErrors.ts";
import { OutcomeUnknown } from "../errors.ts";
import type { AppendRevision, EventToAppend } from "../types.ts";
import { encodeAppend } from "./appendRequest.ts";
import { type AppendOutcome, decodeAppendResponse } from "./appendResponse.ts";
import { type BatchCall, openBatchCall } from "./batchCall.ts";
import type { Connection } from "./connection.ts";
import { appendTimeoutMs, createOutstandingAppends, type OutstandingAppend } from "./outstandingAppends.ts";
import { onePosition } from "./position.ts";
import { createSendWindow } from "./sendWindow.ts";

/** Time that closing waits for outstanding responses, in milliseconds. */
const closeMs = 1_000;

type Pending = OutstandingAppend<BatchCall>;

export type BatchAppends = {
  /** Whether a call is open: then the server has BatchAppend, and `features` need not be called. */
  isOpen(): boolean;
  /** See `EventStore.append`. */
  append(stream: string, expected: AppendRevision, events: readonly EventToAppend[]): Promise<Acknowledged>;
  /** Waits a short while for outstanding responses, and cancels the call: EventStoreDB does not end one that is closed on our side. */
  close(): Promise<void>;
};

/**
 * Appends on one long-lived BatchAppend call. Appends from one turn of the event loop, and those that arrive during a write, are
 * sent in one write. If the call breaks, or a response does not arrive in time, the outcome of all outstanding appends is
 * unknown, and the next append opens another call. Only an answer that names an append refuses it: the status that ends a call,
 * such as a proxy's, does not concern an append. When a node that is not the leader ends the call, the outstanding appends are
 * sent again, to the leader.
 */
export function createBatchAppends(connection: Connection): BatchAppends {
  const outstanding = createOutstandingAppends<BatchCall>(giveUp);
  const sendWindow = createSendWindow<Pending>();
  const framing = { together: true };
  /** Opened for the first append, discarded when it breaks. */
  let sending: BatchCall | undefined;
  let scheduled = false;
  /** Correlation ids: a random half for this connection, and a counter. */
  const most = randomInt(2 ** 47);
  let least = 0;

  return {
    isOpen: () => sending?.isOpen() === true,
    append(stream, expected, events) {
      return new Promise((resolve, reject) => {
        const id = ++least;
        const request = encodeAppend(stream, expected, events, { most, least: id }, appendDeadlineMs);
        const lateAt = performance.now() + appendTimeoutMs;
        const isRepeatable = expected !== "any";
        const append: Pending = { id, stream, request, isRepeatable, resolve, reject, lateAt, sentOn: undefined };
        outstanding.add(append);
        sendWindow.add(append);
        schedule();
      });
    },
    async close() {
      if (!outstanding.isEmpty()) await within(closeMs, outstanding.onEmpty);
      sending?.cancel();
    },
  };

  function schedule(): void {
    if (scheduled || sendWindow.isEmpty()) return;
    scheduled = true;
    setImmediate(flush);
  }

  function flush(): void {
    scheduled = false;
    if (sendWindow.isEmpty()) return;
    sending ??= open();
    if (!sending.isReady()) return;
    const messages: Buffer[] = [];
    for (const append of sendWindow.take()) {
      append.sentOn = sending;
      messages.push(...append.request.messages);
    }
    sending.write(messages);
  }

  function open(): BatchCall {
    const opened = openBatchCall(connection, framing, {
      onMessage(bytes) {
        const answer = decodeAppendResponse(bytes);
        if (answer.outcome.ok) opened.noteLeader();
        if (answer.most === most) conclude(settle(answer.least), answer.outcome);
      },
      onReady: flush,
      onEnd: breakOff,
    });
    return opened;
  }

  /** Ignores duplicate and late responses. */
  function settle(id: number): Pending | undefined {
    const append = outstanding.remove(id);
    if (append === undefined) return undefined;
    sendWindow.release(append);
    // Others may have waited for the room.
    schedule();
    return append;
  }

  function breakOff(broken: BatchCall, cause: Error | undefined): void {
    if (sending === broken) sending = undefined;
    // Without a connection, waiting appends fail as well, so that their callers repeat them.
    const unanswered = outstanding.sentOn(broken.isOpen() ? broken : undefined);
    const reason = cause?.message ?? "it ended";
    for (const append of unanswered) {
      // The node does not say which append it refused; it may have written those before. A single one it has refused.
      if (isNotLeader(cause) && (append.isRepeatable || unanswered.length === 1)) sendAgain(append);
      else
        settle(append.id)?.reject(
          new OutcomeUnknown(`the stream of appends broke off before the answer to ${append.stream}: ${reason}`, {
            cause,
          }),
        );
    }
    schedule();
  }

  function sendAgain(append: Pending): void {
    sendWindow.release(append);
    append.sentOn = undefined;
    sendWindow.add(append);
  }

  function giveUp({ id, sentOn, reject }: Pending): void {
    settle(id);
    const error = new OutcomeUnknown(`no answer to an append in ${appendTimeoutMs} ms`);
    reject(error);
    // A call that owes a response may be broken for good.
    if (sentOn?.hasEnded() === false) sentOn.abandon(error);
  }
}

/** Settles like the official client, with our errors. */
function conclude(append: Pending | undefined, outcome: AppendOutcome): void {
  if (append === undefined) return;
  const { stream, resolve, reject } = append;
  if (!outcome.ok) {
    const { type, message, actual } = outcome;
    reject(appendError(stream, Object.assign(new Error(message), { type, actualVersion: actual })));
    return;
  }
  try {
    const { revision, position } = outcome;
    resolve({ revision, position: position && onePosition(position) });
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

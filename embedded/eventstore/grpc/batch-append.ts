import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { EventLog } from "../log/log.ts";
import { InvalidRequest } from "../semantics/errors.ts";
import { maxAppendSize, type ProposedEvent, validateEvents } from "../semantics/proposed-event.ts";
import { validStreamName } from "../semantics/stream-name.ts";
import {
  type BatchAnswer,
  type BatchChunk,
  type BatchOptions,
  decodeBatchChunk,
  encodeBatchAnswer,
} from "../wire/batch-append.ts";
import { toServiceError } from "./errors.ts";
import { gatheredWrites } from "./gathered-writes.ts";

export type BatchCall = ServerDuplexStream<Buffer, Buffer>;

/** An append whose last chunk is missing. Its size is counted so that one that is too large is not buffered first. */
type Open = { options: BatchOptions; events: ProposedEvent[]; size: number; timer: NodeJS.Timeout | undefined };

/** Milliseconds for an append without a deadline. */
const defaultDeadline = 10_000;
/** Bytes of requests with pending appends at which reading pauses: the rest stays in the client's memory. */
const maxUnanswered = 16 * 1024 * 1024;

/** Streams/BatchAppend: many appends over one call, each in chunks, each answered with its correlation id when it is written. */
export function batchAppendHandler(log: EventLog) {
  return (call: BatchCall): void => {
    const open = new Map<string, Open>();
    let unanswered = 0;
    let pendingAppends = 0;
    let halfClosed = false;
    let over = false;
    const answers = gatheredWrites(call);

    call.on("data", (message: Buffer) => {
      try {
        takeChunk(decodeBatchChunk(message, Date.now()), message.length);
      } catch (error) {
        answers.flush();
        end();
        call.emit("error", toServiceError(error));
      }
    });
    call.on("end", () => {
      halfClosed = true;
      forgetOpen();
      // With nothing outstanding EventStoreDB does not end the call.
    });
    call.on("cancelled", end);
    call.on("close", end);

    function takeChunk(chunk: BatchChunk, size: number): void {
      const key = chunk.correlationId.toString("latin1");
      const append = open.get(key) ?? (chunk.options && openAppend(key, chunk.options, chunk));
      if (!append) {
        answer(chunk.correlationId, undefined, {
          kind: "bad_request",
          message: "The first request of an append has no options.",
        });
        return;
      }
      for (const event of chunk.events) {
        append.size += event.data.length + event.customMetadata.length;
        if (append.size <= maxAppendSize) append.events.push(event);
      }
      if (!chunk.isFinal) return;
      if (append.timer !== undefined) {
        open.delete(key);
        clearTimeout(append.timer);
      }
      finish(chunk.correlationId, append, size);
    }

    function openAppend(key: string, options: BatchOptions, { correlationId, isFinal }: BatchChunk): Open {
      const deadline = options.deadline ?? Date.now() + defaultDeadline;
      const append: Open = { options: { ...options, deadline }, events: [], size: 0, timer: undefined };
      // Most appends are a single chunk.
      if (isFinal) return append;
      append.timer = setTimeout(
        () => {
          open.delete(key);
          answer(correlationId, options.stream, { kind: "timeout" });
        },
        Math.min(Math.max(deadline - Date.now(), 0), 0x7fff_ffff),
      );
      open.set(key, append);
      return append;
    }

    function finish(correlationId: Buffer, append: Open, size: number): void {
      pendingAppends += 1;
      unanswered += size;
      if (unanswered > maxUnanswered) call.pause();
      writeAppend(log, append).then((outcome) => {
        answer(correlationId, append.options.stream, outcome);
        pendingAppends -= 1;
        unanswered -= size;
        if (unanswered <= maxUnanswered && call.isPaused()) call.resume();
        endIfDone();
      });
    }

    function answer(correlationId: Buffer, stream: string | undefined, outcome: BatchAnswer): void {
      // Waiting answers are bounded by the unanswered requests.
      if (!over) answers.send(encodeBatchAnswer(correlationId, stream, outcome));
    }

    function endIfDone(): void {
      if (!halfClosed || over || pendingAppends > 0) return;
      answers.flush();
      end();
      call.end();
    }

    function end(): void {
      over = true;
      answers.stop();
      forgetOpen();
    }

    function forgetOpen(): void {
      for (const { timer } of open.values()) clearTimeout(timer);
      open.clear();
    }
  };
}

async function writeAppend(log: EventLog, { options, events, size }: Open): Promise<BatchAnswer> {
  const { expected, deadline } = options;
  try {
    if (expected === undefined) throw new InvalidRequest("The append says no expected revision.");
    if (size > maxAppendSize) return { kind: "too_large", limit: maxAppendSize };
    const valid = validateEvents(events);
    switch (valid.kind) {
      case "too_large":
        return { kind: "too_large", limit: maxAppendSize };
      case "missing_metadata":
        return { kind: "bad_request", message: missingMetadata(valid.property) };
      case "invalid":
        return { kind: "bad_request", message: valid.reason };
    }
    const stream = validStreamName(options.stream);
    const outcome = await log.write({ kind: "append", stream, expected, events: valid.events, deadline });
    return outcome.kind === "wrong_expected_version" ? { ...outcome, expected } : outcome;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { kind: error instanceof InvalidRequest ? "bad_request" : "unknown", message };
  }
}

/** The message of newer EventStoreDB; older versions only report that a key was not present. */
function missingMetadata(property: string): string {
  return `Status(StatusCode="InvalidArgument", Detail="Required Metadata Property '${property}' is missing")`;
}

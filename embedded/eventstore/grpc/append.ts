import type { ServerReadableStream, sendUnaryData } from "@grpc/grpc-js";
import type { EventLog } from "../log/log.ts";
import type { WriteOutcome } from "../log/write-group.ts";
import { InvalidRequest, StreamDeleted } from "../semantics/errors.ts";
import type { ExpectedRevision } from "../semantics/expected-revision.ts";
import { maxAppendSize, type ProposedEvent, validateEvents } from "../semantics/proposed-event.ts";
import { validStreamName } from "../semantics/stream-name.ts";
import { decodeAppendMessage } from "../wire/append-request.ts";
import { appendSuccess, appendWrongExpectedVersion } from "../wire/responses.ts";
import { refusedProposal, timedOut, toServiceError } from "./errors.ts";

type Proposal = {
  stream: string | undefined;
  expected: ExpectedRevision | undefined;
  events: ProposedEvent[];
  size: number;
};

/** Streams/Append: the client streams the options and then the events; one answer. */
export function appendHandler(log: EventLog) {
  return (call: ServerReadableStream<Buffer, Buffer>, answer: sendUnaryData<Buffer>): void => {
    const proposal: Proposal = { stream: undefined, expected: undefined, events: [], size: 0 };
    let fault: unknown;
    call.on("data", (message: Buffer) => {
      try {
        if (fault === undefined) addMessage(proposal, message);
      } catch (error) {
        fault = error;
      }
    });
    call.on("end", () => {
      const outcome = fault === undefined ? append(log, proposal) : Promise.reject(fault);
      outcome.then(
        (response) => answer(null, response),
        (error) => answer(toServiceError(error)),
      );
    });
  };
}

function addMessage(proposal: Proposal, bytes: Buffer): void {
  const message = decodeAppendMessage(bytes);
  if (message.kind === "options") {
    if (proposal.stream !== undefined) throw new InvalidRequest("The append has two options messages.");
    proposal.stream = message.stream;
    proposal.expected = message.expected;
  }
  if (message.kind === "event") {
    const { data, customMetadata, type = "" } = message.event;
    proposal.size += data.length + customMetadata.length + type.length;
    // A proposal that is too large is not buffered in memory first.
    if (proposal.size > maxAppendSize) throw refusedProposal({ kind: "too_large" });
    proposal.events.push(message.event);
  }
}

async function append(log: EventLog, { stream, expected, events }: Proposal): Promise<Buffer> {
  const name = validStreamName(stream);
  if (expected === undefined) throw new InvalidRequest("The append says no expected revision.");
  const valid = validateEvents(events);
  if (valid.kind !== "valid") throw refusedProposal(valid);
  return encodeOutcome(await log.write({ kind: "append", stream: name, expected, events: valid.events }), expected);
}

function encodeOutcome(outcome: WriteOutcome, expected: ExpectedRevision): Buffer {
  switch (outcome.kind) {
    case "success":
      return appendSuccess(outcome.revision, outcome.position);
    case "wrong_expected_version":
      return appendWrongExpectedVersion(outcome.current, expected);
    case "stream_deleted":
      throw new StreamDeleted(outcome.stream);
    case "timeout":
      throw timedOut();
  }
}

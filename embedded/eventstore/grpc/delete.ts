import type { ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import type { EventLog } from "../log/log.ts";
import { InvalidRequest, StreamDeleted } from "../semantics/errors.ts";
import { validStreamName } from "../semantics/stream-name.ts";
import { decodeDeleteRequest } from "../wire/append-request.ts";
import { deleteResponse } from "../wire/responses.ts";
import { deleteConflict, timedOut, toServiceError } from "./errors.ts";

/** Streams/Delete and Streams/Tombstone. */
export function deleteHandler(log: EventLog, kind: "delete" | "tombstone") {
  return (call: ServerUnaryCall<Buffer, Buffer>, answer: sendUnaryData<Buffer>): void => {
    remove(log, kind, call.request).then(
      (response) => answer(null, response),
      (error) => answer(toServiceError(error)),
    );
  };
}

async function remove(log: EventLog, kind: "delete" | "tombstone", request: Buffer): Promise<Buffer> {
  const { stream: name, expected } = decodeDeleteRequest(request);
  const stream = validStreamName(name);
  if (expected === undefined) throw new InvalidRequest("The delete says no expected revision.");
  const outcome = await log.write({ kind, stream, expected });
  switch (outcome.kind) {
    case "success":
      return deleteResponse(outcome.position);
    case "wrong_expected_version":
      throw deleteConflict(stream, expected, outcome.current);
    case "stream_deleted":
      throw new StreamDeleted(outcome.stream);
    case "timeout":
      throw timedOut();
  }
}

import { refusalsByCode } from "../clientErrors.ts";
import {
  any,
  appendSuccess,
  badRequest,
  batchAppendResp,
  logPosition,
  rpcStatus,
  structuredUuid,
  uuid,
  wrongExpectedVersion,
} from "./fields.ts";
import { ProtobufReader } from "./protobufReader.ts";

/** The content of a BatchAppendResp about the append with this correlation id. */
export type AppendResponse = { readonly least: number; readonly most: number; readonly outcome: AppendOutcome };

/**
 * `type` of a failure is the official client's name for it (`wrong-expected-version`). A missing position is undefined;
 * `actual` is undefined for a stream without events.
 */
export type AppendOutcome =
  | { readonly ok: true; readonly revision: bigint; readonly position: Position | undefined }
  | { readonly ok: false; readonly type: string; readonly message: string; readonly actual: bigint | undefined };

export type Position = { commit: bigint; prepare: bigint };

/**
 * The server's names of failures, as the client's. Failures of other names (BadRequest) go by their code (`refusalsByCode`). The rest is
 * `unknown`: a server that is not ready answers with no code.
 */
const types: Readonly<Record<string, string>> = {
  WrongExpectedVersion: "wrong-expected-version",
  StreamDeleted: "stream-deleted",
  AccessDenied: "access-denied",
  Timeout: "deadline-exceeded",
  MaximumAppendSizeExceeded: "maximum-append-size-exceeded",
  MaximumAppendEventSizeExceeded: "maximum-append-size-exceeded",
};

/** Throws MalformedMessage. */
export function decodeAppendResponse(message: Buffer): AppendResponse {
  const reader = new ProtobufReader(message);
  let correlation = { most: -1, least: -1 };
  let outcome: AppendOutcome = { ok: false, type: "unknown", message: "an answer without a result", actual: undefined };
  for (let field = reader.next(reader.end()); field !== 0; field = reader.next(reader.end())) {
    if (field === batchAppendResp.correlationId) correlation = readCorrelation(reader);
    else if (field === batchAppendResp.error) outcome = readError(reader);
    else if (field === batchAppendResp.success) outcome = readSuccess(reader);
    else reader.skip();
  }
  return { ...correlation, outcome };
}

/** UUID.Structured; ids in another form are not ours. */
function readCorrelation(reader: ProtobufReader) {
  const end = reader.enter();
  let most = 0;
  let least = 0;
  for (let field = reader.next(end); field !== 0; field = reader.next(end)) {
    if (field !== uuid.structured) {
      reader.skip();
      continue;
    }
    const structured = reader.enter();
    for (let half = reader.next(structured); half !== 0; half = reader.next(structured)) {
      if (half === structuredUuid.mostSignificantBits) most = reader.number();
      else if (half === structuredUuid.leastSignificantBits) least = reader.number();
      else reader.skip();
    }
  }
  return { most, least };
}

function readSuccess(reader: ProtobufReader): AppendOutcome {
  const end = reader.enter();
  let revision = 0n;
  let position: Position | undefined;
  for (let field = reader.next(end); field !== 0; field = reader.next(end)) {
    if (field === appendSuccess.currentRevision) revision = reader.uint64();
    else if (field === appendSuccess.position) position = readPosition(reader);
    else reader.skip();
  }
  return { ok: true, revision, position };
}

/** A message with a commit position and a prepare position. */
export function readPosition(reader: ProtobufReader): Position {
  const end = reader.enter();
  const position = { commit: 0n, prepare: 0n };
  for (let field = reader.next(end); field !== 0; field = reader.next(end)) {
    if (field === logPosition.commitPosition) position.commit = reader.uint64();
    else if (field === logPosition.preparePosition) position.prepare = reader.uint64();
    else reader.skip();
  }
  return position;
}

/** google.rpc.Status: its code, its message, and one detail whose type identifies the error. */
function readError(reader: ProtobufReader): AppendOutcome {
  const end = reader.enter();
  let code = 0;
  let message = "";
  let detail: Detail = { name: "" };
  for (let field = reader.next(end); field !== 0; field = reader.next(end)) {
    if (field === rpcStatus.code) code = reader.number();
    else if (field === rpcStatus.message) message = reader.text();
    else if (field === rpcStatus.details) detail = readDetail(reader);
    else reader.skip();
  }
  const type = types[detail.name];
  if (type !== undefined) return { ok: false, type, message, actual: detail.actual };
  const said = detail.message ?? [detail.name, message].filter(Boolean).join(": ");
  return { ok: false, type: refusalsByCode.get(code) ?? "unknown", message: said, actual: undefined };
}

type Detail = { readonly name: string; readonly actual?: bigint | undefined; readonly message?: string | undefined };

/** google.protobuf.Any: a type's URL and the bytes of the message. */
function readDetail(reader: ProtobufReader): Detail {
  const end = reader.enter();
  let name = "";
  let value = Buffer.alloc(0);
  for (let field = reader.next(end); field !== 0; field = reader.next(end)) {
    if (field === any.typeUrl) name = /\bevent_store\.client\.(\w+)$/.exec(reader.text())?.[1] ?? "";
    else if (field === any.value) value = reader.view() as Buffer<ArrayBuffer>;
    else reader.skip();
  }
  if (name === "WrongExpectedVersion") {
    const actual = fieldOf(value, wrongExpectedVersion.currentStreamRevision, (inner) => inner.uint64());
    return { name, actual };
  }
  if (name === "BadRequest") return { name, message: fieldOf(value, badRequest.message, (inner) => inner.text()) };
  return { name };
}

/** The value of a field of a message; undefined if the message lacks it. */
function fieldOf<Value>(message: Buffer, wanted: number, read: (reader: ProtobufReader) => Value): Value | undefined {
  const reader = new ProtobufReader(message);
  let value: Value | undefined;
  for (let field = reader.next(reader.end()); field !== 0; field = reader.next(reader.end())) {
    if (field === wanted) value = read(reader);
    else reader.skip();
  }
  return value;
}

import type { FilterRequest } from "../semantics/filter.ts";
import { decodeStreamIdentifier } from "./append-request.ts";
import { forEachField } from "./protobuf.ts";

/** Where a read starts; a number is a revision of a stream, or a commit position of $all. */
export type ReadStart = "start" | "end" | bigint;

/** ReadReq, with omitted fields undefined, so that the service can refuse it as EventStoreDB does. */
export type ReadRequest = {
  source:
    | { kind: "stream"; stream: string; start: ReadStart | undefined }
    | { kind: "all"; start: ReadStart | undefined }
    | undefined;
  backwards: boolean;
  resolveLinks: boolean;
  amount: { kind: "count"; count: bigint } | { kind: "subscription" } | undefined;
  filter: FilterRequest | "none" | undefined;
  uuid: "string" | "structured" | undefined;
  /** The client's compatibility level; absent in the first version of the protocol. */
  compatibility: bigint;
};

export function decodeReadRequest(message: Buffer): ReadRequest | undefined {
  let request: ReadRequest | undefined;
  forEachField(message, ({ number, bytes }) => {
    if (number === 1) request = decodeOptions(bytes);
  });
  return request;
}

function decodeOptions(options: Buffer): ReadRequest {
  const request: ReadRequest = {
    source: undefined,
    backwards: false,
    resolveLinks: false,
    amount: undefined,
    filter: undefined,
    uuid: undefined,
    compatibility: 0n,
  };
  forEachField(options, ({ number, varint, bytes }) => {
    if (number === 1) request.source = decodeStreamOptions(bytes);
    if (number === 2) request.source = { kind: "all", start: decodeAllStart(bytes) };
    if (number === 3) request.backwards = varint === 1n;
    if (number === 4) request.resolveLinks = varint !== 0n;
    if (number === 5) request.amount = { kind: "count", count: varint };
    if (number === 6) request.amount = { kind: "subscription" };
    if (number === 7) request.filter = decodeFilter(bytes);
    if (number === 8) request.filter = "none";
    if (number === 9) request.uuid = decodeUuidOption(bytes);
    if (number === 10) request.compatibility = decodeCompatibility(bytes);
  });
  return request;
}

function decodeStreamOptions(options: Buffer): ReadRequest["source"] {
  let stream = "";
  let start: ReadStart | undefined;
  forEachField(options, ({ number, varint, bytes }) => {
    if (number === 1) stream = decodeStreamIdentifier(bytes);
    if (number === 2) start = varint;
    if (number === 3) start = "start";
    if (number === 4) start = "end";
  });
  return { kind: "stream", stream, start };
}

function decodeAllStart(options: Buffer): ReadStart | undefined {
  let start: ReadStart | undefined;
  forEachField(options, ({ number, bytes }) => {
    if (number === 1) start = decodeCommitPosition(bytes);
    if (number === 2) start = "start";
    if (number === 3) start = "end";
  });
  return start;
}

function decodeCommitPosition(position: Buffer): bigint {
  let commit = 0n;
  forEachField(position, ({ number, varint }) => {
    if (number === 1) commit = varint;
  });
  return commit;
}

function decodeFilter(options: Buffer): FilterRequest {
  const filter: FilterRequest = { by: undefined, regex: "", prefixes: [], window: undefined, checkpointMultiplier: 0 };
  forEachField(options, ({ number, varint, bytes }) => {
    if (number === 1 || number === 2) {
      filter.by = number === 1 ? "stream" : "type";
      forEachField(bytes, (part) => {
        if (part.number === 1) filter.regex = part.bytes.toString();
        if (part.number === 2) filter.prefixes.push(part.bytes.toString());
      });
    }
    if (number === 3) filter.window = Number(varint);
    if (number === 4) filter.window = undefined;
    if (number === 5) filter.checkpointMultiplier = Number(varint);
  });
  return filter;
}

function decodeUuidOption(option: Buffer): "string" | "structured" | undefined {
  let form: "string" | "structured" | undefined;
  forEachField(option, ({ number }) => {
    if (number === 1) form = "structured";
    if (number === 2) form = "string";
  });
  return form;
}

function decodeCompatibility(option: Buffer): bigint {
  let compatibility = 0n;
  forEachField(option, ({ number, varint }) => {
    if (number === 1) compatibility = varint;
  });
  return compatibility;
}

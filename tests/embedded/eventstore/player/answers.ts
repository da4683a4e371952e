import { type ServiceError, status } from "@grpc/grpc-js";
import { decode, type Message } from "./protobuf.ts";
import { type Answer, errorDetails } from "./protocol.ts";
import type { Json } from "./scenario.ts";
import type { Position, Ranked, World } from "./world.ts";

/* Answers in the form that the recordings have. */

/** Fails if a message lacks a required field. */
function part(message: Message, name: string): Message {
  const value = message[name];
  if (typeof value !== "object" || Buffer.isBuffer(value) || Array.isArray(value))
    throw new Error(`no ${name} in the answer`);
  return value;
}

function streamOf(identifier: Message): string {
  return (identifier.streamName ?? "").toString();
}

export function statusOf(world: World, error: ServiceError): { [key: string]: Json } {
  const trailers = Object.entries(error.metadata?.getMap() ?? {})
    .filter(([key]) => !/^(date|server|content-type|content-length|grpc-|:)/.test(key))
    .map(([key, value]) => [key, world.plain(String(value))] as const);
  return {
    code: status[error.code] ?? error.code,
    details: world.plain(error.details),
    ...(trailers.length > 0 && { trailers: Object.fromEntries(trailers) }),
  };
}

function positionOf(world: World, message: Message, ofEvent: boolean): Position {
  const { commit = 0n, prepare = 0n } = message;
  return world.position(commit as bigint, commit === prepare, ofEvent);
}

function success(world: World, message: Message): Ranked {
  return {
    revision: message.noStream ? "no_stream" : String(message.revision),
    position: message.position ? positionOf(world, part(message, "position"), true) : "no_position",
  };
}

function expectation(message: Message, revision: string): string {
  if (message[revision] !== undefined) return String(message[revision]);
  return ["any", "stream_exists", "no_stream"].find((word) => message[word]) ?? "unset";
}

export function appendAnswer(world: World, answer: Answer): Ranked {
  if ("error" in answer) return { status: statusOf(world, answer.error) };
  if (answer.message.success) return { success: success(world, part(answer.message, "success")) };
  const conflict = part(answer.message, "wrongExpectedVersion");
  const current = conflict.noStream
    ? "no_stream"
    : conflict.revision === undefined
      ? "unset"
      : String(conflict.revision);
  return { wrongExpectedVersion: { current, expected: expectation(conflict, "expectedRevision") } };
}

export function deleteAnswer(world: World, answer: Answer): Ranked {
  if ("error" in answer) return { status: statusOf(world, answer.error) };
  const { position } = answer.message;
  return { position: position ? positionOf(world, part(answer.message, "position"), true) : "no_position" };
}

export function batchAnswer(world: World, message: Message): Ranked {
  return {
    stream: message.stream ? world.plain(streamOf(part(message, "stream"))) : null,
    expected: expectation(message, "revision"),
    success: message.success ? success(world, part(message, "success")) : undefined,
    error: message.error ? batchError(world, part(message, "error")) : undefined,
  };
}

function batchError(world: World, error: Message): Ranked {
  return {
    code: Number(error.code ?? 0n),
    message: world.plain(String(error.message ?? "")),
    details: error.details ? details(world, part(error, "details")) : null,
  };
}

/** Zeros are left out, since a recording cannot distinguish them from absent numbers. */
function details(world: World, { typeUrl, value }: Message): Ranked {
  const table = errorDetails[String(typeUrl).split(".").at(-1) ?? ""];
  const fields = Object.entries(table ? decode(table, (value as Buffer | undefined) ?? Buffer.alloc(0)) : {}).map(
    ([key, field]): [string, Ranked] => {
      if (typeof field === "bigint")
        return [key, field === 0n ? undefined : key === "maxappendsize" ? Number(field) : String(field)];
      if (typeof field === "string") return [key, world.plain(field)];
      return [key, key === "streamIdentifier" ? world.plain(streamOf(field as Message)) : {}];
    },
  );
  return { typeUrl: String(typeUrl), ...Object.fromEntries(fields) };
}

/** Undefined for events in $all that the scenario did not write. */
export function readMessage(world: World, message: Message, all: boolean): { [key: string]: Ranked } | undefined {
  if (message.event) return readEvent(world, part(message, "event"), all);
  if (message.checkpoint) return { checkpoint: positionOf(world, part(message, "checkpoint"), false) };
  if (message.streamNotFound)
    return { streamNotFound: world.plain(streamOf(part(part(message, "streamNotFound"), "stream"))) };
  const [name, value] = Object.entries(message)[0] ?? ["unknown", 0n];
  return { [name]: typeof value === "bigint" ? String(value) : true };
}

function readEvent(world: World, message: Message, all: boolean): { [key: string]: Ranked } | undefined {
  const shown = message.event ? part(message, "event") : undefined;
  const link = message.link ? part(message, "link") : undefined;
  const raw = link ?? shown;
  if (all && raw && !streamOf(part(raw, "stream")).includes(world.prefix)) return undefined;
  const commit = message.commit as bigint | undefined;
  return {
    event: shown ? recorded(world, shown) : null,
    link: link ? recorded(world, link) : undefined,
    commit: commit === undefined ? undefined : world.position(commit, true, false),
    noPosition: commit === undefined ? Boolean(message.noPosition) : undefined,
  };
}

function recorded(world: World, event: Message): Ranked {
  const stream = streamOf(part(event, "stream"));
  const metadata = Object.fromEntries((event.metadata as Message[]).map(({ key, value }) => [key, String(value)]));
  const age = Math.abs(Number(BigInt(metadata.created ?? 0) / 10_000n) - Date.now());
  const isRecent = age < 600_000;
  return {
    stream: world.plain(stream),
    revision: String(event.revision ?? 0n),
    id: world.idOf(String(part(event, "id").string ?? "")),
    at: positionOf(world, event, stream.includes(world.prefix)),
    metadata: { ...metadata, created: isRecent ? "now" : `odd ${metadata.created}` },
    data: world.plain(payload(event.data)),
    meta: world.plain(payload(event.customMetadata)),
  };
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** A payload as text; the length of a long one that repeats one byte; the base64 of one that is no UTF-8. */
function payload(value: Message[string]): string {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.alloc(0);
  if (bytes.length > 300) {
    if (bytes.every((byte) => byte === bytes[0])) return `${bytes.length} × ${String.fromCharCode(bytes[0] as number)}`;
    return `${bytes.length} bytes, fnv ${fnv(bytes)}`;
  }
  try {
    return utf8.decode(bytes);
  } catch {
    return `base64:${bytes.toString("base64")}`;
  }
}

/** FNV-1a, 32 bits. */
function fnv(bytes: Buffer): string {
  return bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193) >>> 0, 0x811c9dc5).toString(16);
}

export function featuresAnswer(world: World, answer: Answer, service: string | undefined): Ranked {
  if ("error" in answer) return { status: statusOf(world, answer.error) };
  const version = String(answer.message.version);
  const lines = ((answer.message.methods ?? []) as Message[]).map(
    ({ service: name, method, features = [] }) => `${name}/${method} [${(features as string[]).toSorted().join(" ")}]`,
  );
  return {
    version: /^\d+\.\d+\.\d+$/.test(version) ? "three numbers" : version,
    methods: lines.filter((line) => !service || line.includes(service)).toSorted(),
  };
}

export function gossipAnswer(world: World, answer: Answer): Ranked {
  if ("error" in answer) return { status: statusOf(world, answer.error) };
  const given = (value: Message[string]) => (value ? "given" : "none");
  const members = ((answer.message.members ?? []) as Message[]).map((member) => {
    const { address, port } = part(member, "endPoint");
    return {
      state: Number(member.state ?? 0n),
      alive: Boolean(member.isAlive),
      address: given(address),
      port: given(port),
    };
  });
  return { members };
}

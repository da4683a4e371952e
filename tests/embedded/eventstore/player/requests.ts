import type { Message } from "./protobuf.ts";
import type { AppendStep, BatchPart, Expected, From, ProposedEvent, ReadStep } from "./scenario.ts";
import type { World } from "./world.ts";

const empty: Message = {};

function streamIdentifier(world: World, name: string): Message {
  return { streamName: Buffer.from(world.streamName(name)) };
}

/** The common options of appends, deletes and tombstones. */
export function revisionOptions(world: World, stream: string | undefined, expected: Expected): Message {
  return {
    ...(stream !== undefined && { stream: streamIdentifier(world, stream) }),
    ...(typeof expected === "number"
      ? { revision: BigInt(expected) }
      : expected !== undefined && { [expected]: empty }),
  };
}

function proposedMessage(world: World, event: ProposedEvent): Message {
  const contentType = event.binary ? "application/octet-stream" : "application/json";
  const metadata = event.metadata ?? { type: event.type ?? "T", "content-type": contentType };
  return {
    ...(event.id !== undefined && { id: { string: world.uuid(event.id) } }),
    metadata: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    data: world.payload(event.data ?? "{}"),
    customMetadata: world.payload(event.meta ?? ""),
  };
}

export function appendRequests(world: World, step: AppendStep): Message[] {
  const options = { options: revisionOptions(world, step.stream, step.expected) };
  return [
    ...(step.omitOptions ? [] : [options]),
    ...(step.events ?? []).map((event) => ({ message: proposedMessage(world, event) })),
    ...(step.optionsAgain ? [options] : []),
  ];
}

export function batchRequest(world: World, part: BatchPart): Message {
  const deadline = Date.now() + (part.deadlineMs ?? 10_000);
  const options = {
    ...revisionOptions(world, part.stream, part.expected),
    ...(part.deadlineMs !== null && { deadline: { seconds: BigInt(Math.floor(deadline / 1000)) } }),
  };
  return {
    correlationId: { string: world.uuid(part.correlation) },
    ...(!part.omitOptions && { options }),
    messages: (part.events ?? []).map((event) => proposedMessage(world, event)),
    isFinal: part.final ?? true,
  };
}

/** @param locate the position that `from` means */
export function readRequest(world: World, step: ReadStep, locate: (from: From) => bigint): Message {
  if (step.omitOptions) return {};
  const compatibility = step.compatibility === undefined ? undefined : { compatibility: BigInt(step.compatibility) };
  return {
    options: {
      ...source(world, step, locate),
      direction: step.backwards ? 1n : 0n,
      resolveLinks: step.resolveLinks ?? false,
      ...amount(step),
      ...filter(world, step),
      ...(!step.omitUuid && { uuid: step.structuredUuid ? { structured: empty } : { string: empty } }),
      control: compatibility,
    },
  };
}

function source(world: World, { stream, all, from }: ReadStep, locate: (from: From) => bigint): Message {
  const word = from === "start" || from === "end" ? { [from]: empty } : undefined;
  if (stream !== undefined) {
    const revision = typeof from === "number" ? { revision: BigInt(from) } : {};
    return { stream: { identifier: streamIdentifier(world, stream), ...(word ?? revision) } };
  }
  if (!all) return {};
  if (word || from === undefined) return { all: word ?? {} };
  const at = locate(from);
  return { all: { position: { commit: at, prepare: at } } };
}

function amount({ op, count }: ReadStep): Message {
  if (op === "subscribe") return { subscription: empty };
  return count === null ? {} : { count: BigInt(count ?? Number.MAX_SAFE_INTEGER) };
}

function filter(world: World, step: ReadStep): Message {
  if (!step.filter) return step.omitFilter ? {} : { noFilter: empty };
  const { by = "stream", regex, prefixes = [], max, multiplier = 1 } = step.filter;
  const own = (text: string) => text.replace("{prefix}", world.prefix);
  const expression = { ...(regex !== undefined && { regex: own(regex) }), prefix: prefixes.map(own) };
  const window = max === undefined ? { count: empty } : { max: BigInt(max) };
  return { filter: { [by]: expression, ...window, multiplier: BigInt(multiplier) } };
}

import { z } from "zod";
import type { DomainEvent, EventDefinition, EventDefinitions, EventOf } from "../domain/event.ts";
import { allEvents, type HeimaEvent } from "../domain/events.ts";
import { hasStreamId } from "../domain/streamNames.ts";
import type { DecodedEvent, EventMetadata, EventToAppend, RecordedEvent } from "./types.ts";

/** An event type, or a version of one, that this code does not know: a newer program wrote it. */
export class UnknownEvent extends Error {
  override readonly name = "UnknownEvent";
  readonly type: string;
  /** The version that the metadata state, unchecked; undefined if they state none. */
  readonly version: unknown;
  constructor(recorded: RecordedEvent) {
    const version = statedVersion(recorded);
    const what = Number.isSafeInteger(version) ? `version ${version} of this type` : "this type";
    super(`${placeOf(recorded)}: ${what} is unknown to this program`);
    this.type = recorded.type;
    this.version = version;
  }
}

/** A stored event that is not what its type and version promise, or one to be stored that breaks its own schema. */
export class InvalidEvent extends Error {
  override readonly name: string = "InvalidEvent";
}

/** An event to be stored breaks its own schema: an error of this program. */
class InvalidNewEvent extends InvalidEvent {
  override readonly name = "InvalidNewEvent";
}

/** Returns whether an error means that this program cannot read a stored event: it is of a newer one, or breaks its schema. */
export const isUnreadable = (error: unknown): boolean =>
  error instanceof UnknownEvent || (error instanceof InvalidEvent && !(error instanceof InvalidNewEvent));

export type Codec<Event extends DomainEvent = HeimaEvent> = {
  /** Upcasts the stored data step by step to the current version and checks them. Throws UnknownEvent or InvalidEvent. */
  decode(recorded: RecordedEvent): DecodedEvent<Event>;
  /** Checks a new event and marks it with its type's current version. Throws InvalidEvent. */
  encode(event: Event, id: string, metadata: Omit<EventMetadata, "schemaVersion">): EventToAppend;
};

/** Reads and writes the event types of `definitions`; without them, all that the system knows. */
export function createCodec(): Codec;
export function createCodec<Definitions extends EventDefinitions>(
  definitions: Definitions,
): Codec<EventOf<Definitions>>;
export function createCodec(given: EventDefinitions = allEvents): Codec<DomainEvent> {
  const definitions = new Map(Object.entries(given));
  for (const [type, definition] of definitions) requireUpcasters(type, definition);
  return {
    decode(recorded) {
      const version = versionOf(recorded);
      const definition = definitions.get(recorded.type);
      if (definition === undefined || version > definition.version) throw new UnknownEvent(recorded);
      if (!hasStreamId(recorded.stream))
        throw new InvalidEvent(`${placeOf(recorded)}: its stream's name has no usable id`);
      const parsed = definition.schema.safeParse(upcast(definition, version, recorded));
      if (!parsed.success) throw new InvalidEvent(`${placeOf(recorded)}: ${described(parsed.error)}`);
      return { ...recorded, data: parsed.data };
    },
    encode(event, id, metadata) {
      const definition = definitions.get(event.type);
      if (definition === undefined) throw new InvalidNewEvent(`${event.type} is not defined`);
      const parsed = definition.schema.safeParse(event.data);
      if (!parsed.success) throw new InvalidNewEvent(`new ${event.type}: ${described(parsed.error)}`);
      return { id, type: event.type, data: parsed.data, metadata: withVersion(metadata, definition.version) };
    },
  };
}

/** Every field of the metadata, so that the compiler finds one that is left out. */
type AllMetadata = { readonly [Name in keyof Required<EventMetadata>]: EventMetadata[Name] };

/** Field by field: V8 takes several times as long for a spread to which a property is added. */
function withVersion(metadata: Omit<EventMetadata, "schemaVersion">, schemaVersion: number): AllMetadata {
  const { commandId, commandHash, correlationId, causationId, occurredAt, deviceId, traceparent, correction } =
    metadata;
  return {
    commandId,
    commandHash,
    correlationId,
    causationId,
    occurredAt,
    deviceId,
    traceparent,
    correction,
    schemaVersion,
  };
}

const codecs = new WeakMap<EventDefinitions, Codec<DomainEvent>>();

/** The codec of a stream's own events, made once. In the stream any other event is an UnknownEvent. */
export function codecOf<Definitions extends EventDefinitions>(definitions: Definitions): Codec<EventOf<Definitions>>;
export function codecOf(definitions: EventDefinitions): Codec<DomainEvent> {
  const made = codecs.get(definitions) ?? createCodec(definitions);
  codecs.set(definitions, made);
  return made;
}

/** The only metadata that is needed to read an event; events that others wrote may lack the other fields. */
function versionOf(recorded: RecordedEvent): number {
  const version = statedVersion(recorded);
  if (!Number.isSafeInteger(version) || (version as number) < 1)
    throw new InvalidEvent(`${placeOf(recorded)}: its metadata name no schemaVersion`);
  return version as number;
}

/** Metadata that others wrote may be any JSON, `null` included. */
function statedVersion({ metadata }: RecordedEvent): unknown {
  return (metadata as { schemaVersion?: unknown } | null | undefined)?.schemaVersion;
}

function upcast(definition: EventDefinition, from: number, recorded: RecordedEvent): unknown {
  let data = recorded.data;
  try {
    for (let version = from; version < definition.version; version++) data = definition.upcasters?.[version]?.(data);
  } catch (error) {
    throw new InvalidEvent(`${placeOf(recorded)}: version ${from} cannot be upcast`, { cause: error });
  }
  return data;
}

function requireUpcasters(type: string, { version, upcasters = {} }: EventDefinition): void {
  for (let older = 1; older < version; older++) {
    if (upcasters[older] === undefined) throw new Error(`${type} has no upcaster from version ${older}`);
  }
}

/**
 * Maximum length of the description of an event, in characters: messages go into logs and tables, and others may have written the
 * event.
 */
const maxDescription = 1_000;
const maxNameInMessage = 100;

/** The errors of the data as text: the first ten, capped. */
function described(error: z.ZodError): string {
  return capped(z.prettifyError({ issues: error.issues.slice(0, 10) }), maxDescription);
}

function placeOf({ type, stream, revision }: RecordedEvent): string {
  return `${capped(type, maxNameInMessage)} at ${revision}@${capped(stream, maxNameInMessage)}`;
}

/** Without what Postgres cannot store: NUL, other controls, and halves of surrogate pairs. */
function capped(text: string, maxLength: number): string {
  const start = text.slice(0, maxLength).replace(/[^\P{Cc}\n]|\p{Cs}/gu, "\ufffd");
  return text.length <= maxLength ? start : `${start}…`;
}

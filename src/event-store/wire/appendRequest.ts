import type { AppendRevision, EventToAppend } from "../types.ts";
import {
  appendOptions,
  batchAppendReq,
  duration,
  mapEntry,
  proposedMessage,
  streamIdentifier,
  structuredUuid,
  uuid,
} from "./fields.ts";
import { createProtobufWriter } from "./protobufWriter.ts";

/** An append as one or more BatchAppendReq, which go to the server in this order. */
export type AppendRequest = { readonly messages: readonly Buffer[]; readonly bytes: number };

/**
 * The maximum size of a message, in bytes, as in the official client; a longer append continues in further messages.
 */
const messageSize = 3 * 1024 * 1024;

const writer = createProtobufWriter();

/**
 * Writes an append once: the data are made JSON here and nowhere else. `correlation` (two numbers below 2^53) comes back in the
 * answer. After `deadlineMs` the server answers Timeout: a duration, since a time of our clock would have passed for a server whose clock is
 * ahead. A server that only knows times uses a limit of its own. Throws a TypeError for data that JSON cannot carry.
 */
export function encodeAppend(
  stream: string,
  expected: AppendRevision,
  events: readonly EventToAppend[],
  correlation: { readonly most: number; readonly least: number },
  deadlineMs: number,
): AppendRequest {
  const messages: Buffer[] = [];
  writer.reset();
  writeCorrelation(correlation);
  writeOptions(stream, expected, deadlineMs);
  for (const [index, event] of events.entries()) {
    const before = writer.length();
    writeEvent(event);
    if (writer.length() <= messageSize || index === 0) continue;
    writer.truncate(before);
    messages.push(writer.copy());
    writer.reset();
    writeCorrelation(correlation);
    writeEvent(event);
  }
  writer.varint(batchAppendReq.isFinal, 1);
  messages.push(writer.copy());
  return { messages, bytes: messages.reduce((sum, message) => sum + message.length, 0) };
}

function writeCorrelation({ most, least }: { readonly most: number; readonly least: number }): void {
  writer.message(batchAppendReq.correlationId, () =>
    writer.message(uuid.structured, () => {
      writer.varint(structuredUuid.mostSignificantBits, most);
      writer.varint(structuredUuid.leastSignificantBits, least);
    }),
  );
}

function writeOptions(stream: string, expected: AppendRevision, deadlineMs: number): void {
  writer.message(batchAppendReq.options, () => {
    writer.message(appendOptions.streamIdentifier, () => writer.text(streamIdentifier.streamName, stream));
    if (expected === "no_stream") writer.message(appendOptions.noStream);
    else if (expected === "any") writer.message(appendOptions.any);
    else writer.varint(appendOptions.streamPosition, expected);
    writer.message(appendOptions.deadline, () => {
      writer.varint(duration.seconds, Math.floor(deadlineMs / 1_000));
      writer.varint(duration.nanos, (deadlineMs % 1_000) * 1_000_000);
    });
  });
}

function writeEvent({ id, type, data, metadata }: EventToAppend): void {
  const json = JSON.stringify(data);
  if (json === undefined) throw new TypeError(`the data of ${type} are no JSON`);
  const metadataJson = JSON.stringify(metadata);
  writer.message(batchAppendReq.proposedMessages, () => {
    writer.message(proposedMessage.id, () => writer.text(uuid.string, id));
    writeAttribute("type", type);
    writeAttribute("content-type", "application/json");
    writer.text(proposedMessage.customMetadata, metadataJson);
    writer.text(proposedMessage.data, json);
  });
}

function writeAttribute(key: string, value: string): void {
  writer.message(proposedMessage.metadata, () => {
    writer.text(mapEntry.key, key);
    writer.text(mapEntry.value, value);
  });
}

import type { Direction } from "../types.ts";
import {
  allOptions,
  backwards,
  filterExpression,
  filterOptions,
  logPosition,
  readOptions,
  readReq,
  streamIdentifier,
  streamOptions,
  uuidOption,
} from "./fields.ts";
import { createProtobufWriter } from "./protobufWriter.ts";

/** The start of a read: a revision or position, or an end of the stream or log. */
export type ReadStart = bigint | "start" | "end";

/** The number of events of the log that the server scans at a time; after each window a subscription receives a checkpoint. */
const searchWindow = 500;

const writer = createProtobufWriter(512);

export type StreamRead = { stream: string; start: ReadStart; direction: Direction; maxCount: number };

/** The ReadReq of a stream. */
export function encodeStreamRead({ stream, start, direction, maxCount }: StreamRead): Buffer {
  return encodeOptions(() => {
    writer.message(readOptions.stream, () => {
      writer.message(streamOptions.streamIdentifier, () => writer.text(streamIdentifier.streamName, stream));
      if (typeof start === "bigint") writer.varint(streamOptions.revision, start);
      else writer.message(streamOptions[start]);
    });
    writeDirection(direction);
    writer.varint(readOptions.count, maxCount);
    writer.message(readOptions.noFilter);
  });
}

/** `prefixes` of stream names; if empty, all streams. */
export type LogRead = { start: ReadStart; direction: Direction; maxCount: number; prefixes: readonly string[] };

/** The ReadReq of $all. */
export function encodeLogRead({ start, direction, maxCount, prefixes }: LogRead): Buffer {
  return encodeOptions(() => {
    writeLogStart(start);
    writeDirection(direction);
    writer.varint(readOptions.count, maxCount);
    writeFilter(prefixes);
  });
}

/** The ReadReq of a subscription to $all; `start` is exclusive. */
export function encodeSubscription(start: ReadStart, prefixes: readonly string[]): Buffer {
  return encodeOptions(() => {
    writeLogStart(start);
    writer.message(readOptions.subscription);
    writeFilter(prefixes);
  });
}

/** Ids are requested as text. */
function encodeOptions(fill: () => void): Buffer {
  writer.reset();
  writer.message(readReq.options, () => {
    fill();
    writer.message(readOptions.uuidOption, () => writer.message(uuidOption.string));
  });
  return writer.copy();
}

function writeDirection(direction: Direction): void {
  if (direction === "backwards") writer.varint(readOptions.direction, backwards);
}

function writeLogStart(start: ReadStart): void {
  writer.message(readOptions.all, () => {
    if (typeof start === "bigint") {
      writer.message(allOptions.position, () => {
        writer.varint(logPosition.commitPosition, start);
        writer.varint(logPosition.preparePosition, start);
      });
    } else writer.message(allOptions[start]);
  });
}

function writeFilter(prefixes: readonly string[]): void {
  if (prefixes.length === 0) writer.message(readOptions.noFilter);
  else
    writer.message(readOptions.filter, () => {
      writer.message(filterOptions.streamIdentifier, () => {
        for (const prefix of prefixes) writer.text(filterExpression.prefix, prefix);
      });
      writer.varint(filterOptions.max, searchWindow);
      writer.varint(filterOptions.checkpointIntervalMultiplier, 1);
    });
}

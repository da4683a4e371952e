import type { Direction } from "../types.ts";
import { createProtobufWriter } from "./protobufWriter.ts";

/** Where a read starts: a revision or position, or an end of the stream or log. */
export type ReadStart = bigint | "start" | "end";

/** How many events of the log the server scans at a time; after each window a subscription receives a checkpoint. */
const searchWindow = 500;

const writer = createProtobufWriter(512);

export type StreamRead = { stream: string; start: ReadStart; direction: Direction; maxCount: number };

/** The ReadReq of a stream. */
export function encodeStreamRead({ stream, start, direction, maxCount }: StreamRead): Buffer {
  return encodeOptions(() => {
    writer.message(1, () => {
      writer.message(1, () => writer.text(3, stream));
      if (typeof start === "bigint") writer.varint(2, start);
      else writer.message(start === "start" ? 3 : 4);
    });
    writeDirection(direction);
    writer.varint(5, maxCount);
    writer.message(8);
  });
}

/** `prefixes` of stream names; if empty, all streams. */
export type LogRead = { start: ReadStart; direction: Direction; maxCount: number; prefixes: readonly string[] };

/** The ReadReq of $all. */
export function encodeLogRead({ start, direction, maxCount, prefixes }: LogRead): Buffer {
  return encodeOptions(() => {
    writeLogStart(start);
    writeDirection(direction);
    writer.varint(5, maxCount);
    writeFilter(prefixes);
  });
}

/** The ReadReq of a subscription to $all; `start` is exclusive. */
export function encodeSubscription(start: ReadStart, prefixes: readonly string[]): Buffer {
  return encodeOptions(() => {
    writeLogStart(start);
    writer.message(6);
    writeFilter(prefixes);
  });
}

/** Ids are requested as text. */
function encodeOptions(fill: () => void): Buffer {
  writer.reset();
  writer.message(1, () => {
    fill();
    writer.message(9, () => writer.message(2));
  });
  return writer.copy();
}

function writeDirection(direction: Direction): void {
  if (direction === "backwards") writer.varint(3, 1);
}

function writeLogStart(start: ReadStart): void {
  writer.message(2, () => {
    if (typeof start === "bigint") {
      writer.message(1, () => {
        writer.varint(1, start);
        writer.varint(2, start);
      });
    } else writer.message(start === "start" ? 2 : 3);
  });
}

function writeFilter(prefixes: readonly string[]): void {
  if (prefixes.length === 0) writer.message(8);
  else
    writer.message(7, () => {
      writer.message(1, () => {
        for (const prefix of prefixes) writer.text(2, prefix);
      });
      writer.varint(3, searchWindow);
      writer.varint(5, 1);
    });
}

import type { FileHandle } from "node:fs/promises";
import { parseLine } from "./json.ts";
import { readLines } from "./lines.ts";
import { isRecord } from "./record.ts";
import { bookNameOf, isChapter } from "./texts.ts";

/** The names of books whose chapters are in several places of a file of texts, with those of other books between them. */
export async function namesInTwoPlaces(file: FileHandle): Promise<ReadonlySet<string>> {
  const ended = new Set<string>();
  const found = new Set<string>();
  let current: string | undefined;
  for await (const line of readLines(file)) {
    const record = "text" in line ? parseLine(line.text) : undefined;
    if (!isRecord(record) || !isChapter(record, current !== undefined)) continue;
    const name = bookNameOf(record) || (current ?? "");
    if (name === current) continue;
    if (current !== undefined) ended.add(current);
    if (ended.has(name)) found.add(name);
    current = name;
  }
  return found;
}

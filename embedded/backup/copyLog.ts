import { mkdir, open, readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileWindow } from "../eventstore/storage/file-window.ts";
import { chunkHeaderSize, decodeChunkHeader } from "../eventstore/storage/format.ts";
import { openHeadFile } from "../eventstore/storage/head-file.ts";
import { scanChunk } from "../eventstore/storage/scan.ts";
import { copyTree } from "./copyTree.ts";

/**
 * Copies the files of a running event store, but not while it scavenges. `head` comes first: what the chunks have before that
 * position must be in the copy, and what comes after it may be. A chunk that is begun meanwhile is left out. Rejects when the copy
 * is incomplete.
 * @param copy copies one file
 */
export async function copyLog(
  folder: string,
  target: string,
  copy: (from: string, to: string) => Promise<void> = copyTree,
): Promise<void> {
  await mkdir(target, { recursive: true, mode: 0o700 });
  await copy(join(folder, "head"), join(target, "head"));
  const names = (await readdir(folder)).filter((name) => /^\d+\.(chunk|index)$/.test(name)).sort();
  for (const name of names) await copy(join(folder, name), join(target, name));
  const last = names.findLast((name) => name.endsWith(".chunk"));
  const end = last === undefined ? 0n : await cutBehindCommits(join(target, last));
  const head = headOf(target);
  if (end < head)
    throw new Error(`the copy of the log in ${folder} ends at position ${end}, but it was written up to ${head}`);
}

/**
 * Truncates the copy of the chunk that is being written after its last complete commit, and returns the position of the next one. A
 * copy is no snapshot: it may lack a commit and have a later one, which no crash causes and the store treats as damage.
 */
async function cutBehindCommits(path: string): Promise<bigint> {
  const file = await open(path, "r+");
  try {
    const header = decodeChunkHeader(fileWindow(file.fd, chunkHeaderSize)(0, chunkHeaderSize));
    if (typeof header === "string") throw new Error(`the copy ${basename(path)} is damaged: ${header}`);
    const { offset, sealed, nextPosition } = scanChunk(file.fd, () => {});
    if (!sealed) await file.truncate(offset);
    return nextPosition ?? header.firstPosition;
  } finally {
    await file.close();
  }
}

function headOf(folder: string): bigint {
  const head = openHeadFile(folder, false);
  try {
    return head.read();
  } finally {
    head.close();
  }
}

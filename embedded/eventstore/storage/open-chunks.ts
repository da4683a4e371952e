import { closeSync, existsSync, fdatasyncSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { syncFolder } from "../../syncFolder.ts";
import { type Chunk, createChunk, openChunk, type Visitor } from "./chunk.ts";
import { DamagedStore } from "./damage.ts";
import { type HeadFile, openHeadFile } from "./head-file.ts";

/**
 * Opens all chunks of a folder, the last of which is not closed; creates the first one in an empty folder. All of it is synced when
 * this returns: a killed process may have left a commit, a seal or a new chunk only in the page cache.
 * @param opened called after each chunk, with the numbers of open and of all chunks
 * @throws DamagedStore when a chunk is missing or damaged, or the log ends before what was acknowledged.
 */
export function openChunks(
  folder: string,
  visitor: Visitor,
  opened: (chunks: number, of: number) => void,
): { chunks: Chunk[]; head: HeadFile } {
  if (existsSync(join(folder, "events.mdb")))
    throw new Error(`${folder} was written by an older event store, which kept events.mdb: take another folder`);
  const files = readdirSync(folder);
  for (const left of files.filter((name) => name.endsWith(".new"))) rmSync(join(folder, left));
  const count = files.filter((name) => name.endsWith(".chunk")).length;
  const head = openHeadFile(folder, count === 0);
  const chunks: Chunk[] = [];
  try {
    const acknowledged = head.read();
    for (let number = 0; number < count; number++) {
      const place = placeAfter(folder, chunks.at(-1));
      if (!existsSync(place.path)) throw new DamagedStore(`${place.path} is missing`);
      chunks.push(openChunk(place, { acknowledged, last: number === count - 1 }, visitor));
      opened(chunks.length, count);
    }
    const last = chunks.at(-1);
    const end = last?.nextPosition ?? 1n;
    if (end < acknowledged)
      throw new DamagedStore(`the log in ${folder} ends at position ${end}, but was written up to ${acknowledged}`);
    if (last !== undefined) fdatasyncSync(last.fd);
    if (last?.sealed === false) syncFolder(folder);
    else chunks.push(nextChunk(folder, last));
    if (end > acknowledged) head.write(end);
    return { chunks, head };
  } catch (error) {
    for (const { fd } of chunks) closeSync(fd);
    head.close();
    throw error;
  }
}

/** Creates the chunk that follows a closed one. */
export function nextChunk(folder: string, previous: Chunk | undefined): Chunk {
  const chunk = createChunk(placeAfter(folder, previous));
  syncFolder(folder);
  return chunk;
}

function placeAfter(folder: string, previous: Chunk | undefined) {
  const number = previous ? previous.number + 1 : 0;
  return {
    number,
    path: join(folder, `${String(number).padStart(6, "0")}.chunk`),
    // Position 0 stays unused: a subscription from 0 is exclusive and must still see the first event.
    firstPosition: previous?.nextPosition ?? 1n,
    firstOrdinal: previous ? previous.firstOrdinal + previous.count : 0,
  };
}

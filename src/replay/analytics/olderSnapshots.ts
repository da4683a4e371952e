import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileOf, isNoted, type Published, type Snapshot } from "./published.ts";

/** The time (ms) after a page for which the next page of its snapshot can be requested. */
const pagedWithinMs = 2 * 60_000;

/** Snapshots besides the current one at most: each may have as many rows as the large views. */
const maxOlder = 8;

const pagedIn = (id: string) => `paged-${id}`;

/** Says that there is a page after one of the snapshot. */
export async function notePaged(folder: string, { id }: Pick<Snapshot, "id">): Promise<void> {
  await writeFile(join(folder, pagedIn(id)), "");
}

/** Returns whether further pages of the snapshot can be requested: there was a page in the last two minutes. */
export const isPaged = (folder: string, { id }: Pick<Snapshot, "id">): Promise<boolean> =>
  isNoted(folder, pagedIn(id), pagedWithinMs);

/** The snapshots, the newest first, that stay beside a new one, because further pages of them can be requested. */
export async function stillPaged(folder: string, snapshots: readonly Snapshot[]): Promise<Snapshot[]> {
  const found: Snapshot[] = [];
  for (const one of snapshots) if (await isPaged(folder, one)) found.push(one);
  return found.slice(0, maxOlder);
}

/** The same after a new one was made. The last may just be answered from for the first time, so it stays. */
export async function keptBeside(folder: string, last: Published | undefined): Promise<Snapshot[]> {
  if (last === undefined || last.hasErased) return [];
  const { older, release: _, hasErased: __, ...snapshot } = last;
  return [snapshot, ...(await stillPaged(folder, older))].slice(0, maxOlder);
}

/** The age (ms) of an earlier release's newest snapshot at which that release is assumed to publish no more. */
const earlierReleaseMs = 60 * 60_000;

/** Deletes the files and notes of all other snapshots; those of an earlier release when it publishes none any more. */
export async function deleteOthers(folder: string, current: Published): Promise<void> {
  const kept = new Set([current, ...current.older].flatMap((one) => [fileOf(one), pagedIn(one.id)]));
  for (const name of await readdir(folder)) {
    const isOld = /^views-.*\.duckdb/.test(name) && !(await isNoted(folder, name, earlierReleaseMs));
    const isOther = /^(snapshot-.*\.duckdb|paged-)/.test(name) && !kept.has(name);
    if (isOld || isOther) await rm(join(folder, name), { force: true });
  }
}

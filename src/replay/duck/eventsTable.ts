import { dirname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Manifest, readManifest } from "../export/manifest.ts";
import { pathsOf } from "../export/writeFiles.ts";
import { columns } from "../schema/columns.ts";
import { type ColumnType, sqlTypeOf } from "../schema/fields.ts";
import { views } from "../views/index.ts";
import type { Duck } from "./database.ts";
import { readFiles } from "./readFiles.ts";

/** A copy that is whole: its manifest, and the folder that it lies in. */
export type WholeCopy = { readonly folder: string; readonly manifest: Manifest };

/** The copies in folders, in the order of the log. Rejects with an Error for people if one has not ended, or if some do not go together. */
export async function wholeCopies(folders: readonly string[]): Promise<readonly WholeCopy[]> {
  const copies = await Promise.all(
    folders.map(async (path) => ({
      folder: path.endsWith(".json") ? dirname(path) : path,
      manifest: await readManifest(path),
    })),
  );
  const sorted = copies.toSorted((one, other) => (startOf(one) < startOf(other) ? -1 : 1));
  for (const [index, copy] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before !== undefined && startOf(copy) < BigInt(before.manifest.range.upTo))
      throw new Error(`${before.folder} and ${copy.folder} overlap: events of both would count twice`);
    if (before !== undefined && copy.manifest.identities !== before.manifest.identities)
      throw new Error(
        `of ${before.folder} and ${copy.folder} only one names readers: a reader of both would count as two`,
      );
  }
  return sorted;
}

/** Returns warnings, for people, about adding up copies: gaps between them, and the selections with which they were made. */
export function warningsAbout(copies: readonly WholeCopy[]): readonly string[] {
  return copies.flatMap((copy, index) => {
    const before = copies[index - 1];
    if (before === undefined) return [];
    const [end, start] = [before.manifest.range.upTo, copy.manifest.range.after];
    const both = `${before.folder} and ${copy.folder}`;
    const sameFilters = isDeepStrictEqual(inOrder(before.manifest.filters), inOrder(copy.manifest.filters));
    return [
      ...(start === end ? [] : [`${both} leave out the events after ${end} up to ${start}`]),
      ...(sameFilters ? [] : [`${both} were made with different --types, --book or --reader`]),
    ];
  });
}

const inOrder = ({ types, books, readers }: Manifest["filters"]) =>
  [types, books, readers].map((texts) => [...new Set(texts)].sort());

const startOf = ({ manifest }: WholeCopy) => (manifest.range.after === null ? -1n : BigInt(manifest.range.after));

const nullOf = (name: string, type: ColumnType) => `NULL::${sqlTypeOf(type)} AS ${name}`;

/** SQL that reads the events of copies; of columns that a release did not have yet they are null. */
function selectEvents(copies: readonly WholeCopy[]): string {
  const parts = copies
    .filter(({ manifest }) => manifest.files.length > 0)
    .map(({ folder, manifest }) => {
      const known = new Set(manifest.columns.map(({ name }) => name));
      const list = columns.map(({ name, type }) => (known.has(name) ? name : nullOf(name, type)));
      return `SELECT ${list.join(", ")} FROM ${readFiles(pathsOf(folder, manifest.files), manifest.format, manifest.columns)}`;
    });
  if (parts.length > 0) return parts.join("\nUNION ALL\n");
  const nulls = columns.map(({ name, type }) => nullOf(name, type));
  return `SELECT ${nulls.join(", ")} WHERE false`;
}

/**
 * Makes `events` and the predefined views in a database. With `stored` the events are copied into it, so that it needs the files no more.
 */
export async function createEvents(duck: Duck, copies: readonly WholeCopy[], stored: boolean): Promise<void> {
  await duck.run(`CREATE OR REPLACE ${stored ? "TABLE" : "VIEW"} events AS ${selectEvents(copies)}`);
  await createViews(duck);
}

/** Makes the predefined views over a table `events` that is there, in the same schema. */
export async function createViews(duck: Duck, schema = "main"): Promise<void> {
  for (const { name, sql } of views) await duck.run(`CREATE OR REPLACE VIEW ${schema}.${name} AS ${sql}`);
}

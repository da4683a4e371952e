import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { parseJson } from "../../domain/parseJson.ts";
import { replaceFile } from "../../platform/replaceFile.ts";
import { ReplayRefused } from "../replayRefused.ts";

export const exportFormats = ["parquet", "csv", "ndjson"] as const;
export type ExportFormat = (typeof exportFormats)[number];

const position = z.string().regex(/^\d{1,20}$/);

const filters = z.strictObject({
  /** Types of events, books and readers (by pseudonym unless they are named); an empty list is no limit. */
  types: z.array(z.string()),
  books: z.array(z.string()),
  readers: z.array(z.string()),
});

const range = z.strictObject({
  /** The position after which the copy begins; null: the beginning of the log. */
  after: position.nullable(),
  /** The position with which it ends. */
  upTo: position,
  /** The requested start and end, if they were a date, a time or a position beyond the end of the log. */
  askedFrom: z.string().optional(),
  askedTo: z.string().optional(),
});

/** A file of a copy: events of one day, in the order of the log. */
export const exportedFile = z.strictObject({
  file: z.string(),
  day: z.string(),
  events: z.int(),
  /** Events that were left out because their readers are erased. */
  leftOut: z.int(),
  /** Events that do not match their schema, before the last of its events and after those of the file before. */
  unreadable: z.int().default(0),
  /** The file has what was selected after the position `from` (null: from the beginning of the log), from `first` to `last`. */
  from: position.nullable(),
  first: position,
  last: position,
  bytes: z.int(),
  sha256: z.string(),
});

export const exportPlan = z.strictObject({
  manifest: z.literal(1),
  exportId: z.uuid(),
  /** The release that wrote it: the same release writes the same bytes. */
  release: z.string(),
  format: z.enum(exportFormats),
  /** Whether the export has ids of readers. */
  identities: z.boolean(),
  range,
  filters,
});

const manifest = exportPlan.extend({
  events: z.int(),
  erased: z.strictObject({
    /** Up to where the log was searched for erased readers. A later erasure is not in this copy. */
    upTo: position,
    /** The number of events that were left out because their readers are erased. */
    events: z.int(),
  }),
  /** The number of events that were left out because they do not match the schema of their type. */
  unreadable: z.int().default(0),
  columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
  files: z.array(exportedFile),
});

export type ExportFilters = z.output<typeof filters>;
export type ExportedFile = z.output<typeof exportedFile>;
export type ExportPlan = z.output<typeof exportPlan>;
export type Manifest = z.output<typeof manifest>;

/** The name of the manifest in the folder of a copy. It is written last: a folder that has one is whole. */
export const manifestName = "manifest.json";

/** Reads a manifest from its path, or from the folder that it is in. Rejects with ReplayRefused if there is none. */
export async function readManifest(path: string): Promise<Manifest> {
  const found = await findManifest(path);
  if (found !== undefined) return found;
  throw new ReplayRefused(`${fileOf(path)} is not there: that export has not ended, or is elsewhere`);
}

const fileOf = (path: string) => (path.endsWith(".json") ? path : join(path, manifestName));

/** The same; undefined if there is none. */
export async function findManifest(path: string): Promise<Manifest | undefined> {
  const file = fileOf(path);
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const parsed = manifest.safeParse(parseJson(text));
  if (!parsed.success) throw new ReplayRefused(`${file} is no manifest that this program knows`);
  return parsed.data;
}

export async function writeManifest(folder: string, written: Manifest): Promise<void> {
  await replaceFile(join(folder, manifestName), `${JSON.stringify(written, null, 2)}\n`);
}

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Duck } from "../duck/database.ts";
import { createParquetRows } from "../duck/parquetRows.ts";
import type { LentRow } from "../schema/cells.ts";
import { createTextLines } from "../schema/textLines.ts";
import type { ExportedFile, ExportFormat } from "./manifest.ts";

/** Characters that are gathered before they are written. */
const chunk = 1 << 20;

/** Where files grow that are not whole; it goes at the end. */
export const workName = ".unfinished";

/** Files of a copy grow under another name and are renamed when they are whole. */
export type FileWriter = {
  /** Undefined: it is gathered, and there is nothing to wait for. Either way it has what it needs of the row. */
  write(row: LentRow): Promise<void> | undefined;
  /** Makes it whole, and tells its size and its SHA-256. */
  finish(): Promise<Pick<ExportedFile, "bytes" | "sha256">>;
  abandon(): Promise<void>;
};

/** Where the file of these events lies in the folder of a copy. */
export function fileName(day: string, first: bigint, format: ExportFormat): string {
  return `created_day=${day}/${String(first).padStart(20, "0")}.${format}`;
}

/** Begins the file `name` of a copy. */
export async function beginFile(options: {
  readonly folder: string;
  readonly name: string;
  readonly format: ExportFormat;
  readonly duck: Duck;
}): Promise<FileWriter> {
  const { folder, name, format, duck } = options;
  const growing = join(folder, workName, name.replaceAll("/", "_"));
  const rows = format === "parquet" ? parquetFile(growing, duck) : await textFile(growing, format);
  return {
    write: rows.write,
    async finish() {
      await rows.end();
      await syncFile(growing);
      const target = join(folder, name);
      await mkdir(dirname(target), { recursive: true });
      const described = { bytes: (await stat(growing)).size, sha256: await digestOf(growing) };
      await rename(growing, target);
      return described;
    },
    async abandon() {
      await rows.abandon();
      await rm(growing, { force: true });
    },
  };
}

type GrowingFile = Pick<FileWriter, "write" | "abandon"> & { end(): Promise<void> };

function parquetFile(path: string, duck: Duck): GrowingFile {
  const rows = createParquetRows(duck);
  return { write: rows.add, end: () => rows.writeTo(path), abandon: rows.abandon };
}

async function textFile(path: string, format: "csv" | "ndjson"): Promise<GrowingFile> {
  const lines = createTextLines(format);
  const handle: FileHandle = await open(path, "w");
  let text = lines.head;
  const flush = async () => {
    const written = text;
    text = "";
    // Not `write`: on a disk that is getting full it writes a part, and reports it only by a number.
    if (written !== "") await handle.appendFile(written);
  };
  return {
    write(row) {
      text += lines.line(row);
      return text.length >= chunk ? flush() : undefined;
    },
    async end() {
      await flush();
      await handle.close();
    },
    abandon: () => handle.close().catch(() => {}),
  };
}

/** The SHA-256 of a file. */
export async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer);
  return hash.digest("hex");
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r+");
  await handle.sync();
  await handle.close();
}

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Duck } from "../duck/database.ts";
import { toParquet } from "../duck/readFiles.ts";
import type { ExportedFile, ExportFormat } from "./manifest.ts";

/** Characters that are gathered before they are written. */
const chunk = 1 << 20;

/** Where files grow that are not whole; it goes at the end. */
export const workName = ".unfinished";

/** Files of a copy grow under another name and are renamed when they are whole. */
export type FileWriter = {
  /** Undefined: it is gathered, and there is nothing to wait for. */
  write(line: string): Promise<void> | undefined;
  /** Makes it whole, and tells its size and its SHA-256. */
  finish(): Promise<Pick<ExportedFile, "bytes" | "sha256">>;
  abandon(): Promise<void>;
};

/** Where the file of these events lies in the folder of a copy. */
export function fileName(day: string, first: bigint, format: ExportFormat): string {
  return `created_day=${day}/${String(first).padStart(20, "0")}.${format}`;
}

/** Begins the file `name` of a copy. Of Parquet the lines (CSV without a head) are gathered beside it, and converted at the end. */
export async function beginFile(options: {
  readonly folder: string;
  readonly name: string;
  readonly format: ExportFormat;
  readonly head: string;
  readonly duck: Duck;
}): Promise<FileWriter> {
  const { folder, name, format, duck } = options;
  const work = join(folder, workName);
  await mkdir(work, { recursive: true });
  const growing = join(work, name.replaceAll("/", "_"));
  const handle: FileHandle = await open(growing, "w");
  let text = format === "parquet" ? "" : options.head;
  const flush = async () => {
    const written = text;
    text = "";
    if (written !== "") await handle.write(written);
  };
  const paths = [growing, `${growing}.converted`];
  const abandon = async () => {
    await handle.close().catch(() => {});
    await Promise.all(paths.map((path) => rm(path, { force: true })));
  };
  return {
    write(line) {
      text += line;
      return text.length >= chunk ? flush() : undefined;
    },
    async finish() {
      await flush();
      if (format !== "parquet") await handle.sync();
      await handle.close();
      let whole = growing;
      if (format === "parquet") {
        whole = `${growing}.converted`;
        await duck.run(toParquet(growing, whole));
        await rm(growing);
        await syncFile(whole);
      }
      const target = join(folder, name);
      await mkdir(dirname(target), { recursive: true });
      const described = { bytes: (await stat(whole)).size, sha256: await digestOf(whole) };
      await rename(whole, target);
      return described;
    },
    abandon,
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

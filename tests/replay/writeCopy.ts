import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { columns } from "../../src/replay/schema/columns.ts";

export type Columns = readonly { readonly name: string; readonly type: string }[];

/** Writes a copy of one event like a release with these columns, and creates its folder. */
export async function writeCopy(
  folder: string,
  format: "csv" | "ndjson",
  cells: Readonly<Record<string, string | number | boolean>>,
  written: Columns = columns,
): Promise<void> {
  const names = written.map(({ name }) => name);
  const csv = `${names.join(",")}\n${names.map((name) => JSON.stringify(cells[name]) ?? "").join(",")}\n`;
  const json = `${JSON.stringify(Object.fromEntries(names.map((name) => [name, cells[name]])))}\n`;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `a.${format}`), format === "csv" ? csv : json);
  const file = { file: `a.${format}`, day: "2026-11-01", events: 1, leftOut: 0, from: null, first: "7", last: "7" };
  const manifest = {
    manifest: 1,
    exportId: "01890a5d-ac96-774b-bcce-b302099a8057",
    release: "0.1.0",
    format,
    identities: false,
    range: { after: null, upTo: "900" },
    filters: { types: [], books: [], readers: [] },
    events: 1,
    erased: { upTo: "900", events: 0 },
    columns: written.map(({ name, type }) => ({ name, type })),
    files: [{ ...file, bytes: 1, sha256: "0" }],
  };
  await writeFile(join(folder, "manifest.json"), JSON.stringify(manifest));
}

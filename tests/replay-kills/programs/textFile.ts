import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openDuck } from "../../../src/replay/duck/database.ts";
import { beginFile, workName } from "../../../src/replay/export/fileWriter.ts";

// Writes a file of an export with some 40 KiB of text into the folder, and prints the outcome: ok, or the error's code.
const [folder = "", format = ""] = process.argv.slice(2);
await mkdir(join(folder, workName), { recursive: true });
const duck = await openDuck();
const file = await beginFile({ folder, name: `day/1.${format}`, format: format as "csv", duck });
for (let n = 0; n < 1_000; n++) await file.write({ filled: [0, 1], cells: [n, "ReadingProgressed"] });
const outcome = await file.finish().then(
  () => "ok",
  (error: NodeJS.ErrnoException) => error.code,
);
console.log(outcome);
process.exit(0);

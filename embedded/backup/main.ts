import { resolve } from "node:path";
import { shellWord } from "../shellWord.ts";
import { backUp } from "./backUp.ts";

// node bin/run.js embedded/backup/main.ts DATA_DIR BACKUP: copies what a stack cannot recreate.
const [dataDir, backup] = process.argv.slice(2).map((path) => resolve(path));
try {
  if (dataDir === undefined || backup === undefined) throw new Error("usage: script/backup DATA_DIR BACKUP");
  await backUp(dataDir, backup);
  console.log(
    `${backup} has secrets, Postgres and the log; to go on with it: HEIMA_DATA_DIR=${shellWord(backup)} script/server`,
  );
} catch (error) {
  console.error(`backup: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}

import { writeFile } from "node:fs/promises";
import { apiFile, generateApi } from "./generate.ts";

await writeFile(apiFile, await generateApi());

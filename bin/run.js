#!/usr/bin/env node
// run FILE [ARGUMENT…]: runs a TypeScript program of this project: from its bundle (built.js has the list), any other with tsx.
// `run` alone only bundles.
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build, builtProgram } from "./built.js";

const file = process.argv[2];
if (file === undefined) await build();
else {
  // The program sees only its own arguments, as if Node ran its file.
  process.argv.splice(1, 1);
  await import((await builtProgram(file)) ?? (await readByTsx(file)));
}

async function readByTsx(file) {
  const { register } = await import("tsx/esm/api");
  register();
  return pathToFileURL(resolve(file)).href;
}

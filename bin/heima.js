#!/usr/bin/env node
import { fileURLToPath } from "node:url";
import { builtProgram } from "./built.js";

await import(await builtProgram(fileURLToPath(new URL("../src/main/cli.ts", import.meta.url))));

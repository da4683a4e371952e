#!/usr/bin/env node
// The sources are TypeScript: tsx loads them in this process, so that exit codes and signals are its own.
import { register } from "tsx/esm/api";

register({ tsconfig: false });
await import("../src/main/cli.ts");

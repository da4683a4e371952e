import { openTerminal } from "../../../src/main/terminal.ts";

// A command that writes the number of characters of the argument at once, and does not wait until they are read.

// Connections may not linger at all.
const { setTimeout } = globalThis;
globalThis.setTimeout = ((work: () => void) => setTimeout(work, 0)) as typeof setTimeout;

const terminal = openTerminal();
process.stdout.write("x".repeat(Number(process.argv[2])));
await terminal.end(0);

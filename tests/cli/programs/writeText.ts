import { openTerminal } from "../../../src/main/terminal.ts";

// A command that writes as many characters as the argument says at once, and does not wait until they are read.

// The time for which connections may linger is over at once.
const { setTimeout } = globalThis;
globalThis.setTimeout = ((work: () => void) => setTimeout(work, 0)) as typeof setTimeout;

const terminal = openTerminal();
process.stdout.write("x".repeat(Number(process.argv[2])));
await terminal.end(0);

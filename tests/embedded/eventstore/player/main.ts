import { parseArgs } from "node:util";
import { play, readScenarios } from "./play.ts";

/** Plays the recordings against a server: npm run eventstore:recordings -- HOST:PORT [--only TEXT] [--parallel N] [--fast] */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string", default: "" },
    parallel: { type: "string", default: "16" },
    fast: { type: "boolean" },
  },
});
const [address] = positionals;
if (!address) {
  console.error("usage: npm run eventstore:recordings -- HOST:PORT [--only TEXT] [--parallel N] [--fast]");
  process.exit(2);
}

const began = Date.now();
const scenarios = readScenarios().filter(({ name }) => name.includes(values.only));
// EventStoreDB does some work after its answers and needs time for it.
const pace = values.fast
  ? { quiet: 20, patience: 20_000, settle: false }
  : { quiet: 150, patience: 8000, settle: true };
const { core, beyond, differences } = await play(address, scenarios, { ...pace, parallel: Number(values.parallel) });
for (const { scenario, beyond: isBeyond, step, recorded, got } of differences) {
  console.log(`✗ ${scenario}${isBeyond ? " (beyond)" : ""}, step ${step}\n  recorded ${recorded}\n  got      ${got}`);
}
console.log(
  `core: ${core.equal} equal, ${core.different} different; beyond: ${beyond.equal} equal, ${beyond.different} different; ` +
    `${((Date.now() - began) / 1000).toFixed(0)} s`,
);
process.exitCode = core.different > 0 ? 1 : 0;

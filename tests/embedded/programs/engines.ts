import { startStack } from "../../../embedded/supervisor/stack.ts";

// A supervisor of only the four engines, all embedded: engines.ts DATA_DIR. Prints `up`, stops on SIGTERM.
const stack = await startStack({ dataDir: process.argv[2] ?? "", onlyEngines: true, given: {} });
process.once("SIGTERM", () => void stack.stop().then(() => process.exit(0)));
console.log("up");

import { linesLost } from "../../../src/platform/lineFile.ts";
import { createLogger } from "../../../src/platform/logger.ts";

// Logs to standard output at each message of its parent's: as many lines as it says. Answers how many were lost so far.

const logger = createLogger("test", "info");
process.on("message", (lines: number) => {
  for (let line = 0; line < lines; line += 1) logger.info({ line, fill: "x".repeat(1_000) }, "a line");
  process.send?.(linesLost());
});
process.on("disconnect", () => process.exit(0));

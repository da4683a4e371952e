import { linesLost } from "../../../src/platform/lineFile.ts";
import { createLogger } from "../../../src/platform/logger.ts";

// Logs the number of lines in each message of its parent to standard output. Answers how many were lost so far.

const logger = createLogger("test", "info");
process.on("message", (lines: number) => {
  for (let line = 0; line < lines; line += 1) logger.info({ line, fill: "x".repeat(1_000) }, "a line");
  process.send?.(linesLost());
});
process.on("disconnect", () => process.exit(0));

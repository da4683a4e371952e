import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ChaosVerdict } from "../run.ts";

/** All parameters that determine the runs of a series. */
export type SeriesOptions = {
  readonly seed: number;
  readonly lengthMs: number;
  readonly rate: number;
  readonly readers: number;
  readonly every: boolean;
  readonly awayMs: number;
  readonly kinds: readonly string[];
};

/** A line of a results file: a run and its findings. */
export type RunResult = ChaosVerdict & {
  readonly run: number;
  readonly seed: number;
  /** Whether a server was unavailable for a long time. */
  readonly isLong: boolean;
  /** The commit of the working tree. */
  readonly commit: string;
};

/** The results of a series, on disk as lines of JSON: a run is recorded when it has ended, even if the series is aborted. */
export type Results = {
  readonly file: string;
  /** Those that earlier invocations made. */
  readonly earlier: readonly RunResult[];
  add(result: Omit<RunResult, "commit">): void;
};

/** Opens the file of a series in a folder; the same options name the same file. */
export function openResults(folder: string, options: SeriesOptions): Results {
  mkdirSync(folder, { recursive: true });
  const which = createHash("sha256").update(JSON.stringify(options)).digest("hex").slice(0, 8);
  const file = join(folder, `seed-${options.seed}-${options.lengthMs / 1_000}s-${which}.jsonl`);
  const commit = headCommit();
  return {
    file,
    earlier: existsSync(file) ? readResults(readFileSync(file, "utf8")) : [],
    add: (result) => appendFileSync(file, `${JSON.stringify({ ...result, commit })}\n`),
  };
}

/** The complete lines of a results file; the last one may have been cut off. */
function readResults(text: string): readonly RunResult[] {
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as RunResult);
}

function headCommit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    // An unpacked release has none.
    return "unknown";
  }
}

import { type Command, InvalidArgumentError } from "commander";
import type { CheckResult, Finding } from "../doctor/check.ts";
import type { DoctorOptions } from "../doctor/doctor.ts";

export type DoctorDependencies = {
  readonly stdout: NodeJS.WritableStream;
  readonly doctor: (options: DoctorOptions) => Promise<readonly CheckResult[]>;
};

const signs: Readonly<Record<Finding["status"], string>> = { ok: "✓", warning: "!", failed: "✗", skipped: "-" };

/** The default of --timeout, in seconds. */
const defaultSeconds = 5;

const help = `
✓ ok, ! warning, ✗ failed, - skipped. The exit code is 1 if a check failed. Nothing is changed, except that one small event
is written to the stream "doctor" of the event store, which no read model reads, and one key to Redis, which is gone after
seconds; --read-only omits both. WeChat is called with an invalid code, which uses up none.

Examples:
  heima doctor
  heima doctor --json --timeout 2`;

/** Adds `heima doctor`. */
export function addDoctor(heima: Command, deps: DoctorDependencies): void {
  heima
    .command("doctor")
    .description("check every dependency and say what to do")
    .option("--timeout <seconds>", "how long each check may take", seconds, defaultSeconds)
    .option("--read-only", "do not write to the event store and Redis")
    .option("--json", "print the findings as JSON")
    .addHelpText("after", help)
    .action(async (options: { timeout: number; readOnly?: true; json?: true }) => {
      const results = await deps.doctor({ timeoutMs: options.timeout * 1_000, write: options.readOnly === undefined });
      const failed = results.filter(({ status }) => status === "failed").map(({ name }) => name);
      const report = { ok: failed.length === 0, checks: results };
      deps.stdout.write(options.json ? `${JSON.stringify(report, null, 2)}\n` : lines(results));
      if (failed.length > 0) throw new Error(`checks failed: ${failed.join(", ")}`);
    });
}

function lines(results: readonly CheckResult[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  return results
    .map(({ name, status, message, hint }) => {
      const line = `${signs[status]} ${name.padEnd(width)}  ${message}\n`;
      return hint === undefined ? line : `${line}${" ".repeat(width + 4)}→ ${hint}\n`;
    })
    .join("");
}

function seconds(value: string): number {
  const parsed = Number(value);
  if (!(parsed > 0 && parsed <= 60)) throw new InvalidArgumentError("It must be a number of seconds up to 60.");
  return parsed;
}

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test.each(["server", "backup", "eventstore-soak", "node-matrix"])(
  "script/%s --help only says what it does",
  async (name) => {
    // Anything it starts ends with it.
    const { stdout } = await promisify(execFile)(`script/${name}`, ["--help"], { timeout: 20_000 });
    expect(stdout).toMatch(new RegExp(`^${name}\\b`));
    expect(stdout).not.toMatch(/^set -|^#/m);
  },
);

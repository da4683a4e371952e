import type { Check } from "./check.ts";

/** The oldest supported Node (`engines` in package.json). */
const oldest = [20, 19] as const;

/** Checks that this Node is recent enough. `version` is for example `20.19.0`. */
export function nodeCheck(version: string = process.versions.node): Check {
  return {
    name: "node",
    async run() {
      const [major = 0, minor = 0] = version.split(".").map(Number);
      const enough = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
      return enough
        ? { status: "ok", message: version }
        : { status: "failed", message: version, hint: `install Node ${oldest.join(".")} or later` };
    },
  };
}

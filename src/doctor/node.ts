import type { Check } from "./check.ts";

/** The lowest Node that runs this, as package.json says (`engines`). */
const oldest = [20, 19] as const;

/** Whether this Node is new enough. `version` is such as `20.19.0`. */
export function nodeCheck(version: string = process.versions.node): Check {
  return {
    name: "node",
    async run() {
      const [major = 0, minor = 0] = version.split(".").map(Number);
      const enough = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
      return enough
        ? { status: "ok", says: version }
        : { status: "failed", says: version, todo: `install Node ${oldest.join(".")} or later` };
    },
  };
}

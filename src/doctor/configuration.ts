import { wrongSettings } from "../platform/config.ts";
import type { Check } from "./check.ts";

/** Checks that every required setting is present and valid. Reports names of settings, never their values. */
export function configurationCheck(environment: NodeJS.ProcessEnv): Check {
  return {
    name: "configuration",
    async run() {
      const wrong = wrongSettings(environment);
      if (wrong.length === 0) return { status: "ok", message: "every setting is there" };
      const message = wrong.map(({ name, problem }) => `${name} ${problem}`).join("; ");
      return { status: "failed", message, hint: "set them in the environment; .env.example explains each" };
    },
  };
}

import { type Command, InvalidArgumentError } from "commander";
import { endedBuildOf } from "../../projections/engine/builds/endedBuild.ts";
import { isWaiting, waitsText } from "../../projections/engine/builds/waiting.ts";
import type { ReadModel } from "../../projections/engine/core/declaration.ts";
import type { BuildRecord } from "../../projections/engine/ports/buildCatalog.ts";
import { pause } from "../../projections/engine/timing.ts";
import { type Builds, type BuildsDependencies, pollIntervalMs, readModelNamed } from "./buildsDependencies.ts";

const help = `
For deployments: start the new release's dispatcher and workers, run this command, then start its API and stop the old
release's. Waits for all read models unless names are given. The exit code is 1 on timeout,
and at once if the newest build of a version has failed and none is being built: "heima projections rebuild" adds another.

Examples:
  heima projections wait
  heima projections wait shelf library --timeout 600`;

/** Adds `heima projections wait`. */
export function addWait(projections: Command, deps: BuildsDependencies): void {
  projections
    .command("wait")
    .description("wait until this release's versions of the read models are live")
    .argument("[names...]", "the read models (default: all)")
    .option("--timeout <seconds>", "stop waiting after this many seconds (default: never)", seconds)
    .addHelpText("after", help)
    .action(async (names: string[], options: { timeout?: number }, command: Command) => {
      const named = names.map((name) => readModelNamed(name, deps, command));
      const readModels = named.length === 0 ? deps.readModels : named;
      const until = Date.now() + (options.timeout ?? Number.POSITIVE_INFINITY) * 1_000;
      const interrupted = deps.interruption();
      await deps.withBuilds(async (builds) => {
        let printed = "";
        for (;;) {
          const waiting = await notLive(builds, readModels);
          if (waiting.length === 0) break;
          interrupted.throwIfAborted();
          const text = waiting.join("; ");
          if (Date.now() >= until) throw new Error(`not live after ${options.timeout} s: ${text}`);
          if (text !== printed) deps.stderr.write(`waiting for ${text}\n`);
          printed = text;
          await pause(pollIntervalMs, interrupted);
        }
        deps.stdout.write(`live: ${readModels.map(({ name, version }) => `${name} version ${version}`).join(", ")}\n`);
      });
    });
}

async function notLive({ catalog }: Builds, readModels: readonly ReadModel[]): Promise<readonly string[]> {
  const found = await Promise.all(
    readModels.map(async (readModel) => {
      const builds = await catalog.buildsOf(readModel);
      if (builds.some(({ state }) => state === "live")) return undefined;
      if (builds.length === 0) await rejectIfFailed(catalog, readModel);
      return `${readModel.name} version ${readModel.version} (${describe(builds.at(-1))})`;
    }),
  );
  return found.filter((text) => text !== undefined);
}

/** A failed build never fulfils the condition. */
async function rejectIfFailed(catalog: Pick<Builds["catalog"], "list">, readModel: ReadModel): Promise<void> {
  const ended = endedBuildOf(await catalog.list(), readModel);
  if (ended?.state !== "failed") return;
  const { name, version } = readModel;
  throw new Error(
    `${name} version ${version}: ${ended.name} failed: ${ended.reason}; heima projections rebuild ${name} builds it anew`,
  );
}

function describe(build: BuildRecord | undefined): string {
  if (build === undefined) return "no build yet";
  if (build.paused) return `${build.name} is paused`;
  if (build.waits && isWaiting(build)) return `${build.name} ${waitsText(build.waits)}`;
  return build.filled ? `${build.name} catches up` : `${build.name} is being filled`;
}

function seconds(value: string): number {
  const parsed = Number(value);
  if (!(parsed >= 0 && parsed <= 86_400)) throw new InvalidArgumentError("It must be a number of seconds up to 86400.");
  return parsed;
}

import { type Command, InvalidArgumentError } from "commander";
import { requestRebuild } from "../../projections/engine/builds/requestRebuild.ts";
import { type Builds, type BuildsDependencies, readModelNamed } from "./buildsDependencies.ts";
import { startFillBar } from "./fillBar.ts";
import { followBuild } from "./followBuild.ts";

type Options = { readonly partitions?: number; readonly wait: boolean; readonly json?: true };

const help = `
Adds a build from the beginning of the log, and follows it until it replaces the live build, which meanwhile keeps serving
queries and receiving events. If a build is already in progress or paused, it continues instead. Workers do the work, so they
must be running. Ctrl-C ends the display, not the build. The exit code is 1 if the build fails; the
live build stays.

Examples:
  heima projections rebuild shelf
  heima projections rebuild shelf --partitions 8 --no-wait
  heima projections rebuild shelf --json`;

const did = {
  added: "is being built",
  resumed: "continues",
  already_building: "is being built already",
} as const;

/** Adds `heima projections rebuild`. */
export function addRebuild(projections: Command, deps: BuildsDependencies): void {
  projections
    .command("rebuild")
    .description("rebuild a read model from the log, while the live build stays in use")
    .argument("<name>", "the read model")
    .option("--partitions <number>", "the number of partitions (default: that of the live build)", partitions)
    .option("--no-wait", "do not follow the build")
    .option("--json", "print the build as JSON")
    .addHelpText("after", help)
    .action(async (name: string, options: Options, command: Command) => {
      const readModel = readModelNamed(name, deps, command);
      await deps.withBuilds(async (builds) => {
        const requested = await requestRebuild(builds.catalog, readModel, options.partitions);
        await builds.announce(name);
        const build = requested.build.name;
        deps.stderr.write(`${build} ${did[requested.did]}\n`);
        if (options.wait) await follow(builds, build);
        deps.stdout.write(options.json ? await asJson(builds, build) : `${build}: ${await stateOf(builds, build)}\n`);
      });

      async function follow(builds: Builds, build: string): Promise<void> {
        const bar = startFillBar(build, deps.stderr);
        try {
          const place = { name: build, partitions: 0 };
          const live = await followBuild(builds, readModel, place, bar, deps.interruption());
          if (live !== undefined) return;
          bar.stop();
          deps.stderr.write(
            `${build} continues without this display. heima projections pause ${name}, cancel ${name}, or rebuild ${name} to see it again\n`,
          );
        } finally {
          bar.stop();
        }
      }
    });
}

async function recordOf({ catalog }: Builds, name: string) {
  const record = (await catalog.list()).find((build) => build.name === name);
  if (record === undefined) throw new Error(`${name} is no longer in the catalog of builds`);
  return record;
}

async function stateOf(builds: Builds, name: string): Promise<string> {
  const { state, paused } = await recordOf(builds, name);
  return paused ? `${state}, paused` : state;
}

async function asJson(builds: Builds, build: string): Promise<string> {
  const { name, readModel, version, partitions, state, filled, paused } = await recordOf(builds, build);
  return `${JSON.stringify({ build: name, readModel, version, partitions, state, filled, paused })}\n`;
}

function partitions(value: string): number {
  const parsed = Number(value);
  if (!(Number.isInteger(parsed) && parsed >= 1 && parsed <= 64))
    throw new InvalidArgumentError("It must be a whole number from 1 to 64.");
  return parsed;
}

import { type Command, InvalidArgumentError } from "commander";
import { retireOlder } from "../../projections/engine/builds/retireOlder.ts";
import type { ReadModel } from "../../projections/engine/core/declaration.ts";
import { type Builds, type BuildsDependencies, readModelNamed } from "./buildsDependencies.ts";

const pauseHelp = `
Work that is not committed yet is repeated when the rebuild continues: heima projections rebuild NAME. A build that is
catching up with the log cannot be paused.

Example:
  heima projections pause shelf`;

const cancelHelp = `
The build is marked as failed and dropped; the live build is unaffected.

Example:
  heima projections cancel shelf`;

const retireHelp = `
Drops the builds of versions older than this release's, with their tables, views and queues. Use it after a deployment, when
the last process of the older release has stopped. The version of this release is never retired.

Examples:
  heima projections retire shelf
  heima projections retire shelf --version 1`;

/** Adds `heima projections pause`, `cancel` and `retire`. */
export function addEndingBuilds(projections: Command, deps: BuildsDependencies): void {
  const onReadModel = (name: string, description: string, help: string) =>
    projections.command(name).description(description).argument("<name>", "the read model").addHelpText("after", help);

  onReadModel("pause", "pause a rebuild; it can be continued", pauseHelp).action(
    async (name: string, _: unknown, command: Command) => {
      const readModel = readModelNamed(name, deps, command);
      await deps.withBuilds(async (builds) => {
        const building = (await buildingOf(builds, readModel)).filter(({ filled }) => !filled);
        if (building.length === 0) throw new Error(`no build of ${name} is being filled`);
        for (const build of building) {
          await builds.catalog.setPaused(build, true);
          deps.stdout.write(`${build.name} is paused\n`);
        }
        await builds.announce(name);
      });
    },
  );

  onReadModel("cancel", "cancel a rebuild; the live build stays", cancelHelp).action(
    async (name: string, _: unknown, command: Command) => {
      const readModel = readModelNamed(name, deps, command);
      await deps.withBuilds(async (builds) => {
        const cancelled: string[] = [];
        for (const build of await buildingOf(builds, readModel)) {
          if (await builds.catalog.end(build, "failed", "cancelled")) cancelled.push(build.name);
        }
        if (cancelled.length === 0) throw new Error(`no build of ${name} is being built`);
        await builds.announce(name);
        for (const build of cancelled) deps.stdout.write(`${build} is cancelled\n`);
      });
    },
  );

  onReadModel("retire", "drop the builds of older versions", retireHelp)
    .option("--version <number>", "only this older version", version)
    .action(async (name: string, options: { version?: number }, command: Command) => {
      const readModel = readModelNamed(name, deps, command);
      await deps.withBuilds(async (builds) => {
        const retired = await retireOlder(builds.catalog, readModel, options.version);
        await builds.announce(name);
        for (const build of retired) deps.stdout.write(`${build.name} is retired\n`);
        if (retired.length === 0) deps.stdout.write(`no build of an older version of ${name} is there\n`);
      });
    });
}

async function buildingOf({ catalog }: Builds, readModel: ReadModel) {
  return (await catalog.buildsOf(readModel)).filter(({ state }) => state === "building");
}

function version(value: string): number {
  const parsed = Number(value);
  if (!(Number.isInteger(parsed) && parsed >= 1)) throw new InvalidArgumentError("It must be a whole number.");
  return parsed;
}

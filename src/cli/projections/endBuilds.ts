import { type Command, InvalidArgumentError } from "commander";
import { cancelBuild, retireBuild, retireNewer, retireOlder } from "../../projections/engine/builds/retire.ts";
import type { ReadModel } from "../../projections/engine/core/declaration.ts";
import type { BuildRecord } from "../../projections/engine/ports/buildCatalog.ts";
import { type Builds, type BuildsDependencies, readModelNamed } from "./buildsDependencies.ts";

const pauseHelp = `
Work that is not committed yet is repeated when the rebuild continues: heima projections rebuild NAME. A build that is
catching up with the log cannot be paused.

Example:
  heima projections pause shelf`;

const cancelHelp = `
The build is marked as failed and dropped; the live build is unaffected. --build names a build of any read model, also of
another release, whose dispatcher and workers must have stopped.

Examples:
  heima projections cancel shelf
  heima projections cancel --build shelf_v5_b90177`;

const retireHelp = `
Drops the builds of versions older than this release's, with their tables, views and queues. Use it after a deployment, when
the last process of the older release has stopped. After a rollback, --build drops a build of the newer release, also of a
read model that this release does not have, and --version N --yes those of a newer version: once the dispatcher and the
workers of that release have stopped. If it is deployed again, it builds them again. The version of this release is never
retired.

Examples:
  heima projections retire shelf
  heima projections retire shelf --version 1
  heima projections retire --build shelf_v5_b90177
  heima projections retire shelf --version 5 --yes`;

/** Adds `heima projections pause`, `cancel` and `retire`. */
export function addEndingBuilds(projections: Command, deps: BuildsDependencies): void {
  const command = (name: string, description: string, help: string) =>
    projections.command(name).description(description).addHelpText("after", help);
  const onReadModelOrBuild = (name: string, description: string, help: string) =>
    command(name, description, help)
      .argument("[name]", "the read model")
      .option("--build <name>", "only this build, of any read model and release");

  command("pause", "pause a rebuild; it can be continued", pauseHelp)
    .argument("<name>", "the read model")
    .action(async (name: string, _: unknown, command: Command) => {
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
    });

  onReadModelOrBuild("cancel", "cancel a rebuild; the live build stays", cancelHelp).action(
    async (name: string | undefined, options: { build?: string }, command: Command) => {
      const named = namedOf(name, options, deps, command);
      await deps.withBuilds(async (builds) => {
        const cancelled = await cancel(builds, named);
        for (const { readModel } of cancelled) await builds.announce(readModel);
        for (const build of cancelled) deps.stdout.write(`${build.name} is cancelled\n`);
      });
    },
  );
  const cancel = async (builds: Builds, named: Named): Promise<readonly BuildRecord[]> => {
    if ("build" in named) return [await cancelBuild(builds.catalog, deps.readModels, named.build)];
    const building = await buildingOf(builds, named.readModel);
    if (building.length === 0) throw new Error(`no build of ${named.readModel.name} is being built`);
    return Promise.all(building.map((build) => cancelBuild(builds.catalog, deps.readModels, build.name)));
  };

  onReadModelOrBuild("retire", "drop builds of older versions, or of a release that is gone", retireHelp)
    .option("--version <number>", "only this version; a newer one needs --yes", version)
    .option("--yes", "the version is newer than this release's, and its release is gone")
    .action(async (name: string | undefined, options: RetireOptions, command: Command) => {
      const named = namedOf(name, options, deps, command);
      await deps.withBuilds(async (builds) => {
        const retired = await retire(builds, named, options);
        for (const { readModel } of retired) await builds.announce(readModel);
        for (const build of retired) deps.stdout.write(`${build.name} is retired\n`);
        if (retired.length === 0) deps.stdout.write(`no build of ${versionsOf(options)} of ${name} is there\n`);
      });
    });
  const retire = async ({ catalog }: Builds, named: Named, { version, yes }: RetireOptions) => {
    if ("build" in named) return [await retireBuild(catalog, deps.readModels, named.build)];
    const { readModel } = named;
    if (version === undefined || version <= readModel.version) return retireOlder(catalog, readModel, version);
    if (yes) return retireNewer(catalog, readModel, version);
    throw new Error(
      `version ${version} of ${readModel.name} is newer than this release's, which is ${readModel.version}: after a rollback, repeat with --yes`,
    );
  };
}

type RetireOptions = { readonly build?: string; readonly version?: number; readonly yes?: true };
type Named = { readonly readModel: ReadModel } | { readonly build: string };

/** The read model or the build that was named: one of them, otherwise it is a command line error. */
function namedOf(
  name: string | undefined,
  { build, version, yes }: RetireOptions,
  deps: BuildsDependencies,
  command: Command,
): Named {
  if (build !== undefined && name === undefined && version === undefined && !yes) return { build };
  if (name === undefined)
    return command.error("error: name a read model, or a build with --build alone", { exitCode: 2 });
  if (build !== undefined) return command.error("error: name a read model or a build, not both", { exitCode: 2 });
  return { readModel: readModelNamed(name, deps, command) };
}

const versionsOf = ({ version }: RetireOptions) => (version === undefined ? "an older version" : `version ${version}`);

async function buildingOf({ catalog }: Builds, readModel: ReadModel) {
  return (await catalog.buildsOf(readModel)).filter(({ state }) => state === "building");
}

function version(value: string): number {
  const parsed = Number(value);
  if (!(Number.isInteger(parsed) && parsed >= 1)) throw new InvalidArgumentError("It must be a whole number.");
  return parsed;
}

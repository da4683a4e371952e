import type { Command } from "commander";
import type { ReadModel } from "../../projections/engine/core/declaration.ts";
import type { BuildCatalog } from "../../projections/engine/ports/buildCatalog.ts";
import type { ReadModelStore } from "../../projections/engine/ports/readModelStore.ts";

/** What the commands on builds work with, while they run. */
export type Builds = {
  readonly catalog: BuildCatalog;
  readonly store: Pick<ReadModelStore, "parkedKeys">;
  /** Publishes that the builds of a read model changed. */
  readonly announce: (readModel: string) => Promise<void>;
};

export type BuildsDeps = {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean };
  /** Those of this release. */
  readonly readModels: readonly ReadModel[];
  readonly withBuilds: <Result>(work: (builds: Builds) => Promise<Result>) => Promise<Result>;
  /** Aborted by Ctrl-C, which from the call on does not end the process. */
  readonly interruption: () => AbortSignal;
};

/** The read model of this name; a name that there is not is a wrong command line. */
export function readModelNamed(
  name: string,
  { readModels }: Pick<BuildsDeps, "readModels">,
  command: Command,
): ReadModel {
  const found = readModels.find((readModel) => readModel.name === name);
  if (found !== undefined) return found;
  const names = readModels.map((readModel) => readModel.name).join(", ");
  return command.error(`error: there is no read model ${name}; there are ${names}`, { exitCode: 2 });
}

/** How often the state of builds is read while a command waits, in milliseconds. */
export const lookEveryMs = 250;

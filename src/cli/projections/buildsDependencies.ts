import type { Command } from "commander";
import type { ReadModel } from "../../projections/engine/core/declaration.ts";
import type { BuildCatalog } from "../../projections/engine/ports/buildCatalog.ts";
import type { ReadModelStore } from "../../projections/engine/ports/readModelStore.ts";

/** The dependencies of the commands that manage builds. */
export type Builds = {
  readonly catalog: BuildCatalog;
  readonly store: Pick<ReadModelStore, "parkedKeys">;
  /** Notifies other processes that the builds of a read model changed. */
  readonly announce: (readModel: string) => Promise<void>;
};

export type BuildsDependencies = {
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream & { isTTY?: boolean };
  /** The read models of this release. */
  readonly readModels: readonly ReadModel[];
  readonly withBuilds: <Result>(work: (builds: Builds) => Promise<Result>) => Promise<Result>;
  /** Aborted by Ctrl-C, which no longer ends the process once this was called. */
  readonly interruption: () => AbortSignal;
};

/** The read model with this name; an unknown name is a command line error. */
export function readModelNamed(
  name: string,
  { readModels }: Pick<BuildsDependencies, "readModels">,
  command: Command,
): ReadModel {
  const found = readModels.find((readModel) => readModel.name === name);
  if (found !== undefined) return found;
  const names = readModels.map((readModel) => readModel.name).join(", ");
  return command.error(`error: there is no read model ${name}; there are ${names}`, { exitCode: 2 });
}

/** The interval at which the builds are polled while a command waits, in milliseconds. */
export const pollIntervalMs = 250;

import type { BuildRef } from "../../engine/core/build.ts";
import type { ReadModel } from "../../engine/core/declaration.ts";
import { indexAlias } from "../../views.ts";
import type { Context } from "./context.ts";

/** The index of a build: its rows and its checkpoints. */
export function indexOf({ prefix }: Pick<Context, "prefix">, { name }: BuildRef): string {
  return `${prefix}-${name}`;
}

/**
 * The alias through which a build is written: a write that requires an alias never creates an index, whatever the cluster's
 * settings (rule 23).
 */
export function writeAliasOf(context: Pick<Context, "prefix">, build: BuildRef): string {
  return `${indexOf(context, build)}-write`;
}

/** The alias that queries of the read model's version read. */
export function readAliasOf(
  { prefix }: Pick<Context, "prefix">,
  readModel: Pick<ReadModel, "name" | "version">,
): string {
  return indexAlias(prefix, readModel);
}

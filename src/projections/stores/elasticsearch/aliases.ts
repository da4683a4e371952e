import { failureOf, missingIndexOf } from "../../../platform/elasticsearch.ts";
import type { Build } from "../../engine/core/build.ts";
import type { Context } from "./context.ts";
import { IndexLost, onIndex } from "./errors.ts";
import { indexOf, readAliasOf } from "./names.ts";

/** Makes the alias that queries read point only to this build, in one step. */
export async function showInAlias(context: Context, build: Build): Promise<void> {
  try {
    await moveAlias(context, build);
  } catch (error) {
    const missing = missingIndexOf(error);
    if (missing === undefined) throw error;
    if (missing === indexOf(context, build))
      throw new IndexLost(`the index of ${build.name} is gone`, { cause: error });
    // A build that the alias pointed to was dropped meanwhile.
    await moveAlias(context, build);
  }
}

/** Returns whether queries read this build, and no other. */
export async function isShown(context: Context, build: Build): Promise<boolean> {
  return isOnly(indexOf(context, build), await holdersOf(context, readAliasOf(context, build.readModel)));
}

const isOnly = (index: string, holders: readonly string[]) => holders.length === 1 && holders[0] === index;

async function moveAlias(context: Context, build: Build): Promise<void> {
  const alias = readAliasOf(context, build.readModel);
  const index = indexOf(context, build);
  const holders = await holdersOf(context, alias);
  if (isOnly(index, holders)) return;
  const removed = holders.filter((holder) => holder !== index).map((holder) => ({ remove: { index: holder, alias } }));
  await context.client.indices.updateAliases({ actions: [...removed, { add: { index, alias } }] });
}

async function holdersOf({ client }: Context, alias: string): Promise<readonly string[]> {
  try {
    return Object.keys(await client.indices.getAlias({ name: alias }));
  } catch (error) {
    if (failureOf(error) === "missing" || isNotFound(error)) return [];
    throw error;
  }
}

/** A response about a missing alias has no error type. */
const isNotFound = (error: unknown) =>
  error instanceof Error && "statusCode" in error && (error as { statusCode?: number }).statusCode === 404;

/**
 * Blocks writes to the index of a build. Resolves when those in flight have ended, which a setting of the index would not wait for:
 * then nothing is written any more.
 */
export async function blockWrites(context: Context, build: Build): Promise<void> {
  const index = indexOf(context, build);
  const { acknowledged, indices } = await onIndex(build, () =>
    context.client.indices.addBlock({ index, block: "write" }),
  );
  // An index that was blocked before, and has no writes in flight, is not listed.
  if (!acknowledged || indices.some(({ blocked }) => blocked !== true))
    throw new Error(`${build.name} may still be written to`);
}

export async function unblockWrites(context: Context, build: Build): Promise<void> {
  await onIndex(build, () =>
    context.client.indices.putSettings({
      index: indexOf(context, build),
      settings: { index: { blocks: { write: null } } } as object,
    }),
  );
}

/** Makes the build that a take-over was to replace visible and writable again. */
export async function undoSwap(context: Context, previous: Build): Promise<void> {
  await showInAlias(context, previous);
  await unblockWrites(context, previous);
}

export async function areWritesBlocked(context: Context, build: Build): Promise<boolean> {
  const index = indexOf(context, build);
  const found = await onIndex(build, () => context.client.indices.getSettings({ index, flat_settings: true }));
  const settings = found[index]?.settings as Readonly<Record<string, unknown>> | undefined;
  return String(settings?.["index.blocks.write"]) === "true";
}

/** Time after a write for which searches may not find it, in ms: the refresh interval, and time for the refresh itself. */
export const visibleWithinMs = 1_500;

/** Makes writes visible to searches within a second. */
export async function startRefreshing(context: Context, build: Build): Promise<void> {
  await onIndex(build, () =>
    context.client.indices.putSettings({
      index: indexOf(context, build),
      settings: { index: { refresh_interval: "1s" } },
    }),
  );
}

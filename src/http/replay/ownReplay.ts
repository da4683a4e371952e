import { join } from "node:path";
import { z } from "zod";
import { findManifest, type Manifest } from "../../replay/export/manifest.ts";
import type { Replay } from "../../replay/jobs/replay.ts";
import type { Replays } from "../../replay/jobs/replays.ts";
import { RequestProblem } from "../problems.ts";

export type ReplaysDependencies = {
  readonly replays: Replays;
  /** Notifies the workers of a replay. It may fail: they also poll. */
  readonly announce: (id: string) => Promise<void>;
  /** The folder in which workers write the files, one subfolder per replay. */
  readonly folder: string;
  /** Whether there are keys for pseudonyms. */
  readonly canExport: boolean;
  readonly audit: (look: Readonly<Record<string, unknown>> & { readonly analyst: string }) => void;
  /** Aborted when the process shuts down. */
  readonly closing: AbortSignal;
};

export const replayParams = z.strictObject({ id: z.uuid() });

/** A replay of this analyst; other analysts' replays are reported as missing. */
export async function replayOfAnalyst({ replays }: Pick<ReplaysDependencies, "replays">, id: string, analyst: string) {
  const found = await replays.find(id, analyst);
  if (found === undefined) throw notFound(id);
  return found;
}

/** The manifest of a replay; undefined if it is not done, or its files were deleted. */
export async function manifestIfThere(
  { folder }: Pick<ReplaysDependencies, "folder">,
  { id, state }: Replay,
): Promise<Manifest | undefined> {
  return state === "done" ? findManifest(join(folder, id)) : undefined;
}

/** The manifest of a finished replay. Throws `replay_not_done` or `replay_expired`. */
export async function manifestOf(deps: Pick<ReplaysDependencies, "folder">, replay: Replay): Promise<Manifest> {
  const { id, state } = replay;
  if (state === "waiting" || state === "running")
    throw new RequestProblem("replay_not_done", `The replay is ${state}; GET /v1/replays/${id} says how far it is.`);
  if (state !== "done") throw new RequestProblem("replay_expired", `The replay is ${state}; it has no files.`);
  const found = await manifestIfThere(deps, replay);
  if (found === undefined) throw new RequestProblem("replay_expired", "The files were deleted.");
  return found;
}

/** The problem for a replay that does not exist or belongs to another analyst. */
export const notFound = (id: string) =>
  new RequestProblem("replay_not_found", `There is no replay ${id} of this account.`);

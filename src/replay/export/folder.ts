import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { partialOf } from "../../platform/replaceFile.ts";
import { version } from "../../platform/version.ts";
import { OtherRelease, ReplayRefused } from "../replayRefused.ts";
import { workName } from "./fileWriter.ts";
import { type ExportPlan, type Manifest, manifestName, readManifest } from "./manifest.ts";
import { progressName } from "./progressFile.ts";

type Asked = Pick<ExportPlan, "format" | "identities" | "range" | "filters"> & {
  readonly endAsked: boolean;
  readonly folder: string;
};

/** The manifest of the copy in a folder, if that has ended. */
export async function wholeIn(folder: string): Promise<Manifest | undefined> {
  const isThere = await access(join(folder, manifestName)).then(
    () => true,
    () => false,
  );
  return isThere ? readManifest(folder) : undefined;
}

/** The files that an export has in its folder before it ends, besides files of events. */
const ownNames: readonly string[] = [progressName, partialOf(progressName), workName];

/** Rejects with ReplayRefused unless a folder is empty, but for what an export leaves that was killed before it wrote its plan. */
export async function requireEmpty(folder: string): Promise<void> {
  const others = (await readdir(folder)).filter((name) => !ownNames.includes(name));
  if (others.length > 0) throw new ReplayRefused(`${folder} holds ${others[0]}: choose an empty folder, or another`);
}

/**
 * The ends that were asked for, compared as texts: where a day, a time or a position beyond the end of the log lies changes while events
 * come. Where only one side has a text (an export that an earlier release began may have none) the positions are compared.
 */
function sameEnds(plan: ExportPlan["range"], { range, endAsked }: Pick<Asked, "range" | "endAsked">): boolean {
  const haveText = (one: string | undefined, other: string | undefined) => one !== undefined && other !== undefined;
  const sameFrom = haveText(plan.askedFrom, range.askedFrom)
    ? plan.askedFrom === range.askedFrom
    : plan.after === range.after;
  if (!sameFrom || !endAsked) return sameFrom;
  return haveText(plan.askedTo, range.askedTo) ? plan.askedTo === range.askedTo : plan.upTo === range.upTo;
}

/** Throws ReplayRefused if a folder holds an export that was asked for otherwise, OtherRelease if another release wrote it. */
export function requireSame(plan: ExportPlan, request: Asked): void {
  const { format, identities, filters } = request;
  const same =
    plan.format === format &&
    plan.identities === identities &&
    isDeepStrictEqual(plan.filters, filters) &&
    sameEnds(plan.range, request);
  if (plan.release !== version)
    throw new OtherRelease(
      `${request.folder} holds an export of release ${plan.release}: choose another folder, or delete it`,
    );
  if (!same) throw new ReplayRefused(`${request.folder} holds another export: choose another folder, or delete it`);
}

/** Throws ReplayRefused if a whole copy, of the same request, lacks events that came on its last day since it was made. */
export function requireAll({ range: made }: ExportPlan, { folder, endAsked, range }: Asked): void {
  if (!endAsked || BigInt(range.upTo) <= BigInt(made.upTo)) return;
  const end = range.askedTo ?? range.upTo;
  throw new ReplayRefused(
    `${folder} holds an export that was made before ${end} was over: choose another folder, or delete it`,
  );
}

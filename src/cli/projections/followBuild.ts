import { parksMore } from "../../projections/engine/builds/takeOver.ts";
import { isWaiting, waitsText } from "../../projections/engine/builds/waiting.ts";
import type { BuildRef } from "../../projections/engine/core/build.ts";
import type { ReadModel } from "../../projections/engine/core/declaration.ts";
import type { BuildRecord } from "../../projections/engine/ports/buildCatalog.ts";
import { pause } from "../../projections/engine/timing.ts";
import { type Builds, pollIntervalMs } from "./buildsDependencies.ts";
import type { FillBar } from "./fillBar.ts";

/** After this time without a report, no worker is filling the build; in milliseconds. */
const silentMs = 10_000;

/**
 * Shows the progress of a build until it is live, and resolves with it; with undefined when interrupted, which does not affect
 * the build. Rejects when the build fails, is paused or is ended.
 */
export async function followBuild(
  { catalog, store }: Builds,
  readModel: ReadModel,
  { name }: BuildRef,
  bar: FillBar,
  interrupted: AbortSignal,
): Promise<BuildRecord | undefined> {
  const since = Date.now();
  while (!interrupted.aborted) {
    const record = (await catalog.list()).find((build) => build.name === name);
    if (record === undefined) throw new Error(`${name} is no longer in the catalog of builds`);
    if (record.state === "live") return record;
    if (record.state !== "building") throw new Error(`${name} ${record.state}: ${record.reason ?? "no reason given"}`);
    if (record.filled) bar.phase(await catchingUp());
    else if (record.paused)
      throw new Error(`${name} is paused; heima projections rebuild ${readModel.name} continues it`);
    else showFill(record);
    await pause(pollIntervalMs, interrupted);
  }
  return undefined;

  function showFill(record: BuildRecord): void {
    const { fillProgress, waits } = record;
    const heard = Math.max(since, fillProgress?.at.getTime() ?? 0);
    if (waits && isWaiting(record)) bar.phase(waitsText(waits));
    else if (Date.now() - heard > silentMs) bar.phase("no worker is filling it; are workers of this release running?");
    else if (fillProgress !== null && fillProgress.at.getTime() >= since) bar.fill(fillProgress);
  }

  async function catchingUp(): Promise<string> {
    const builds = await catalog.buildsOf(readModel);
    const own = builds.find((build) => build.name === name);
    const live = builds.find(({ state }) => state === "live");
    if (own === undefined || live === undefined || !(await parksMore(store, own.build, live.build))) {
      return "catching up with the log";
    }
    return `waiting: it has parked keys that ${live.name} does not have; see heima projections parked ${readModel.name}`;
  }
}

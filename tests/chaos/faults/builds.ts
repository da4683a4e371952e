import { setTimeout as sleep } from "node:timers/promises";
import { createCatalog } from "../../../src/projections/catalog/catalog.ts";
import { readModels } from "../../../src/projections/registry.ts";
import { type FaultContext, insist } from "./fault.ts";

/** Maximum time for a build despite faults: the remaining run, and some more. */
const patienceMs = 150_000;

/** A new build of a read model, sometimes with another number of partitions: workers fill it, the dispatcher swaps it in. */
export async function rebuild({ world, random }: FaultContext): Promise<string> {
  const catalog = createCatalog(world.pool);
  const readModel = random.pick(readModels);
  const partitions = random.pick([2, 2, 1, 3, 5]);
  const build = await insist(() => catalog.add(readModel, partitions));
  if (build === undefined) throw new Error(`no build of ${readModel.name} was added`);
  const begun = Date.now();
  for (;;) {
    const found = await insist(() => catalog.list());
    const { state, reason } = found.find(({ name }) => name === build.name) ?? {};
    const seconds = ((Date.now() - begun) / 1_000).toFixed(1);
    // A later build of the same read model may take over from this one, or before it.
    if (state === "live" || (state === "retired" && reason?.endsWith("took its place")))
      return `rebuild: ${build.name} with ${partitions} partitions is live after ${seconds} s`;
    // The search engine was emptied: another build replaces it automatically.
    if (readModel.index !== undefined && reason?.endsWith("is gone"))
      return `rebuild: ${build.name} lost its index after ${seconds} s`;
    if (state !== "building") throw new Error(`the build ${build.name} is ${state}: ${reason}`);
    if (Date.now() - begun > patienceMs) throw new Error(`the build ${build.name} is not live after ${seconds} s`);
    await sleep(200);
  }
}

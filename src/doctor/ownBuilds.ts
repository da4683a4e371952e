import type { ReadModel } from "../projections/engine/core/declaration.ts";
import type { BuildCatalog } from "../projections/engine/ports/buildCatalog.ts";

/** The building and live builds of these read models, in their order and by one statement. Rejects as `buildsOf` does. */
export async function ownBuilds(catalog: Pick<BuildCatalog, "buildsOf">, readModels: readonly ReadModel[]) {
  // What is asked for in one turn of the event loop shares a statement.
  return (await Promise.all(readModels.map((readModel) => catalog.buildsOf(readModel)))).flat();
}

import type { ReadModel } from "./engine/core/declaration.ts";

/** The schema of the views that queries of this read model's version read. */
export function viewSchema({ name, version }: Pick<ReadModel, "name" | "version">): string {
  return `${name}_v${version}`;
}

/** The alias that queries of a read model with an index read: it points to the live build of the declared version. */
export function indexAlias(prefix: string, readModel: Pick<ReadModel, "name" | "version">): string {
  return `${prefix}-${viewSchema(readModel)}`;
}

/**
 * The view of each table of a read model, `schema.name`, for use in queries: it shows the live build of the declared version,
 * so that queries never mention versions.
 */
export function viewsOf<Name extends string, Table extends string>(readModel: {
  readonly name: Name;
  readonly version: number;
  readonly tables: Readonly<Record<Table, unknown>>;
}): Readonly<Record<Table, string>> {
  const names = Object.keys(readModel.tables) as Table[];
  return Object.fromEntries(names.map((name) => [name, `${viewSchema(readModel)}.${name}`])) as Record<Table, string>;
}

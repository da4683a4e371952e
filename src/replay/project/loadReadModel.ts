import type { EventDefinitions } from "../../domain/event.ts";
import { allEvents } from "../../domain/events.ts";
import { categories } from "../../domain/streams.ts";
import type { ReadModel } from "../../projections/engine/core/declaration.ts";
import { importFile } from "../importFile.ts";

/** A read model and the digest of its file. */
export type LoadedReadModel = { readonly readModel: ReadModel; readonly digest: string };

/** Loads the one read model that a file declares, by whatever name it exports it. Rejects with an Error for people. */
export async function loadReadModel(path: string): Promise<LoadedReadModel> {
  const { exported, digest } = await importFile(path, "declaration of a read model");
  try {
    return { readModel: readModelIn(exported), digest };
  } catch (error) {
    throw new Error(`${path} declares no read model: ${(error as Error).message}`, { cause: error });
  }
}

function readModelIn(exported: Readonly<Record<string, unknown>>): ReadModel {
  const found = [...new Set(Object.values(exported).filter(isReadModel))];
  const [readModel] = found;
  if (readModel === undefined) throw new Error("it exports nothing that defineReadModel made");
  if (found.length > 1) throw new Error(`it exports ${found.length} read models, and must export one`);
  checkDeclaration(readModel);
  return readModel;
}

function isReadModel(value: unknown): value is ReadModel {
  if (typeof value !== "object" || value === null) return false;
  return ["name", "version", "partitionKey", "categories", "tables", "on"].every((field) => field in value);
}

/** The checks of the compiler, for files that are not compiled. */
function checkDeclaration({ name, partitionKey, categories: read, tables, on }: ReadModel): void {
  if (!/^[a-z][a-z0-9_]{0,30}$/.test(name)) throw new Error(`its name ${name} is not of a-z, 0-9 and _`);
  if (partitionKey !== "reader" && partitionKey !== "book")
    throw new Error("its partitionKey is neither reader nor book");
  const unknown = read.find((category) => !categories.includes(category));
  if (unknown !== undefined) throw new Error(`there are no streams of the category ${unknown}`);
  const types = Object.keys(on).filter((type) => !Object.hasOwn(allEvents as EventDefinitions, type));
  if (types.length > 0) throw new Error(`there are no events of type ${types.join(", ")}`);
  for (const [table, { columns, primaryKey }] of Object.entries(tables)) {
    if (!/^[a-z][a-z0-9_]{0,60}$/.test(table) || table === "checkpoints")
      throw new Error(`${table} cannot be the name of a table`);
    const missing = primaryKey.filter((column) => !Object.hasOwn(columns, column));
    if (primaryKey.length === 0 || missing.length > 0)
      throw new Error(`the primary key of ${table} is not of its columns`);
  }
}

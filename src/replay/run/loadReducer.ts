import type { EventDefinitions } from "../../domain/event.ts";
import { allEvents } from "../../domain/events.ts";
import { importFile } from "../importFile.ts";
import { asReducer, type Reducer } from "./reducer.ts";

const knownTypes: ReadonlySet<string> = new Set(Object.keys(allEvents as EventDefinitions));

/** A reducer and the digest of its file, by which a snapshot is accepted. */
export type LoadedReducer = { readonly reducer: Reducer; readonly digest: string };

/** Loads a reducer from a TypeScript or JavaScript file. Rejects with an Error for people. */
export async function loadReducer(path: string): Promise<LoadedReducer> {
  const { exported, digest } = await importFile(path, "reducer");
  try {
    return { reducer: asReducer(exported, knownTypes), digest };
  } catch (error) {
    throw new Error(`${path} is no reducer: ${(error as Error).message}`, { cause: error });
  }
}

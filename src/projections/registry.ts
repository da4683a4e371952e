import { collected } from "./collected/collected.ts";
import type { ReadModel } from "./engine/core/declaration.ts";
import { library } from "./library/library.ts";
import { shelf } from "./shelf/shelf.ts";

const registered = [shelf, library, collected] as const;

/** Every read model of the system. */
export const readModels: readonly ReadModel[] = registered;

export type ReadModelName = (typeof registered)[number]["name"];

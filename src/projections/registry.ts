import { collected } from "./collected/collected.ts";
import type { ReadModel } from "./engine/declaration.ts";
import { library } from "./library/library.ts";
import { shelf } from "./shelf/shelf.ts";

/** Every read model of the system. */
export const readModels: readonly ReadModel[] = [shelf, library, collected];

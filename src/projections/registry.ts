import { blocklist } from "./blocklist/blocklist.ts";
import { books } from "./books/books.ts";
import { changes } from "./changes/changes.ts";
import { collected } from "./collected/collected.ts";
import type { ReadModel } from "./engine/core/declaration.ts";
import { featured } from "./featured/featured.ts";
import { heat } from "./heat/heat.ts";
import { history } from "./history/history.ts";
import { keywords } from "./keywords/keywords.ts";
import { library } from "./library/library.ts";
import { preferences } from "./preferences/preferences.ts";
import { bookmarks } from "./reading/bookmarks.ts";
import { places } from "./reading/places.ts";
import { readingTime } from "./reading/readingTime.ts";
import { rounds } from "./reading/rounds.ts";
import { shelf } from "./shelf/shelf.ts";

const registered = [
  // Builds are added in this order.
  shelf,
  library,
  books,
  collected,
  heat,
  places,
  readingTime,
  rounds,
  bookmarks,
  history,
  keywords,
  preferences,
  featured,
  blocklist,
  changes,
] as const;

/** All read models of the system. */
export const readModels: readonly ReadModel[] = registered;

export type ReadModelName = (typeof registered)[number]["name"];

/** The read model with this name, as people wrote it. Throws an Error for them if there is none. */
export function findReadModel(name: string): ReadModel {
  const found = readModels.find((readModel) => readModel.name === name);
  if (found === undefined) throw new Error(`there is no read model ${name}`);
  return found;
}

/** The read model with this name. */
export function readModelOf(name: ReadModelName): ReadModel {
  return findReadModel(name);
}

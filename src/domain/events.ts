import { type HeimaEvent, streams } from "./streams.ts";

export type { HeimaEvent };

type Definitions = (typeof streams)[number]["events"];
type AllTogether<Union> = (Union extends unknown ? (one: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/** Every event type that the system writes, by name. */
export const allEvents = Object.assign({}, ...streams.map(({ events }) => events)) as AllTogether<Definitions>;

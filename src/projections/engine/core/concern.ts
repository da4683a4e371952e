import { allEvents } from "../../../domain/events.ts";
import { categoryOf } from "../../../domain/streams.ts";
import { handles, type ReadModel } from "./declaration.ts";

/**
 * Classifies an event for a read model: `handled`; `unhandled`: it changes nothing; `unknown`: this release does not know the
 * type, so that a newer worker must decide. The store's own events in our streams (`$streamDeleted`) change nothing; events of
 * operators are in every subscription and change no rows.
 */
export function concernOf(
  readModel: ReadModel,
  { type, stream }: { readonly type: string; readonly stream: string },
): "handled" | "unhandled" | "unknown" {
  if (handles(readModel, type)) return "handled";
  if (type.startsWith("$")) return "unhandled";
  return Object.hasOwn(allEvents, type) || categoryOf(stream) === "operations" ? "unhandled" : "unknown";
}

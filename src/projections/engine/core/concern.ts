import { allEvents } from "../../../domain/events.ts";
import { categoryOf } from "../../../domain/streams.ts";
import { handles, type ReadModel } from "./declaration.ts";

/**
 * What an event is to a read model: `handled`; `unhandled`: it changes nothing; `unknown`: this release does not know the type,
 * so that a newer worker must say. What the store writes into our streams itself (`$streamDeleted`) changes nothing, and what operators do is in every subscription and changes no rows, whatever its type.
 */
export function concernOf(
  readModel: ReadModel,
  { type, stream }: { readonly type: string; readonly stream: string },
): "handled" | "unhandled" | "unknown" {
  if (handles(readModel, type)) return "handled";
  if (type.startsWith("$")) return "unhandled";
  return Object.hasOwn(allEvents, type) || categoryOf(stream) === "operations" ? "unhandled" : "unknown";
}

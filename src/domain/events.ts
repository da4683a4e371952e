import { type AccountEvent, accountEvents } from "./account/events.ts";
import { type LibraryEvent, libraryEvents } from "./library/events.ts";
import { type OperationsEvent, operationsEvents } from "./operations/events.ts";
import { type ShelfEvent, shelfEvents } from "./shelf/events.ts";

/** Every event type that the system writes, by name: what the codec knows. */
export const allEvents = { ...shelfEvents, ...accountEvents, ...libraryEvents, ...operationsEvents };

export type HeimaEvent = ShelfEvent | AccountEvent | LibraryEvent | OperationsEvent;

import { shelf } from "../../../src/projections/shelf/shelf.ts";

/** The shelf without the effect of pins. */
const { ShelfBookPinned: _, ...on } = shelf.on;
export const unpinnedShelf = { ...shelf, version: 99, on };

import { shelf } from "../../../src/projections/shelf/shelf.ts";

/** The shelf as it would be if pins did not count. */
const { ShelfBookPinned: _, ...on } = shelf.on;
export const unpinnedShelf = { ...shelf, version: 99, on };

/** The files differ from what was written. Damaged data are never returned. */
export class DamagedStore extends Error {}

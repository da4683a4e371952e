/** The files are not as they were written. What is known to be wrong is never read as if it were right. */
export class DamagedStore extends Error {}

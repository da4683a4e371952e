/** The most keys that a build may have parked: more are no longer single bad events, and the build stops. */
export const maxParkedKeys = 100;

/** What is kept of an error's message, in UTF-16 units. */
export const maxErrorLength = 500;

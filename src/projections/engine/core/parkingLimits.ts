/** The maximum number of parked keys of a build, each counted once. Beyond it the fault is not in single events, and the build stops. */
export const maxParkedKeys = 100;

/** The stored length of an error message, in UTF-16 units. */
export const maxErrorLength = 500;

/** Maximum time for which a response that depends on heat may be cached, in milliseconds; heat is refreshed periodically. */
export const heatMaxAgeMs = 10_000;

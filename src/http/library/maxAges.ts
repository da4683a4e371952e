/** Maximum time for which a response that depends on heat may be cached, in milliseconds; heat is refreshed periodically. */
export const heatMaxAgeMs = 10_000;

/** Maximum age of the library's data about a book in a list, such as its title, in milliseconds. The list itself is current. */
export const titlesMaxAgeMs = 2_000;

/** Maximum age of the numbers of books and of shelves, in milliseconds. */
export const countsMaxAgeMs = 2_000;

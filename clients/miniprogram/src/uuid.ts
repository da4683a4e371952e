/**
 * A UUID, version 4. Mini-programs have no `crypto`, so of `Math.random`: a key has to differ from the other keys of the same
 * reader, and need not be hard to guess.
 */
export function uuid(): string {
  return "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx".replace(/[xy]/g, (place) => {
    const digit = Math.floor(Math.random() * 16);
    return (place === "x" ? digit : (digit % 4) + 8).toString(16);
  });
}

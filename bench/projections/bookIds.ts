const letters = "abcdefghijklmnopqrstuvwxyz0123456789";

/** A random id in the form of the library's book ids. */
export function freshBookId(): string {
  let id = "";
  for (let index = 0; index < 12; index++) id += letters[Math.floor(Math.random() * letters.length)];
  return id;
}

const letters = "abcdefghijklmnopqrstuvwxyz0123456789";

/** An id as the library's books have, at random. */
export function freshBookId(): string {
  let id = "";
  for (let index = 0; index < 12; index++) id += letters[Math.floor(Math.random() * letters.length)];
  return id;
}

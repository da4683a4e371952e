/** Returns a random item of a list that is not empty. */
export function any<Item>(list: readonly Item[]): Item {
  return list[Math.floor(Math.random() * list.length)] as Item;
}

import type { Random } from "../random.ts";
import type { Sent } from "./readerCommand.ts";

export const capacity = 2_000;

/** Most commands shelve or unshelve a book; the others pin, group and order existing books, or undo a removal. */
export function anyShelfCommand(books: readonly string[], random: Random): Sent {
  const category = "shelf";
  const bookId = random.pick(books);
  const book = `/shelf/${bookId}`;
  const chance = random.next();
  if (chance < 0.42) {
    return { category, command: { type: "AddBookToShelf", bookId, capacity }, method: "PUT", path: book };
  }
  if (chance < 0.68) {
    return { category, command: { type: "RemoveBooksFromShelf", bookIds: [bookId] }, method: "DELETE", path: book };
  }
  if (chance < 0.78) {
    return { category, command: { type: "UndoRemoval", at: "", capacity }, method: "POST", path: "/shelf/undo" };
  }
  const group = random.pick(["night", "old", "train"]);
  const bookIds = random.shuffle(books).slice(0, 8);
  const pins = random.pick([true, false]);
  const into = random.pick([group, null]);
  const name = random.pick(["夜读", "古典", "地铁", "睡前"]);
  const groups = [group];
  return random.pick<Sent>([
    {
      category,
      command: { type: "ReorderBooks", bookIds },
      method: "PUT",
      path: "/shelf/order",
      body: { bookIds },
    },
    {
      category,
      command: { type: pins ? "PinBook" : "UnpinBook", bookId },
      method: pins ? "PUT" : "DELETE",
      path: `${book}/pin`,
    },
    {
      category,
      command: { type: "MoveBookToGroup", bookId, group: into },
      method: "PUT",
      path: `${book}/group`,
      body: { group: into },
    },
    {
      category,
      command: { type: "NameGroup", group, name },
      method: "PUT",
      path: `/shelf/groups/${group}`,
      body: { name },
    },
    { category, command: { type: "DeleteGroup", group }, method: "DELETE", path: `/shelf/groups/${group}` },
    {
      category,
      command: { type: "ReorderGroups", groups },
      method: "PUT",
      path: "/shelf/groups/order",
      body: { groups },
    },
  ]);
}

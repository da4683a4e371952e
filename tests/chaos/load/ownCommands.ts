import type { Random } from "../random.ts";
import type { Sent } from "./readerCommand.ts";

/** A reader opens books, and removes them from the history. */
export function anyHistoryCommand(books: readonly string[], random: Random): Sent {
  const category = "history";
  const bookId = random.pick(books);
  const path = `/history/${bookId}`;
  const chance = random.next();
  if (chance < 0.6) return { category, command: { type: "OpenBook", bookId, at: "" }, method: "PUT", path };
  if (chance < 0.75)
    return { category, command: { type: "RemoveBookFromHistory", bookId, at: "" }, method: "DELETE", path };
  if (chance < 0.82) return { category, command: { type: "ClearHistory", at: "" }, method: "DELETE", path: "/history" };
  return { category, command: { type: "UndoRemoval", at: "" }, method: "POST", path: "/history/undo" };
}

/** A reader changes preferences. */
export function anyChoice(random: Random): Sent {
  if (random.next() < 0.5) {
    const progressPolicy = random.pick(["latest", "furthest", "ask"] as const);
    const chosen = random.pick([{ progressPolicy }, { channel: random.pick(["male", "female", null] as const) }]);
    return {
      category: "preferences",
      command: { type: "ChoosePreferences", ...chosen },
      method: "PUT",
      path: "/preferences",
      body: chosen,
    };
  }
  const adjusted = random.pick([
    { brightness: random.between(10, 100) },
    { fontSize: random.between(8, 48) },
    { background: random.pick(["B1", "B2", "B3"] as const), pageTurn: random.pick(["T1", "T2", "T3"] as const) },
  ]);
  return {
    category: "preferences",
    command: { type: "AdjustSettings", ...adjusted },
    method: "PUT",
    path: "/settings",
    body: adjusted,
  };
}

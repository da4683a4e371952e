import { type Journal, type ShownBook, shelfAsShown } from "./journal.ts";
import { type Addresses, askAs, type Deadline, type Reader } from "./reader.ts";

/** A reader looks at the shelf, now with the token of the last command, now without; what is shown goes into the journal. */
export async function look(at: Addresses, reader: Reader, journal: Journal, deadline: Deadline): Promise<void> {
  const { consistencyToken, position, random } = reader;
  const withToken = consistencyToken !== null && random.next() < 0.4;
  const headers: Record<string, string> = withToken ? { "consistency-token": consistencyToken } : {};
  const answer = await askAs(at, reader, "/v1/shelf?limit=100", { headers }, journal, deadline);
  if (answer === undefined) return;
  if (answer.status !== 200) {
    journal.surprises.push(`the shelf answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    return;
  }
  const isCurrent = withToken && answer.headers.get("consistency") === "current";
  if (withToken) journal.counts[isCurrent ? "current" : "stale"]++;
  const { items } = answer.body as { items: ShownBook[] };
  journal.shown.push({
    readerId: reader.id,
    current: isCurrent ? position : null,
    shelf: shelfAsShown(items),
  });
}

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ShelfCommand } from "../../../src/domain/shelf/decider.ts";
import type { Random } from "../random.ts";
import type { Answer } from "./ask.ts";
import type { Journal } from "./journal.ts";
import { type Addresses, askAs, type Deadline, type Reader, type Sent } from "./reader.ts";

/** Of how many earlier commands one may be repeated. The system remembers 500 of a stream. */
const recentCommands = 20;

/**
 * Sends one command of a reader and repeats it with its key until it is acknowledged; now and then repeats it, or an earlier
 * one, once more. A command that has no answer by the deadline is a surprise: the system did not come back.
 */
export async function sendCommand(
  at: Addresses,
  reader: Reader,
  books: readonly string[],
  journal: Journal,
  deadline: Deadline,
): Promise<void> {
  const { random } = reader;
  const sent = anyCommand(books, random);
  const commandId = randomUUID();
  const sentAt: string[] = [];
  for (let tries = 1; ; tries++) {
    sentAt.push(new Date().toISOString());
    const answer = await send(at, reader, commandId, sent, journal, deadline);
    const asked = { commandId, readerId: reader.id, command: sent.command, sentAt };
    // A book or a group that is not there, or a name that is taken.
    if (arranges(sent.command) && (answer?.status === 404 || answer?.status === 409)) {
      const { code } = answer.body as { code: string };
      journal.refused.push({ ...asked, code, answeredAt: new Date().toISOString() });
      return;
    }
    if (answer?.status === 200) {
      const { events, position } = answer.body as { events: string[]; position: string | null };
      const told = { ...asked, events, position, answeredAt: new Date().toISOString() };
      journal.acknowledged.push(told);
      if (position !== null && events.length > 0) {
        reader.recent = [...reader.recent, { sent, told }].slice(-recentCommands);
        reader.position = BigInt(position);
        reader.consistencyToken = answer.headers.get("consistency-token");
      }
      break;
    }
    if (answer !== undefined || deadline.isOver()) {
      journal.surprises.push(
        answer === undefined
          ? `${sent.command.type} ${commandId} of ${reader.id} had no answer for ${tries} tries`
          : `${sent.command.type} answered ${answer.status}: ${JSON.stringify(answer.body)}`,
      );
      reader.lost = true;
      return;
    }
    await sleep(Math.min(50 * 2 ** tries, 3_000) * (0.5 + random.next()));
  }
  if (random.next() < 0.05) await repeat(at, reader, journal, deadline);
}

/** Repeats a command that wrote: the answer is the first one. */
async function repeat(at: Addresses, reader: Reader, journal: Journal, deadline: Deadline): Promise<void> {
  if (reader.recent.length === 0) return;
  const { sent, told } = reader.random.pick(reader.recent);
  const answer = await send(at, reader, told.commandId, sent, journal, deadline);
  if (answer === undefined) return;
  journal.counts.repeats++;
  const { position, events } = answer.body as { position?: string | null; events?: string[] };
  if (answer.status !== 200 || position !== told.position || events?.join() !== told.events.join()) {
    journal.surprises.push(
      `a repeat answered ${answer.status} ${JSON.stringify(answer.body)}, first ${JSON.stringify(told)}`,
    );
  }
}

/** Whether it is about the order of a shelf and not about what is on it. */
const arranges = ({ type }: ShelfCommand) => type !== "AddBookToShelf" && type !== "RemoveBooksFromShelf";

/** Most commands shelve or unshelve a book; the others pin, group and order what is there. */
function anyCommand(books: readonly string[], random: Random): Sent {
  const bookId = random.pick(books);
  const chance = random.next();
  if (chance < 0.45) {
    const command = { type: "AddBookToShelf", bookId, capacity: 2_000 } as const;
    return { command, method: "PUT", path: `/${bookId}` };
  }
  if (chance < 0.75) {
    return { command: { type: "RemoveBooksFromShelf", bookIds: [bookId] }, method: "DELETE", path: `/${bookId}` };
  }
  const group = random.pick(["night", "old", "train"]);
  const bookIds = random.shuffle(books).slice(0, 8);
  const pins = random.pick([true, false]);
  const into = random.pick([group, null]);
  const name = random.pick(["夜读", "古典", "地铁", "睡前"]);
  const groups = [group];
  const arranging: readonly Sent[] = [
    { command: { type: "ReorderBooks", bookIds }, method: "PUT", path: "/order", body: { bookIds } },
    {
      command: { type: pins ? "PinBook" : "UnpinBook", bookId },
      method: pins ? "PUT" : "DELETE",
      path: `/${bookId}/pin`,
    },
    {
      command: { type: "MoveBookToGroup", bookId, group: into },
      method: "PUT",
      path: `/${bookId}/group`,
      body: { group: into },
    },
    { command: { type: "NameGroup", group, name }, method: "PUT", path: `/groups/${group}`, body: { name } },
    { command: { type: "DeleteGroup", group }, method: "DELETE", path: `/groups/${group}` },
    { command: { type: "ReorderGroups", groups }, method: "PUT", path: "/groups/order", body: { groups } },
  ];
  return random.pick(arranging);
}

function send(
  at: Addresses,
  reader: Reader,
  commandId: string,
  { method, path, body }: Sent,
  journal: Journal,
  deadline: Deadline,
): Promise<Answer | undefined> {
  const key = { "idempotency-key": commandId };
  const init =
    body === undefined
      ? { method, headers: key }
      : { method, headers: { ...key, "content-type": "application/json" }, body: JSON.stringify(body) };
  return askAs(at, reader, `/v1/shelf${path}`, init, journal, deadline);
}

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Category, streams } from "../../../src/domain/streams.ts";
import { anyCommand } from "./anyCommand.ts";
import type { Answer } from "./ask.ts";
import type { Journal } from "./journal.ts";
import { type Addresses, askAs, type Deadline, type Reader } from "./reader.ts";
import type { KnownBook, ReaderCommand, Sent } from "./readerCommand.ts";

/** The number of earlier commands from which one may be repeated. The system remembers 500 of a stream. */
const recentCommands = 20;

/**
 * Sends one command of a reader and repeats it with its key until it is acknowledged; sometimes repeats it, or an earlier one, once
 * more. A command without an answer by the deadline is a finding: the system did not recover.
 */
export async function sendCommand(
  at: Addresses,
  reader: Reader,
  books: readonly KnownBook[],
  journal: Journal,
  deadline: Deadline,
): Promise<void> {
  const { random } = reader;
  const sent = anyCommand(books, reader);
  const commandId = randomUUID();
  const sentAt: string[] = [];
  for (let tries = 1; ; tries++) {
    sentAt.push(new Date().toISOString());
    const { gone } = reader;
    const answer = await send(at, reader, commandId, sent, journal, deadline);
    const { category, command } = sent;
    const asked = { commandId, readerId: reader.id, ...({ category, command } as ReaderCommand), sentAt };
    if (reader.asked && (saysErased(answer) || gone)) {
      if (gone && answer !== undefined && !saysErased(answer) && answer.status !== 401)
        journal.surprises.push(`${command.type} of the erased ${reader.id} answered ${answer.status}`);
      return;
    }
    const { code = "" } = (answer?.body ?? {}) as { code?: string };
    // A missing book or group, a name in use, or nothing to undo.
    if (refusalsOf.get(category as Category)?.includes(code)) {
      journal.refused.push({ ...asked, code, answeredAt: new Date().toISOString() });
      return;
    }
    if (answer?.status === 200) {
      const { events, position } = answer.body as { events: string[]; position: string | null };
      const told = { ...asked, events, position, answeredAt: new Date().toISOString() };
      journal.acknowledged.push(told);
      if (position !== null && events.length > 0) {
        reader.recent = [...reader.recent, { sent, told }].slice(-recentCommands);
        const token = answer.headers.get("consistency-token");
        if (token !== null)
          reader.written = new Map(reader.written).set(category, { token, position: BigInt(position) });
      }
      break;
    }
    if (answer !== undefined || deadline.isOver()) {
      if (reader.asked && answer?.status === 401) return;
      journal.surprises.push(
        answer === undefined
          ? `${command.type} ${commandId} of ${reader.id} had no answer for ${tries} tries`
          : `${command.type} answered ${answer.status}: ${JSON.stringify(answer.body)}`,
      );
      reader.lost = true;
      return;
    }
    await sleep(Math.min(50 * 2 ** tries, 3_000) * (0.5 + random.next()));
  }
  if (!reader.asked && random.next() < 0.05) await repeat(at, reader, journal, deadline);
}

/** Repeats a command that wrote: it must get the first answer. */
async function repeat(at: Addresses, reader: Reader, journal: Journal, deadline: Deadline): Promise<void> {
  if (reader.recent.length === 0) return;
  const { sent, told } = reader.random.pick(reader.recent);
  const answer = await send(at, reader, told.commandId, sent, journal, deadline);
  if (answer === undefined || reader.asked) return;
  journal.counts.repeats++;
  const { position, events } = answer.body as { position?: string | null; events?: string[] };
  if (answer.status !== 200 || position !== told.position || events?.join() !== told.events.join()) {
    journal.surprises.push(
      `a repeat answered ${answer.status} ${JSON.stringify(answer.body)}, first ${JSON.stringify(told)}`,
    );
  }
}

/** The codes of refusals that a reader's command may meet, by its stream. */
const refusalsOf = new Map(streams.map(({ category, refusals }) => [category, Object.keys(refusals)]));

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
  return askAs(at, reader, `/v1${path}`, init, journal, deadline);
}

/** Returns whether the answer reports the erasure: the tokens, or the stream, are invalid. */
export function saysErased(answer: Answer | undefined): boolean {
  const { code } = (answer?.body ?? {}) as { code?: string };
  return (answer?.status === 401 && code === "reader_erased") || (answer?.status === 410 && code === "erased");
}

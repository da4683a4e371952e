import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "./random.ts";

type Action = "shelve" | "unshelve" | "arrange";
type Sent = {
  readonly action: Action;
  readonly bookId: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
};

/** A command that was acknowledged: what the reader was told it did. */
export type Acknowledged = {
  readonly commandId: string;
  readonly readerId: string;
  readonly bookId: string;
  readonly action: Action;
  readonly events: readonly string[];
  readonly position: string | null;
  readonly tries: number;
};

export type Journal = {
  readonly acknowledged: Acknowledged[];
  /** What no reader should ever see: an answer that is neither a success nor a passing failure. */
  readonly surprises: string[];
  /** Token queries that were answered `current`, and `stale`. */
  readonly current: { count: number };
  readonly stale: { count: number };
};

type Reader = { readonly id: string; readonly token: string };

/** A reader who has done everything, and what must be on the shelf then. */
export type DoneReader = Reader & { readonly shelf: ReadonlySet<string> };

/** Answers that say "again": the process or a part of it is away, or the outcome is not known. */
const passing = new Set([502, 503, 504]);

/** Logs a new reader in through the WeChat stand-in; tries until it works. */
export async function logIn(stack: { api: string; wechat: string }, user: string): Promise<Reader> {
  for (;;) {
    const login = await ask(`${stack.wechat}/wx.login?user=${user}`, {}).catch(() => undefined);
    const { code } = (login?.body ?? {}) as { code?: string };
    const answer =
      code === undefined
        ? undefined
        : await ask(`${stack.api}/v1/auth/wechat`, {
            method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ code }),
          }).catch(() => undefined);
    if (answer?.status === 200) {
      const { accessToken, reader } = answer.body as { accessToken: string; reader: { id: string } };
      return { id: reader.id, token: accessToken };
    }
    await sleep(200);
  }
}

/**
 * One reader with one device: shelves, unshelves and arranges at random, one command after the other, repeating each with its key
 * until it is acknowledged; now and then looks at the shelf, with the token and without. Ends at the first acknowledgement after
 * `until`; undefined if it met a surprise.
 */
export async function read(
  stack: { api: string; wechat: string },
  user: string,
  books: readonly string[],
  random: Random,
  pace: { untilMs: number; thinkMs: number },
  journal: Journal,
): Promise<DoneReader | undefined> {
  let reader = await logIn(stack, user);
  let loggedInAt = Date.now();
  const shelf = new Set<string>();
  while (Date.now() < pace.untilMs) {
    await sleep(random.next() * 2 * pace.thinkMs);
    if (Date.now() - loggedInAt > 10 * 60_000) {
      reader = await logIn(stack, user);
      loggedInAt = Date.now();
    }
    const sent = anyCommand(books, random);
    const { action, bookId } = sent;
    const commandId = randomUUID();
    const again = random.next() < 0.05;
    let token: string | null = null;
    for (let tries = 1; ; tries++) {
      const answer = await command(stack, reader, commandId, sent).catch(() => undefined);
      // A book or a group that is not there, or a name that is taken: refused, and nothing was written.
      if (action === "arrange" && (answer?.status === 404 || answer?.status === 409)) break;
      if (answer?.status === 200) {
        const { events, position } = answer.body as { events: string[]; position: string | null };
        journal.acknowledged.push({ commandId, readerId: reader.id, bookId, action, events, position, tries });
        token = answer.headers.get("consistency-token");
        break;
      }
      if (answer !== undefined && !passing.has(answer.status)) {
        journal.surprises.push(`${action} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
        return undefined;
      }
      await sleep(Math.min(50 * 2 ** tries, 1_000) * (0.5 + random.next()));
    }
    if (action === "shelve") shelf.add(bookId);
    else if (action === "unshelve") shelf.delete(bookId);
    if (again) await repeat(stack, reader, commandId, sent, journal);
    if (token !== null && random.next() < 0.1) await look(stack, reader, shelf, token, journal);
    // Makes an answer that is kept, of whatever the read model has come to.
    if (random.next() < 0.3) await shownTo(stack, reader);
  }
  return { ...reader, shelf };
}

/** How long after the read models have come right a shelf may be shown as it was. */
const keptForMs = 5_000;

/** A line for each reader who is still shown another shelf than the right one, by a query without a token. */
export async function shownWrong(stack: { api: string }, readers: readonly DoneReader[]): Promise<string[]> {
  const until = Date.now() + keptForMs;
  const wrong = await Promise.all(
    readers.map(async (reader) => {
      const right = inOrder(reader.shelf);
      for (;;) {
        const shown = await shownTo(stack, reader);
        if (shown === right) return [];
        if (Date.now() > until) return [`the shelf of ${reader.id} is shown as ${shown} instead of ${right}`];
        await sleep(200);
      }
    }),
  );
  return wrong.flat();
}

/** The books that a reader is shown, sorted and joined; undefined when there is no answer. */
async function shownTo(stack: { api: string }, reader: Reader): Promise<string | undefined> {
  const headers = { authorization: `Bearer ${reader.token}` };
  const answer = await ask(`${stack.api}/v1/shelf?limit=100`, { headers }).catch(() => undefined);
  return answer?.status === 200 ? booksIn(answer.body) : undefined;
}

function booksIn(body: unknown): string {
  const { items } = body as { items: { bookId: string }[] };
  return inOrder(items.map((item) => item.bookId));
}

/** Book ids as text that compares: sorted and joined. */
const inOrder = (bookIds: Iterable<string>) => [...bookIds].sort().join();

/** Most commands shelve or unshelve a book; the others pin, group and order what is there. */
function anyCommand(books: readonly string[], random: Random): Sent {
  const bookId = random.pick(books);
  const chance = random.next();
  if (chance < 0.45) return { action: "shelve", bookId, method: "PUT", path: `/${bookId}` };
  if (chance < 0.75) return { action: "unshelve", bookId, method: "DELETE", path: `/${bookId}` };
  const group = random.pick(["night", "old", "train"]);
  const arranging: readonly Omit<Sent, "action" | "bookId">[] = [
    { method: "PUT", path: "/order", body: { bookIds: random.shuffle(books).slice(0, 8) } },
    { method: random.pick(["PUT", "DELETE"]), path: `/${bookId}/pin` },
    { method: "PUT", path: `/${bookId}/group`, body: { group: random.pick([group, null]) } },
    { method: "PUT", path: `/groups/${group}`, body: { name: random.pick(["夜读", "古典", "地铁", "睡前"]) } },
    { method: "DELETE", path: `/groups/${group}` },
    { method: "PUT", path: "/groups/order", body: { groups: [group] } },
  ];
  return { action: "arrange", bookId, ...random.pick(arranging) };
}

function command(stack: { api: string }, reader: Reader, commandId: string, { method, path, body }: Sent) {
  const headers = { authorization: `Bearer ${reader.token}`, "idempotency-key": commandId };
  const init =
    body === undefined
      ? { headers }
      : { headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) };
  return ask(`${stack.api}/v1/shelf${path}`, { method, ...init });
}

/** Sends an acknowledged command once more with its key: one that wrote must be given its first answer. */
async function repeat(
  stack: { api: string },
  reader: Reader,
  commandId: string,
  sent: Sent,
  journal: Journal,
): Promise<void> {
  const first = journal.acknowledged.findLast((entry) => entry.commandId === commandId);
  const answer = await command(stack, reader, commandId, sent).catch(() => undefined);
  if (answer === undefined || passing.has(answer.status) || first === undefined) return;
  const { position, events } = answer.body as { position?: string | null; events?: string[] };
  if (answer.status !== 200 || position !== first.position || events?.join() !== first.events.join()) {
    journal.surprises.push(
      `a repeat answered ${answer.status} ${JSON.stringify(answer.body)}, first ${JSON.stringify(first)}`,
    );
  }
}

/** Reads the shelf with the token of the last command: an answer that calls itself current must show it. */
async function look(
  stack: { api: string },
  reader: Reader,
  shelf: ReadonlySet<string>,
  token: string,
  journal: Journal,
): Promise<void> {
  const answer = await ask(`${stack.api}/v1/shelf?limit=100`, {
    headers: { authorization: `Bearer ${reader.token}`, "consistency-token": token },
  }).catch(() => undefined);
  if (answer?.status !== 200) {
    if (answer !== undefined && !passing.has(answer.status))
      journal.surprises.push(`the shelf answered ${answer.status}`);
    return;
  }
  if (answer.headers.get("consistency") !== "current") {
    journal.stale.count++;
    return;
  }
  journal.current.count++;
  const seen = booksIn(answer.body);
  const right = inOrder(shelf);
  if (seen !== right) journal.surprises.push(`a current shelf of ${reader.id} showed ${seen} instead of ${right}`);
}

async function ask(url: string, init: RequestInit): Promise<{ status: number; headers: Headers; body: unknown }> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(30_000) });
  const text = await response.text();
  let body: unknown = text;
  try {
    body = JSON.parse(text);
  } catch {
    // A proxy's or a crash's answer is no JSON; the status says enough.
  }
  return { status: response.status, headers: response.headers, body };
}

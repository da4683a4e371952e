import { type Operations, openOperations, personalOperations } from "./api.js";
import { endedReader } from "./endedReader.js";
import { HeimaError } from "./errors.js";
import { createSeen } from "./seen.js";
import { type Patience, type Sent, sendWithRetries } from "./sendWithRetries.js";
import { createSession, type StoredSession } from "./session.js";
import { uuid } from "./uuid.js";
import type { Wx } from "./wx.js";

/** An operation: method and path as the API's document has them, such as `PUT /v1/shelf/{bookId}`. */
export type Operation = keyof Operations;

/** The answer of an operation. */
export type AnswerOf<Name extends Operation> = Operations[Name]["answer"];

/** What an operation takes: `params` of its path, `query` and `body`, each as far as it has them. */
export type InputOf<Name extends Operation> = Omit<Operations[Name], "answer"> & {
  /** Of a command: a UUID that names the tap. Give it to repeat a command later, after a restart say. */
  idempotencyKey?: string;
  /**
   * Sends it only as this reader, and never logs in: `reader_changed` if another one is logged in by then, `logged_out` if nobody is or
   * the session has ended. An undefined one, as `readerId()` gives it when nobody is logged in, ends with `logged_out` too: a request that
   * may log in leaves it out.
   */
  onlyAs?: string | undefined;
  /** Of this request alone. */
  patience?: Partial<Patience>;
};

type Arguments<Name extends Operation> =
  Record<string, never> extends InputOf<Name> ? [input?: InputOf<Name>] : [input: InputOf<Name>];

export interface Answered<Body> {
  body: Body;
  status: number;
  /** Of a query: whether it shows all that the reader wrote on this device in the last minute; `stale`: it may not, ask again later. */
  consistency: "current" | "stale" | undefined;
  requestId: string | undefined;
  /** The reader as whom it was sent; undefined without a token. */
  readerId: string | undefined;
}

export interface ClientOptions {
  /** Such as `https://api.example.com`; the domain must be in the list of the mini-program's settings. */
  baseUrl: string;
  wx: Wx;
  /** Where the session is kept in the storage; `heima.session` unless given. */
  storageKey?: string;
  /** 10 seconds a try, 4 tries, 300 ms before the second, unless given. */
  patience?: Partial<Patience>;
}

export interface Client {
  /** Sends an operation and answers its body. Rejects with a HeimaError. */
  send<Name extends Operation>(operation: Name, ...input: Arguments<Name>): Promise<AnswerOf<Name>>;
  /** As `send`, with what the headers say. */
  exchange<Name extends Operation>(operation: Name, ...input: Arguments<Name>): Promise<Answered<AnswerOf<Name>>>;
  /** Logs in by `wx.login`. There is no need to: the first request that needs a token does it. */
  login(): Promise<{ readerId: string; isNew: boolean }>;
  /** Ends the session, here and on the server. */
  logout(): Promise<void>;
  /** The reader who is logged in, undefined before the first login. */
  readerId(): string | undefined;
  /** Calls it after each login, also one that a request began; not after a refresh. What it throws goes to `App.onError`. */
  onLogin(listener: () => void): void;
}

/** Makes the client of one mini-program; one is enough for all its pages. */
export function createClient(options: ClientOptions): Client {
  const { wx, storageKey = "heima.session" } = options;
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const usualPatience: Patience = { timeoutMs: 10_000, tries: 4, pauseMs: 300, ...options.patience };
  const session = createSession(wx, baseUrl, storageKey, usualPatience);
  const seen = createSeen();

  async function exchange<Name extends Operation>(
    operation: Name,
    ...[input]: Arguments<Name>
  ): Promise<Answered<AnswerOf<Name>>> {
    const { idempotencyKey, onlyAs, patience: own, ...parts } = (input ?? {}) as Parts & InputOf<never>;
    const only = input !== undefined && "onlyAs" in input ? { readerId: onlyAs } : undefined;
    const patience = { ...usualPatience, ...own };
    const sent = requestOf(baseUrl, operation, parts);
    const awaited = seen.of(readerIdNow());
    if (sent.method === "GET") {
      if (awaited.header !== undefined) sent.header["Consistency-Token"] = awaited.header;
    } else {
      sent.header["Idempotency-Key"] = idempotencyKey ?? uuid();
    }
    const before = session.current();
    const isOpen = openOperations.indexOf(operation) >= 0;
    // What takes a token and needs none is no reason to log in.
    const isPersonal = personalOperations.indexOf(operation) >= 0 && before !== undefined;
    const { received, readerId } =
      isOpen && !isPersonal
        ? { received: await sendWithRetries(wx, sent, patience), readerId: undefined }
        : await sendAsReader(sent, patience, only, isOpen);
    const answer: unknown = received.body;
    const ended = endedReader({ operation, sent: parts.body, answer, readerId, session: before });
    // What is left of the session is of no use; of an erased reader, a login would make a new one.
    if (ended !== undefined) session.forget(ended);
    const token = received.header("consistency-token");
    // Of a reader who has logged out meanwhile no consistency is known.
    if (token !== undefined && readerId === readerIdNow()) seen.add(token, readerId);
    const consistency = received.header("consistency") as "current" | "stale" | undefined;
    return {
      body: received.body as AnswerOf<Name>,
      status: received.status,
      consistency: consistency === "current" && !awaited.isComplete ? "stale" : consistency,
      requestId: received.header("x-request-id"),
      readerId,
    };
  }

  /**
   * Sends with an access token; one that the server does not take is renewed, once. Of an operation that is open the token is
   * optional: if there is none to be had, it is sent without.
   */
  async function sendAsReader(sent: Sent, patience: Patience, only: Only | undefined, isOptional: boolean) {
    const mayLogIn = only === undefined && !isOptional;
    // Before a refresh too: it would be of another reader's session.
    requireReader(only);
    let known: StoredSession | undefined;
    const sendBy = async (getting: Promise<StoredSession>) => {
      known = await (isOptional ? getting.catch(() => undefined) : getting);
      if (known === undefined) return { received: await sendWithRetries(wx, sent, patience), readerId: undefined };
      const { accessToken, readerId } = known;
      requireReader(only);
      const header = { ...sent.header, Authorization: `Bearer ${accessToken}` };
      return { received: await sendWithRetries(wx, { ...sent, header }, patience), readerId };
    };
    try {
      return await sendBy(session.fresh(mayLogIn));
    } catch (error) {
      if (known === undefined || !(error instanceof HeimaError) || error.status !== 401) throw error;
      if (error.code !== "reader_erased") return sendBy(session.after(known, mayLogIn));
      session.forget(known.readerId);
      throw error;
    }
  }

  const readerIdNow = () => {
    const known = session.current();
    return known === undefined ? undefined : known.readerId;
  };
  function requireReader(only: Only | undefined): void {
    if (only === undefined) return;
    const readerId = readerIdNow();
    if (only.readerId === undefined) throw new HeimaError("logged_out", "Nobody was logged in for this request.");
    if (readerId === undefined) throw new HeimaError("logged_out", `Reader ${only.readerId} is not logged in.`);
    if (only.readerId === readerId) return;
    throw new HeimaError("reader_changed", `Reader ${readerId} is logged in, not ${only.readerId}.`);
  }

  return {
    exchange,
    send: async (operation, ...input) => (await exchange(operation, ...input)).body,
    async login() {
      seen.clear();
      const { readerId, isNew } = await session.login();
      return { readerId, isNew };
    },
    logout() {
      seen.clear();
      return session.logout();
    },
    readerId: readerIdNow,
    onLogin: session.onLogin,
  };
}

/** The reader as whom alone a request is sent; nobody: it is not sent. */
interface Only {
  readerId: string | undefined;
}

type Parts = { params?: Record<string, string>; query?: Record<string, unknown>; body?: unknown };

function requestOf(baseUrl: string, operation: string, { params = {}, query = {}, body }: Parts): Sent {
  const [method = "", template = ""] = operation.split(" ");
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined || value === "") throw new TypeError(`${operation} needs the parameter ${name}`);
    return encodeURIComponent(value);
  });
  const pairs = Object.keys(query)
    .filter((name) => query[name] !== undefined)
    .map((name) => `${encodeURIComponent(name)}=${encodeURIComponent(String(query[name]))}`);
  const url = `${baseUrl}${path}${pairs.length === 0 ? "" : `?${pairs.join("&")}`}`;
  return { method: method as Sent["method"], url, header: {}, ...(body === undefined ? {} : { body }) };
}

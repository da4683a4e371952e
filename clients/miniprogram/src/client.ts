import { type Operations, openOperations, personalOperations } from "./api.js";
import { HeimaError } from "./errors.js";
import { exchange, type Patience, type Received, type Sent } from "./exchange.js";
import { createSeen } from "./seen.js";
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
  /** Sends it only as this reader: `reader_changed` if another one is logged in by then. */
  onlyAs?: string | undefined;
  /** Of this request alone. */
  patience?: Partial<Patience>;
};

type Arguments<Name extends Operation> =
  Record<string, never> extends InputOf<Name> ? [input?: InputOf<Name>] : [input: InputOf<Name>];

export interface Answered<Body> {
  body: Body;
  status: number;
  /** Of a query: whether it shows all that this device has written; `stale`: ask again later. */
  consistency: "current" | "stale" | undefined;
  requestId: string | undefined;
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
}

/** Makes the client of one mini-program; one is enough for all its pages. */
export function createClient(options: ClientOptions): Client {
  const { wx, storageKey = "heima.session" } = options;
  const baseUrl = options.baseUrl.replace(/\/+$/, "");
  const usualPatience: Patience = { timeoutMs: 10_000, tries: 4, pauseMs: 300, ...options.patience };
  const session = createSession(wx, baseUrl, storageKey, usualPatience);
  const seen = createSeen();

  async function exchangeOf<Name extends Operation>(
    operation: Name,
    ...[input]: Arguments<Name>
  ): Promise<Answered<AnswerOf<Name>>> {
    const { idempotencyKey, onlyAs, patience: own, ...parts } = (input ?? {}) as Parts & InputOf<never>;
    const patience = { ...usualPatience, ...own };
    const sent = requestOf(baseUrl, operation, parts);
    if (sent.method === "GET") {
      const token = seen.header();
      if (token !== undefined) sent.header["Consistency-Token"] = token;
    } else {
      sent.header["Idempotency-Key"] = idempotencyKey ?? uuid();
    }
    // What takes a token and needs none is no reason to log in.
    const isPersonal = personalOperations.indexOf(operation) >= 0 && session.current() !== undefined;
    const isOpen = openOperations.indexOf(operation) >= 0 && !isPersonal;
    const received = await (isOpen ? exchange(wx, sent, patience) : asReader(sent, patience, onlyAs));
    // What is left of the session is of no use, and a login would make a new reader.
    if (operation === "DELETE /v1/me") session.forget();
    const token = received.header("consistency-token");
    if (token !== undefined) seen.add(token);
    return {
      body: received.body as AnswerOf<Name>,
      status: received.status,
      consistency: received.header("consistency") as "current" | "stale" | undefined,
      requestId: received.header("x-request-id"),
    };
  }

  /** Sends with an access token; one that the server does not take is exchanged, once. */
  async function asReader(sent: Sent, patience: Patience, onlyAs: string | undefined): Promise<Received> {
    const known = await session.fresh();
    const sendBy = ({ accessToken, readerId }: StoredSession) => {
      if (onlyAs !== undefined && onlyAs !== readerId) {
        throw new HeimaError("reader_changed", `Reader ${readerId} is logged in, not ${onlyAs}.`);
      }
      return exchange(wx, { ...sent, header: { ...sent.header, Authorization: `Bearer ${accessToken}` } }, patience);
    };
    try {
      return await sendBy(known);
    } catch (error) {
      if (!(error instanceof HeimaError) || error.status !== 401) throw error;
      if (error.code !== "reader_erased") return sendBy(await session.after(known));
      session.forget();
      throw error;
    }
  }

  return {
    exchange: exchangeOf,
    send: async (operation, ...input) => (await exchangeOf(operation, ...input)).body,
    async login() {
      seen.clear();
      const { readerId, isNew } = await session.login();
      return { readerId, isNew };
    },
    logout() {
      seen.clear();
      return session.logout();
    },
    readerId() {
      const known = session.current();
      return known === undefined ? undefined : known.readerId;
    },
  };
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

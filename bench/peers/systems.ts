import { join } from "node:path";
import pg from "pg";
import { freePort } from "../../embedded/freePort.ts";
import { startNodeChild, startNodeChildUntil } from "../../embedded/nodeChild.ts";
import type { Stack } from "../../embedded/supervisor/stack.ts";
import type { System } from "./system.ts";

export type Grounds = {
  readonly stack: Stack;
  readonly books: readonly string[];
  /** The secret of the readers' tokens. */
  readonly secret: string;
  readonly logs: string;
  /** The folder of Emmett's packages. */
  readonly packages: string;
};

/** Ours and its peers, by the letters of the table. */
export function allSystems(grounds: Grounds): readonly System[] {
  const { stack, books, secret, logs, packages } = grounds;
  const { environment } = stack;
  const shared = {
    ...process.env,
    NODE_ENV: "production",
    EVENTSTORE_URL: environment.EVENTSTORE_URL,
    PEER_SECRET: secret,
    PEER_BOOKS: books.join(","),
  };
  const server = (letter: string, script: string, more: Record<string, string>) => async () => {
    const options = {
      script: `bench/peers/servers/${script}.ts`,
      environment: { ...shared, PORT: `${await freePort()}`, ...more },
      logFile: join(logs, `${letter.replace("'", "2")}-${script}.log`),
    };
    const { child, said } = await startNodeChildUntil("ready", options);
    return { url: said, child };
  };
  const projected = databaseUrl(environment, "peer_projected");
  const crud = (letter: string, title: string, database: string, oneStatement: string): System => ({
    letter,
    title,
    keeps: { database },
    startApi: server(letter, "crud", {
      DATABASE_URL: databaseUrl(environment, database),
      PEER_ONE_STATEMENT: oneStatement,
    }),
  });
  const byHand = (letter: string, title: string, category: string, cached: string): System => ({
    letter,
    title,
    keeps: { category },
    startApi: server(letter, "handwritten", { PEER_CATEGORY: category, PEER_CACHE: cached }),
  });
  const projector = server("C'", "projector", { PEER_CATEGORY: "peerprojected", DATABASE_URL: projected });

  return [
    ours(grounds),
    {
      letter: "B",
      title: "Emmett",
      keeps: { category: "peeremmett" },
      startApi: server("B", "emmett", { PEER_CATEGORY: "peeremmett", PEER_PACKAGES: packages }),
    },
    byHand("C", "hand-written, cached", "peercached", "yes"),
    {
      ...byHand("C'", "C with a projector", "peerprojected", "yes"),
      startProjecting: async () => [{ name: "projector", child: (await projector()).child }],
      isUpToDate: async (_url, acknowledged) => {
        const rows = await queryDatabase<{ events: string }>(projected, "SELECT events FROM checkpoint");
        return Number(rows[0]?.events ?? 0) >= acknowledged;
      },
    },
    byHand("D", "hand-written, no cache", "peernaive", "no"),
    crud("E", "CRUD, BEGIN … COMMIT", "peer_crud", "no"),
    crud("E'", "CRUD, one statement", "peer_crud_one", "yes"),
    { letter: "F", title: "bare Express, JWT", startApi: server("F", "bare", {}) },
  ];
}

/** As in src/main, with the settings of the stack: two partitions, no rate limits. */
function ours({ stack, logs }: Grounds): System {
  const start = async (name: string, environment: Record<string, string> = {}) =>
    startNodeChild({
      script: `src/main/${name}.ts`,
      environment: { ...process.env, ...stack.environment, NODE_ENV: "production", ...environment },
      logFile: join(logs, `A-${name}.log`),
    });
  return {
    letter: "A",
    title: "ours, with its projections",
    keeps: { category: "shelf" },
    async startApi() {
      const port = await freePort();
      return { url: `http://127.0.0.1:${port}`, child: await start("api", { PORT: `${port}` }) };
    },
    startProjecting: async () => [
      { name: "dispatcher", child: await start("dispatcher") },
      { name: "worker", child: await start("worker") },
    ],
    // By its own metrics: every partition of every read model has applied the whole log.
    async isUpToDate(url) {
      const metrics = await fetch(`${url}/metrics`).then(
        (answer) => answer.text(),
        () => "",
      );
      const lags = [...metrics.matchAll(/^heima_read_model_lag_events\S* (\d+)$/gm)];
      return lags.length > 0 && lags.every(([, events]) => events === "0");
    },
  };
}

/** The URL of another database beside the stack's own. */
export function databaseUrl({ DATABASE_URL = "" }: Readonly<Record<string, string>>, name: string): string {
  return Object.assign(new URL(DATABASE_URL), { pathname: `/${name}` }).href;
}

/** Queries once, over its own connection. */
export async function queryDatabase<Row extends pg.QueryResultRow>(url: string, text: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return (await client.query<Row>(text).finally(() => client.end())).rows;
}

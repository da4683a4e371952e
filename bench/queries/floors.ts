import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { drive } from "./drive.ts";
import type { Request } from "./lines.ts";

/**
 * Requests a second that a bare Express in a process of its own answers with the bytes of `body`, asked over as many
 * connections by the same load generator.
 */
export async function bareExpress(options: {
  readonly body: string;
  readonly secret: string;
  readonly next: () => Request;
  readonly connections: number;
  readonly lengthMs: number;
}): Promise<number> {
  const { body, secret, next, connections, lengthMs } = options;
  const script = fileURLToPath(new URL("./bareExpress.ts", import.meta.url));
  const child = fork(script, [JSON.stringify({ secret, body: JSON.parse(body) })], { execArgv: ["--import", "tsx"] });
  try {
    const port = await new Promise<number>((resolve, reject) => {
      child.once("message", (message) => resolve(Number(message)));
      child.once("exit", (code) => reject(new Error(`the bare Express ended with ${code}`)));
    });
    const url = `http://127.0.0.1:${port}`;
    // Node compiles what is hot only after some thousand requests.
    await drive({ url, next, connections, lengthMs: 1_500 });
    return (await drive({ url, next, connections, lengthMs })).rate;
  } finally {
    child.kill();
  }
}

/** Calls of `ask` a second with so many at a time: what Postgres and its client alone can do of a query. */
export async function bareQueries(ask: () => Promise<unknown>, side: number, lengthMs: number): Promise<number> {
  let done = 0;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: side }, async () => {
      while (performance.now() - begun < lengthMs) {
        await ask();
        done++;
      }
    }),
  );
  return (done / (performance.now() - begun)) * 1000;
}

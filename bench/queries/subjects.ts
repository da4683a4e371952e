import { join } from "node:path";
import { freePort } from "../../embedded/freePort.ts";
import { startNodeChild, startNodeChildUntil } from "../../embedded/nodeChild.ts";

/** A measured process that answers queries. */
export type Subject = {
  readonly name: "floor" | "API" | "API with cache";
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
};

/** Starts the floor and two processes of the API, without and with the response cache, on a stack of this environment. */
export async function startSubjects(
  environment: Readonly<Record<string, string>>,
  dataDir: string,
): Promise<readonly Subject[]> {
  const secret = environment.JWT_SECRETS?.split(",")[0]?.replace(/^[^:]*:/, "") ?? "";
  const { child: floor, said } = await startNodeChildUntil("listens on", {
    script: "bench/queries/floor/main.ts",
    arguments: [JSON.stringify({ secret, databaseUrl: environment.DATABASE_URL })],
    logFile: join(dataDir, "floor.log"),
  });
  const api = async (name: Subject["name"], megabytes: string): Promise<Subject> => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const child = await startNodeChild({
      script: "src/main/api.ts",
      environment: { ...process.env, ...environment, PORT: `${port}`, RESPONSE_CACHE_MB: megabytes },
      logFile: join(dataDir, `${name}.log`),
    });
    await untilReady(`${url}/health/ready`);
    return { name, url, pid: child.pid, stop: () => child.stop("SIGTERM") };
  };
  return [
    { name: "floor", url: `http://127.0.0.1:${said}`, pid: floor.pid, stop: () => floor.stop("SIGTERM") },
    await api("API", "0"),
    await api("API with cache", "64"),
  ];
}

async function untilReady(url: string): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${url} is not ready after a minute`);
}

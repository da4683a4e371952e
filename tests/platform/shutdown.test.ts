import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { freePort } from "../../embedded/freePort.ts";

const project = join(import.meta.dirname, "../..");

test.each([
  ["dispatcher", "SIGTERM", (child: ChildProcess) => child.kill("SIGTERM")],
  ["worker", "SIGINT", (child: ChildProcess) => child.kill("SIGINT")],
  ["worker", "disconnect", (child: ChildProcess) => child.disconnect()],
] as const)("a %s that waits for Postgres ends in order at %s", async (name, signal, end) => {
  const nobody = `127.0.0.1:${await freePort()}`;
  const child = spawn(process.execPath, ["bin/run.js", `src/main/${name}.ts`], {
    cwd: project,
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: `postgres://heima@${nobody}/heima`,
      REDIS_URL: `redis://${nobody}`,
      EVENTSTORE_URL: `esdb://${nobody}?tls=false`,
      ELASTICSEARCH_URL: `http://${nobody}`,
    },
    stdio: ["ignore", "pipe", "inherit", "ipc"],
  });
  let log = "";
  let isTold = false;
  child.stdout?.on("data", (chunk) => {
    log += chunk;
    if (isTold || !log.includes("cannot read the catalog of builds")) return;
    isTold = true;
    end(child);
  });
  const [ended] = await Promise.all([once(child, "exit"), once(child.stdout!, "end")]);
  expect(ended, log).toEqual([0, null]);
  expect(log).toContain(`"signal":"${signal}"`);
  expect(log).toContain('"stopped"');
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { freePort, isFree } from "../../embedded/freePort.ts";
import { startRedis } from "../../embedded/redis/start.ts";
import { wechatApp } from "../support/wechat.ts";

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "heima-alone-"));
});
afterAll(() => rm(dir, { recursive: true }));

const environment = {
  POSTGRES_PASSWORD: "secret",
  WECHAT_APPID: wechatApp.appid,
  WECHAT_SECRET: wechatApp.secret,
};

const run = (part: string, args: readonly string[], env: NodeJS.ProcessEnv) => {
  const child = spawn(process.execPath, ["bin/run.js", `embedded/${part}/main.ts`, ...args], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: { ...process.env, ...env },
  });
  const output = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream]!.on("data", (text) => {
      output[stream] += text;
    });
  }
  onTestFinished(() => void child.kill("SIGKILL"));
  // "close" does not come after a disconnect; "exit" may come before the last of the output.
  return { child, output, exited: once(child, "exit"), closed: once(child, "close") };
};

describe.each([
  ["postgres", "postgres://heima:secret@127.0.0.1:"],
  ["redis", "redis://127.0.0.1:"],
  ["wechat", "http://127.0.0.1:"],
])("%s run alone", (part, url) => {
  test("prints one ready line, and ends, with its server, when its parent goes", async () => {
    const port = await freePort();
    const args = part === "wechat" ? [] : ["--data-dir", dir];
    const { child, output, exited } = run(part, ["--port", `${port}`, ...args], environment);
    await Promise.race([once(child.stdout!, "data"), exited]);
    expect(output.stdout).toMatch(new RegExp(`^${part} ready ${url}${port}(/heima)?\\n$`));
    expect(await isFree(port)).toBe(false);
    child.disconnect();
    expect(await exited).toEqual([0, null]);
    expect(await isFree(port)).toBe(true);
    expect(output).toEqual({ stdout: expect.stringMatching(/^[^\n]+\n$/), stderr: "" });
  });
});

test("a part without its credentials reports that in one line and exits with 1", async () => {
  const { output, closed } = run("wechat", ["--port", "0"], { WECHAT_APPID: "", WECHAT_SECRET: "" });
  expect(await closed).toEqual([1, null]);
  expect(output).toEqual({ stdout: "", stderr: "WECHAT_APPID is not set\n" });
});

test("an engine run alone leaves the one that runs in its folder alone, and says so", async () => {
  const first = run("redis", ["--port", `${await freePort()}`, "--data-dir", dir], environment);
  await Promise.race([once(first.child.stdout!, "data"), first.exited]);
  const second = run("redis", ["--port", `${await freePort()}`, "--data-dir", dir], environment);
  expect(await second.closed).toEqual([1, null]);
  expect(second.output.stderr).toBe(`${dir} is in use by process ${first.child.pid}: only one redis may run there\n`);
  expect(first.child.exitCode).toBe(null);
  first.child.disconnect();
  expect(await first.exited).toEqual([0, null]);
});

test("an engine run alone and one of a stack leave each other alone", async () => {
  const port = await freePort();
  const start = () => startRedis({ dataDir: join(dir, "redis"), port, logFile: join(dir, "redis.log") });
  const engine = await start();
  const refused = run("redis", ["--port", `${await freePort()}`, "--data-dir", dir], environment);
  expect(await refused.closed).toEqual([1, null]);
  expect(refused.output.stderr).toBe(`${dir} is in use by process ${process.pid}: only one redis may run there\n`);
  expect(await isFree(port)).toBe(false);
  await engine.stop();
  const alone = run("redis", ["--port", `${await freePort()}`, "--data-dir", dir], environment);
  await Promise.race([once(alone.child.stdout!, "data"), alone.exited]);
  await expect(start()).rejects.toThrow(`in use by process ${alone.child.pid}: only one redis may run there`);
  alone.child.disconnect();
  expect(await alone.exited).toEqual([0, null]);
});

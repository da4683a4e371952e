import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { ReplaysDependencies } from "../../src/http/replay/ownReplay.ts";
import { fileEndpoint } from "../../src/http/replay/replayFile.ts";
import { bearer, startApi } from "./startApi.ts";

const id = "01890a5d-ac96-774b-bcce-b302099a8057";
const file = (name: string, bytes: number) => ({ file: name, day: "2026-03-01", bytes });
const manifest = { format: "csv", files: [file("a.csv", 1_000_000), file("folder.csv", 1_000_000), file("b.csv", 5)] };
vi.mock("../../src/http/replay/ownReplay.ts", () => ({
  replayOfAnalyst: async () => ({ id }),
  manifestOf: async () => manifest,
}));

const looks: object[] = [];
let folder: string;
let api: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "heima-replay-file-")));
  await mkdir(join(folder, id, "folder.csv"), { recursive: true });
  await writeFile(join(folder, id, "a.csv"), "x".repeat(1_000_000));
  await writeFile(join(folder, id, "b.csv"), "a,b\n1");
  const countDownload = () => Promise.reject(new Error("Postgres is away"));
  const audit = (look: object) => void looks.push(look);
  api = await startApi([fileEndpoint({ folder, replays: { countDownload }, audit } as unknown as ReplaysDependencies)]);
});
afterAll(async () => {
  await api.close();
  await rm(folder, { recursive: true, force: true });
});
const get = (number: number, method = "GET") =>
  api.fetch(`/v1/replays/${id}/files/${number}`, { method, headers: { authorization: bearer("analyst") } });

/** The replay's files that this process has open. */
const opened = () =>
  readdirSync("/proc/self/fd").flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/self/fd/${descriptor}`)].filter((path) => path.startsWith(folder));
    } catch {
      return [];
    }
  });

test.runIf(existsSync("/proc/self/fd"))("a file whose download cannot be counted is closed", async () => {
  expect((await get(0)).status).toBe(500);
  // At once: the garbage collector would close it later.
  expect(opened()).toEqual([]);
});

test("a file that cannot be read is a problem, of the problem's length", async () => {
  const response = await get(1);
  expect(await response.json()).toMatchObject({ status: 500, code: "internal_error" });
  expect(response.headers.get("content-disposition")).toBeNull();
});

test("a file has its length, also for HEAD", async () => {
  const response = await get(2);
  expect([response.headers.get("content-length"), await response.text()]).toEqual(["5", "a,b\n1"]);
  const head = await get(2, "HEAD");
  expect([head.status, head.headers.get("content-length")]).toEqual([200, "5"]);
});

test("HEAD is no download: it is neither counted nor audited", async () => {
  looks.length = 0;
  expect((await get(0, "HEAD")).status).toBe(200);
  expect(looks).toEqual([]);
  await (await get(2)).text();
  expect(looks).toEqual([{ analyst: expect.any(String), replay: id, file: 2 }]);
});

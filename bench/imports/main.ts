import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startStack } from "../../embedded/supervisor/stack.ts";
import { signedToken } from "../commands/workload.ts";
import { asInProduction, fromOneAddress } from "../load/limits.ts";
import { claims, drive, type Lag, readersOf } from "../projections/lag.ts";
import { type HostileFile, hostileFiles } from "./hostileFiles.ts";

if (process.argv.includes("--help")) {
  console.log(`npm run bench:imports -- [--rate 20]

Uploads files that are made to keep an importer busy, one after the other, while readers shelve books: the time from the end of each upload to
its answer, the most memory of the worker and of the process that reads the file, and the time until a command is visible, with and without imports.`);
  process.exit(0);
}
const rate = Number(process.argv[process.argv.indexOf("--rate") + 1] ?? 20) || 20;
const warmUpMs = 15_000;
const aloneMs = 15_000;

const dataDir = await mkdtemp(join(tmpdir(), "heima-bench-imports-"));
const stack = await startStack({ dataDir, limits: fromOneAddress });
try {
  console.log(asInProduction(fromOneAddress));
  const readers = await readersOf(stack);
  const token = signedToken(stack.environment.JWT_SECRETS ?? "", randomUUID(), ["operator"], claims);
  await drive(readers, rate, (elapsedMs) => elapsedMs >= warmUpMs);
  told("without imports", await drive(readers, rate, (elapsedMs) => elapsedMs >= aloneMs));
  for (const [name, make] of Object.entries(hostileFiles)) {
    let isDone = false;
    const beside = drive(readers, rate, () => isDone);
    await upload(token, name, make()).finally(() => {
      isDone = true;
    });
    told("meanwhile", await beside);
  }
} finally {
  await stack.stop();
  await rm(dataDir, { recursive: true, force: true });
}

function told(when: string, { p50, p99, shed, sent, utilisation }: Lag): void {
  const load = `${sent} commands, ${shed} shed, CPUs ${Math.round(utilisation * 100)} %`;
  console.log(`visible ${when}: p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms (${load})`);
}

/** Uploads one file, and waits until it is imported or refused. */
async function upload(token: string, name: string, { type, bytes }: HostileFile): Promise<void> {
  const authorization = { Authorization: `Bearer ${token}` };
  const answer = await fetch(`${stack.api}/v1/library/books?fileName=${encodeURIComponent(`${name}.${type}`)}`, {
    method: "POST",
    headers: { ...authorization, "Content-Type": "application/octet-stream", "Idempotency-Key": randomUUID() },
    body: new Blob([bytes as Uint8Array<ArrayBuffer>]),
  });
  if (answer.status !== 202) throw new Error(`${name}: ${answer.status} ${await answer.text()}`);
  const uploaded = performance.now();
  const memory = { worker: 0, reader: 0 };
  let state = "";
  let error: string | null = null;
  while (!["done", "failed", "needs_decision"].includes(state)) {
    await sleep(100);
    const found = await fetch(`${stack.api}${answer.headers.get("location")}`, { headers: authorization });
    ({ state, error } = (await found.json()) as { state: string; error: string | null });
    const now = await residentMiB(stack.processes().worker?.pid ?? 0);
    memory.worker = Math.max(memory.worker, now.own);
    memory.reader = Math.max(memory.reader, now.children);
  }
  const seconds = ((performance.now() - uploaded) / 1_000).toFixed(1);
  const size = (bytes.length / 2 ** 20).toFixed(bytes.length < 2 ** 20 ? 3 : 1);
  const reason = error === null ? "" : `; ${error.slice(0, 120)}`;
  console.log(
    `${name} (${size} MiB): ${state} after ${seconds} s; worker ${memory.worker} MiB, reading process ${memory.reader} MiB${reason}`,
  );
}

/** Resident memory of a process, and of its children together, in MiB. Linux only. */
async function residentMiB(pid: number): Promise<{ own: number; children: number }> {
  const found = { own: 0, children: 0 };
  for (const entry of await readdir("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const status = await readFile(`/proc/${entry}/status`, "utf8").catch(() => "");
    const mebibytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1_024;
    if (Number(entry) === pid) found.own = Math.round(mebibytes);
    else if (Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]) === pid) found.children += Math.round(mebibytes);
  }
  return found;
}

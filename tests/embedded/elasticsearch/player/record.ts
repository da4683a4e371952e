import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync, gzipSync } from "node:zlib";
import { difference, normalize } from "./normalize.ts";
import type { Request } from "./request.ts";
import { emptying, type Scenario } from "./scenarios.ts";
import { type Answer, createSender } from "./send.ts";

const file = new URL("../recordings/9.4.3.jsonl.gz", import.meta.url);

type Recorded = { readonly name: string; readonly answers: readonly Answer[] };

/** Sends the requests of the scenarios, each to a server without their indices, and returns the answers without varying values. */
export async function play(url: string, scenarios: readonly Scenario[]): Promise<Recorded[]> {
  const sender = createSender(url);
  const played: Recorded[] = [];
  for (const { name, requests } of scenarios) {
    await sender.send(emptying);
    const answers: Answer[] = [];
    const pits: string[] = [];
    for (const request of requests) {
      const answer = await sender.send(withPits(request, pits));
      if (request.path.includes("/_pit?")) pits.push((answer.body as { readonly id: string }).id);
      answers.push(normalize(answer));
    }
    played.push({ name, answers });
  }
  await sender.send(emptying);
  await sender.close();
  return played;
}

/** Only the server knows the ids of points in time. */
function withPits({ body, ...request }: Request, pits: readonly string[]): Request {
  if (body === undefined || pits.length === 0) return { ...request, ...(body !== undefined && { body }) };
  return { ...request, body: body.replaceAll(/\$(\d)/g, (_, number) => pits[Number(number) - 1] ?? "") };
}

/** Writes answers to the recording: one line per scenario, in order. */
export function write(played: readonly Recorded[]): void {
  const lines = played.map((one) => JSON.stringify(one)).join("\n");
  writeFileSync(file, gzipSync(`${lines}\n`, { level: 9 }));
}

export function read(): Recorded[] {
  const lines = gunzipSync(readFileSync(file)).toString().trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Recorded);
}

export type Mismatch = {
  readonly scenario: string;
  readonly request: string;
  readonly recorded: string;
  readonly got: string;
};

/** The differences between answers and the recording. */
export function mismatches(scenarios: readonly Scenario[], played: readonly Recorded[]): Mismatch[] {
  const recorded = new Map(read().map(({ name, answers }) => [name, answers]));
  return scenarios.flatMap(({ name, requests }, at) =>
    requests.flatMap(({ method, path, body }, step) => {
      const found = difference(recorded.get(name)![step]!, played[at]!.answers[step]!);
      return found === undefined
        ? []
        : [
            {
              scenario: name,
              request: `${method} ${path} ${body ?? ""}`.trim(),
              recorded: found.one,
              got: found.other,
            },
          ];
    }),
  );
}

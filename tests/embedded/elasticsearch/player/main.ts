import { parseArgs } from "node:util";
import { mismatches, play, write } from "./record.ts";
import { scenarios } from "./scenarios.ts";

const usage = `npm run elasticsearch:recordings -- URL [--record]

Sends the recorded requests to a server and prints where its answers differ from the record. With --record its answers
become the record. The indices it uses are deleted: never point it at a server with data of its own.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { record: { type: "boolean", default: false } },
});
const [url] = positionals;
if (url === undefined) {
  console.error(usage);
  process.exit(2);
}
const all = scenarios();
const count = all.reduce((sum, { requests }) => sum + requests.length, 0);
const played = await play(url, all);
if (values.record) {
  write(played);
  console.log(`${count} answers recorded`);
} else {
  const found = mismatches(all, played);
  for (const { scenario, request, recorded, got } of found) {
    console.log(`✗ ${scenario}: ${request.slice(0, 600)}\n  recorded …${recorded}\n  got      …${got}`);
  }
  console.log(`${count} answers, ${found.length} different`);
  process.exitCode = found.length > 0 ? 1 : 0;
}

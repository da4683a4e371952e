import { parseArgs } from "node:util";
import { startElasticsearch } from "../../../../embedded/elasticsearch/server.ts";
import { compare } from "./compare.ts";

const usage = `npm run compare:elasticsearch -- [--seed S] [--count N] [--real URL] [--embedded URL] [--show N]

Sends N random requests (1000) to a real Elasticsearch (http://127.0.0.1:9200, see script/real-elasticsearch) and to the embedded
one, which is started when no URL is given, and prints every difference, ${"`--show`"} (20) of them at most. Not counted as differences, but
printed (~): answers with 500, a fault of Elasticsearch, and highlights that depend on the order of a hash table in Elasticsearch.`;

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    count: { type: "string", default: "1000" },
    real: { type: "string", default: "http://127.0.0.1:9200" },
    embedded: { type: "string" },
    show: { type: "string", default: "20" },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}

const started = values.embedded === undefined ? await startElasticsearch({ host: "127.0.0.1", port: 0 }) : undefined;
let shown = 0;
const began = Date.now();
const found = await compare(
  values.real,
  values.embedded ?? started!.url,
  Number(values.seed),
  Number(values.count),
  ({ verdict, seed, request, real, embedded }) => {
    if (shown++ >= Number(values.show)) return;
    console.log(
      `${verdict === "different" ? "✗" : `~ ${verdict},`} round ${seed}: ${request.method} ${request.path} ${request.body?.slice(0, 1500) ?? ""}\n  real      …${real}\n  embedded  …${embedded}`,
    );
  },
);
await started?.close();
console.log(
  `${values.count} requests, ${found.different} different, ${found.failed} where Elasticsearch failed, ${found.undecided} undecided; ${((Date.now() - began) / 1000).toFixed(0)} s`,
);
process.exitCode = found.different > 0 ? 1 : 0;

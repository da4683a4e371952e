import { parseArgs } from "node:util";
import { analyseQuery } from "../../../src/domain/searchText/analyseQuery.ts";
import { rankedQuery } from "../../../src/queries/search/rankedQuery.ts";
import { seededRandom } from "../../../tests/chaos/random.ts";
import { readCatalogues } from "../catalogue.ts";
import { type FilledIndex, fillIndex } from "../filledIndex.ts";
import { type Case, type Library, libraryOf } from "./library.ts";
import { mistyped } from "./mistyped.ts";
import { spoken } from "./spoken.ts";
import { type Kind, written } from "./written.ts";

const usage = `npm run eval:search -- --data DIR [--seed 1] [--cases 100] [--url URL] [--only KIND]…

How well searches find what is meant, over the catalogues in DIR (catalog-*/books.jsonl): success@1, success@5 and the mean
reciprocal rank of each kind of query, and the queries that missed. The seed makes the queries, and a heat for each book.
Without --url on an embedded Elasticsearch.`;

const { values } = parseArgs({
  options: {
    data: { type: "string" },
    seed: { type: "string", default: "1" },
    cases: { type: "string", default: "100" },
    url: { type: "string" },
    only: { type: "string", multiple: true, default: [] },
    help: { type: "boolean", short: "h", default: false },
  },
});
if (values.help || values.data === undefined) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}

/** The number of hits considered. */
const depth = 10;
const atOnce = 8;
const seed = Number(values.seed);
const kinds: Readonly<Record<string, Kind>> = { ...written, ...spoken, ...mistyped };

const rows = await readCatalogues(values.data);
const random = seededRandom(seed);
const heat = new Map(rows.map(({ book_id }) => [book_id, Math.round(10 ** (5 * random.next()))]));
const filled = await fillIndex(rows, ({ book_id }) => heat.get(book_id) ?? 0, values.url);
console.log(`${rows.length} books, seed ${seed}, ${values.url ?? "embedded Elasticsearch"}\n`);
console.log(`${"".padEnd(24)}  cases     @1     @5    MRR`);
try {
  const library = libraryOf(rows);
  const missed: string[] = [];
  for (const [name, kind] of Object.entries(kinds)) {
    const cases = casesOf(kind, library, Number(values.cases));
    if (values.only.length > 0 && !values.only.includes(name)) continue;
    const ranks = await ranksOf(filled, cases);
    const share = (upTo: number) => ranks.filter((rank) => rank <= upTo).length / ranks.length;
    const reciprocal = ranks.reduce((sum, rank) => sum + 1 / rank, 0) / ranks.length;
    const figures = [share(1), share(5), reciprocal].map((figure) => figure.toFixed(3).padStart(6));
    console.log(`${name.padEnd(24)} ${String(cases.length).padStart(6)} ${figures.join(" ")}`);
    ranks.forEach((rank, index) => {
      const { query, of } = cases[index] as Case;
      if (rank > 1) missed.push(`${name}: ${query} → ${of}: ${rank <= depth ? `place ${rank}` : "not found"}`);
    });
  }
  console.log(`\n${missed.length} not in the first place\n${missed.join("\n")}`);
} finally {
  await filled.close();
}

function casesOf(kind: Kind, library: Library, most: number): readonly Case[] {
  const cases: Case[] = [];
  for (const row of random.shuffle(library.rows)) {
    const made = kind(row, library, random);
    if (made !== undefined) cases.push(made);
    if (cases.length === most) break;
  }
  return cases;
}

/** The rank of the first correct book for each case; Infinity if it is not among the first ten. */
async function ranksOf({ client, index }: FilledIndex, cases: readonly Case[]): Promise<readonly number[]> {
  const ranks: number[] = new Array(cases.length).fill(Number.POSITIVE_INFINITY);
  let next = 0;
  const worker = async () => {
    for (let at = next++; at < cases.length; at = next++) {
      const { query, right } = cases[at] as Case;
      const body = { ...rankedQuery(analyseQuery(query), "relevance"), size: depth, _source: false };
      const { hits } = await client.search({ index, ...(body as object) });
      const place = hits.hits.findIndex(({ _id }) => right.has(_id ?? ""));
      if (place >= 0) ranks[at] = place + 1;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return ranks;
}

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { startElasticsearch } from "../../../embedded/elasticsearch/server.ts";
import { mismatches, play } from "./player/record.ts";
import { scenarios } from "./player/scenarios.ts";

it("every recorded answer of Elasticsearch 9.4.3 is given again, and what it does beyond is named as a difference", async () => {
  const server = await startElasticsearch({ host: "127.0.0.1", port: 0 });
  try {
    const all = scenarios();
    const found = mismatches(all, await play(server.url, all));
    expect(all.reduce((sum, { requests }) => sum + requests.length, 0)).toBeGreaterThan(1800);
    expect(found.filter(({ scenario }) => scenario !== "beyond")).toEqual([]);
    const explained = readFileSync(new URL("../../../docs/elasticsearch-differences.md", import.meta.url), "utf8");
    // A refusal has its own message, which names the unsupported feature in brackets.
    const refused = found.map(
      ({ got, request }) =>
        /this server [^[\]]*\[([^\]]+)\]|under \[([^\]]+)\]/.exec(got)?.slice(1).find(Boolean) ?? request,
    );
    expect(refused.filter((name) => !explained.includes(`\`${name}\``))).toEqual([]);
  } finally {
    await server.close();
  }
});

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { freshEventStore } from "../../support/eventStore.ts";
import { play, readScenarios } from "./player/play.ts";

it("every recorded answer is given again, and what lies beyond is given or its difference explained", async () => {
  const store = await freshEventStore();
  try {
    const address = new URL(store.url).host;
    const real = process.env.TEST_EVENTSTORE_URL !== undefined;
    // Patience costs time only where an answer fails to come, and a machine may be slow while all tests begin.
    const pace = real ? { quiet: 150, patience: 8000 } : { quiet: 25, patience: 20_000 };
    const { core, differences } = await play(address, readScenarios(), { ...pace, settle: real, parallel: 24 });
    expect(differences.filter(({ beyond }) => !beyond)).toEqual([]);
    expect(core).toEqual({ equal: 387, different: 0 });
    const explained = readFileSync(new URL("../../../docs/eventstore-differences.md", import.meta.url), "utf8");
    const unexplained = differences.filter(({ scenario }) => !explained.includes(`\`${scenario}\``));
    expect(unexplained).toEqual([]);
  } finally {
    await store.stop();
  }
}, 400_000);

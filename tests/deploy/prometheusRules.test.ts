import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { problems } from "../../src/http/problems.ts";
import { project, textOf, yamlOf } from "./files.ts";
import { parsePromql } from "./promql.ts";
import { registeredMetrics } from "./registeredMetrics.ts";

type Rule = {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};
const file = "deploy/prometheus-rules.yml";
const { groups } = yamlOf(file) as { groups: readonly { name: string; rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

const duration = /^(\d+(ms|[smhdwy]))+$/;

/** The labels of every series that our processes export, by its name; those that Prometheus adds to each are `ofTargets`. */
const shown = registeredMetrics().flatMap(({ name, labels, isHistogram }): [string, readonly string[]][] => {
  const own = [...labels, "service"];
  if (!isHistogram) return [[name, own]];
  return [
    [`${name}_bucket`, [...own, "le"]],
    [`${name}_sum`, own],
    [`${name}_count`, own],
  ];
});
const ofTargets = ["job", "instance"];
const series = new Map([...shown, ["up", []] as const]);

test("the alerts have names of their own, in groups with names of their own", () => {
  expect(rules.length).toBeGreaterThan(10);
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  expect(new Set(groups.map(({ name }) => name)).size).toBe(groups.length);
});

describe.each(rules)("$alert", ({ alert, expr, labels, annotations, ...rule }) => {
  const { selected, by, durations } = parsePromql(expr);
  const labelsOf = (metric: string) => [...(series.get(metric) ?? []), ...ofTargets];

  test("refers to metrics and labels that our processes show", () => {
    expect(selected.length).toBeGreaterThan(0);
    for (const { metric, matchers } of selected) {
      expect([...series.keys()], `${alert} reads ${metric}`).toContain(metric);
      for (const { label } of matchers) expect(labelsOf(metric), `${metric} by ${label}`).toContain(label);
      for (const label of by) expect(labelsOf(metric), `${metric} by ${label}`).toContain(label);
    }
  });

  test("has durations, a severity, and annotations that refer to labels that are left", () => {
    for (const one of [...durations, ...(rule.for === undefined ? [] : [rule.for])]) expect(one).toMatch(duration);
    expect(["warning", "critical"]).toContain(labels.severity);
    expect(Object.keys(annotations).sort()).toEqual(["description", "runbook_url", "summary"]);
    const left = by.length > 0 ? by : selected.flatMap(({ metric }) => labelsOf(metric));
    const named = Object.values(annotations).flatMap((text) =>
      [...text.matchAll(/\$labels\.(\w+)/g)].map(([, label]) => label),
    );
    for (const label of named) expect(left, `${alert} says ${label}`).toContain(label);
  });

  test("has a runbook that is there and speaks of it", () => {
    const [path = "", anchor] = (annotations.runbook_url ?? "").split("#");
    const sections = textOf(path).split(/^#{2,4} /m);
    const section = sections.find(
      (text) =>
        text
          .split("\n")[0]
          ?.toLowerCase()
          .replaceAll(/[^\w-]/g, "") === anchor,
    );
    expect(section, `${path} has no section ${anchor}`).toBeDefined();
    expect(section).toContain(alert);
  });
});

test("the alerts refer to values that their labels have", () => {
  const outcomes = [...Object.keys(problems), "done", "unchanged", "broken_off"];
  const known: Record<string, readonly string[]> = {
    "up job": ["heima-api", "heima-dispatcher", "heima-worker", "heima-.+"],
    "heima_commands_total outcome": outcomes,
    "heima_dependency_up dependency": ["postgres", "redis", "eventStore", "elasticsearch"],
    "heima_http_requests_total status": ["5.."],
    "heima_verify_differences scope": ["all", "sample", "keys"],
    "heima_batches_total outcome": ["applied", "done", "gap", "unknown", "stopped"],
  };
  for (const { expr } of rules) {
    for (const { metric, matchers } of parsePromql(expr).selected) {
      for (const { label, value } of matchers) {
        const values = known[`${metric} ${label}`];
        if (values === undefined) throw new Error(`the values of ${label} of ${metric} are unknown`);
        for (const one of value.split("|")) expect(values, `${metric} ${label}`).toContain(one);
      }
    }
  }
});

test("what is no expression of ours is refused", () => {
  for (const text of ["sum(a", "nonsense(a)", "{a=1}", "a{b}", 'a{b="c" d="e"}', "a[5m", "a ? b"]) {
    expect(() => {
      const { selected } = parsePromql(text);
      for (const { metric } of selected) if (!series.has(metric)) throw new Error(`${metric} is unknown`);
    }, text).toThrow();
  }
});

/** Series that fire one alert after half an hour. */
const ills: Record<string, Record<string, string>> = {
  HeimaProcessDown: { 'up{job="heima-api",instance="a"}': "0x120" },
  HeimaNoDispatcher: { 'up{job="heima-dispatcher",instance="a"}': "0x120" },
  HeimaNoWorker: { 'up{job="heima-worker",instance="a"}': "0x120" },
  HeimaLogLinesLost: { 'heima_log_lines_lost_total{service="api",instance="a"}': "0+1x120" },
  HeimaSearchEngineDown: { 'heima_dependency_up{dependency="elasticsearch",instance="a"}': "0x120" },
  HeimaPartitionStopped: {
    'heima_partition_stopped{read_model="shelf",partition="1",kind="log_mismatch"}': "1x120",
  },
  HeimaReadModelLag: { 'heima_read_model_lag_seconds{read_model="shelf",partition="1"}': "31x120" },
  HeimaParkedKeys: { 'heima_parked_keys{read_model="shelf",partition="1"}': "1x120" },
  HeimaManyParkedKeys: {
    'heima_parked_keys{read_model="shelf",partition="1"}': "30x120",
    'heima_parked_keys{read_model="shelf",partition="2"}': "30x120",
  },
  HeimaReadModelNotBuilt: { 'heima_read_model_built{read_model="shelf",version="1"}': "0x120" },
  HeimaBuildReplaced: { 'heima_build_replacements{read_model="shelf"}': "4x120" },
  HeimaReadModelsUnknown: { 'heima_read_models_known{instance="a"}': "0x120" },
  HeimaReadModelDiffers: { 'heima_verify_differences{read_model="shelf",scope="keys"}': "1x120" },
  HeimaBatchGaps: {
    'heima_batches_total{read_model="shelf",partition="1",outcome="gap"}': "0+1x120",
    'heima_batches_total{read_model="shelf",partition="1",outcome="applied"}': "0+9x120",
  },
  HeimaCommandsFail: {
    'heima_commands_total{command="c",outcome="outcome_unknown"}': "0+1x120",
    'heima_commands_total{command="c",outcome="done"}': "0+50x120",
  },
  HeimaRequestsFail: {
    'heima_http_requests_total{route="/v1/shelf",status="503"}': "0+1x120",
    'heima_http_requests_total{route="/v1/shelf",status="200"}': "0+9x120",
  },
  HeimaCommandsSlow: {
    'heima_command_duration_seconds_bucket{command="c",le="1"}': "0+1x120",
    'heima_command_duration_seconds_bucket{command="c",le="2.5"}': "0+100x120",
    'heima_command_duration_seconds_bucket{command="c",le="+Inf"}': "0+100x120",
  },
};

test("each alert has series that make it fire", () => {
  expect(Object.keys(ills).sort()).toEqual(rules.map(({ alert }) => alert).sort());
});

const promtool = process.env.TEST_PROMTOOL ?? findPromtool();
if (promtool === undefined)
  console.warn("promtool was not found (TEST_PROMTOOL, PATH): its checks of the alerts are skipped");

function findPromtool(): string | undefined {
  try {
    return execFileSync("which", ["promtool"], { encoding: "utf8" }).trim();
  } catch {
    return undefined;
  }
}

describe.skipIf(promtool === undefined)("promtool", () => {
  const run = (...args: string[]) => promisify(execFile)(promtool ?? "", args);

  test("takes the file", async () => {
    const { stdout } = await run("check", "rules", project + file);
    expect(stdout).toContain(`${rules.length} rules found`);
  });

  const well = {
    'up{job="heima-api",instance="a"}': "1x120",
    'up{job="heima-dispatcher",instance="a"}': "1x120",
    'up{job="heima-worker",instance="a"}': "1x120",
    'heima_log_lines_lost_total{service="api",instance="a"}': "0x120",
    'heima_read_model_lag_seconds{read_model="shelf",partition="1"}': "2x120",
    'heima_read_model_built{read_model="shelf",version="1"}': "1x120",
    'heima_build_replacements{read_model="shelf"}': "3x120",
    'heima_read_models_known{instance="a"}': "1x120",
    'heima_verify_differences{read_model="shelf",scope="all"}': "0x120",
    'heima_dependency_up{dependency="elasticsearch",instance="a"}': "1x120",
    'heima_batches_total{read_model="shelf",partition="1",outcome="applied"}': "0+9x120",
    'heima_commands_total{command="c",outcome="done"}': "0+50x120",
    'heima_http_requests_total{route="/v1/shelf",status="200"}': "0+9x120",
  };

  /** A scenario of half an hour at whose end this many alerts fire, of this name or of all. */
  const scenario = (input: Record<string, string>, alert: string, firing: number) => ({
    interval: "15s",
    input_series: Object.entries(input).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [
      {
        expr: `count(ALERTS{alertstate="firing",alertname=~"${alert}"})`,
        eval_time: "30m",
        exp_samples: firing === 0 ? [] : [{ labels: "{}", value: firing }],
      },
    ],
  });

  test("sees every alert fire for what it is for, and none when all is well", async () => {
    const tests = [
      scenario(well, ".+", 0),
      ...Object.entries(ills).map(([alert, ill]) => scenario({ ...well, ...ill }, alert, 1)),
    ];
    const folder = await mkdtemp(join(tmpdir(), "heima-promtool-"));
    try {
      const path = join(folder, "test.yml");
      await writeFile(path, stringify({ rule_files: [project + file], evaluation_interval: "15s", tests }));
      const { stdout } = await run("test", "rules", path);
      expect(stdout).toContain("SUCCESS");
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

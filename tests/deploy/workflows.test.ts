import { accessSync, constants, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { nodeVersions, project, textOf, yamlOf } from "./files.ts";

type Step = {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
};
type Workflow = {
  readonly name: string;
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly jobs: Readonly<
    Record<
      string,
      {
        readonly "runs-on": string;
        readonly "timeout-minutes": number;
        readonly strategy?: { readonly matrix: { readonly node: readonly string[] } };
        readonly steps: readonly Step[];
      }
    >
  >;
};

const names = readdirSync(`${project}.github/workflows`).sort();
const workflow = (name: string) => yamlOf(`.github/workflows/${name}`) as Workflow;
const stepsOf = (name: string) => Object.values(workflow(name).jobs).flatMap(({ steps }) => steps);

test("there is one for every push and pull request, and one for every week", () => {
  expect(names).toEqual(["ci.yml", "weekly.yml"]);
  expect(workflow("ci.yml").on).toMatchObject({ push: { branches: ["main"] }, pull_request: null });
  expect(workflow("weekly.yml").on).toHaveProperty("schedule");
  expect(stepsOf("ci.yml").map(({ run }) => run)).toContain("script/test");
  const weekly = stepsOf("weekly.yml").map(({ run = "" }) => run.split(" ")[0]);
  expect(weekly).toEqual(expect.arrayContaining(["script/chaos", "script/eventstore-soak"]));
});

test.each(names)("%s may read the repository and no more, and its jobs end", (name) => {
  const { permissions, jobs } = workflow(name);
  expect(permissions).toEqual({ contents: "read" });
  for (const job of Object.values(jobs)) {
    expect(job["timeout-minutes"]).toBeGreaterThan(0);
    expect(job["runs-on"]).toMatch(/^ubuntu-\d\d\.\d\d$/);
  }
});

test.each(names)(
  "%s checks the repository out first, uses actions of a known version, and scripts that can be run",
  (name) => {
    for (const { steps } of Object.values(workflow(name).jobs)) expect(steps[0]?.uses).toMatch(/^actions\/checkout@/);
    for (const { uses, run } of stepsOf(name)) {
      expect([uses, run].filter((each) => each !== undefined)).toHaveLength(1);
      if (uses !== undefined) expect(uses).toMatch(/^actions\/[\w-]+@v\d+$/);
      const script = /^script\/\S+/.exec(run ?? "")?.[0];
      if (script !== undefined) accessSync(project + script, constants.X_OK);
      // Untrusted text (a branch's name, an input) is passed to a shell only as a variable.
      expect(run ?? "").not.toContain("${{");
    }
  },
);

const versionsOf = (name: string) =>
  stepsOf(name).flatMap(({ uses, with: given }) => (uses?.includes("setup-node") ? [given?.["node-version"]] : []));

test("every push is tested with all versions of Node that script/node-matrix has, the lowest being package.json's", () => {
  const tested = nodeVersions();
  expect(`>=${tested[0]}`).toBe(JSON.parse(textOf("package.json")).engines.node);
  expect(workflow("ci.yml").jobs.test?.strategy?.matrix.node).toEqual(tested);
  expect(versionsOf("ci.yml").map(String)).toEqual([expect.stringMatching(/^\$\{\{ matrix\.node \}\}$/)]);
});

test("what runs weekly runs on the newest of them, as the image does", () => {
  const versions = versionsOf("weekly.yml");
  expect(versions.length).toBeGreaterThan(0);
  for (const version of versions) expect(String(version)).toBe(nodeVersions().at(-1));
});

test("compose is checked with every setting that it cannot do without", () => {
  const check = stepsOf("ci.yml").find(({ run }) => run === "docker compose config --quiet");
  const required = [...textOf("docker-compose.yml").matchAll(/\$\{(\w+):\?/g)].map(([, name]) => name);
  expect(Object.keys(check?.env ?? {}).sort()).toEqual([...new Set(required)].sort());
});

import { existsSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { nodeVersions, project, textOf } from "./files.ts";

type Instruction = { readonly name: string; readonly rest: string };
type Stage = { readonly from: string; readonly as: string; readonly instructions: readonly Instruction[] };

/** The instructions, with continued lines joined and comments left out, by stage. */
function stagesOf(dockerfile: string): readonly Stage[] {
  const lines = dockerfile
    .replaceAll(/^\s*#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const stages: { from: string; as: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name = "", rest = ""] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    const [, from = "", as = ""] = name === "FROM" ? (/^(\S+)\s+AS\s+(\S+)$/.exec(rest) ?? []) : [];
    if (name === "FROM") stages.push({ from, as, instructions: [] });
    else stages.at(-1)?.instructions.push({ name, rest });
  }
  return stages;
}

const stages = stagesOf(textOf("Dockerfile"));
const runtime = stages.at(-1) as Stage;
const named = (stage: Stage, name: string) => stage.instructions.filter((each) => each.name === name);

test("every stage begins with an exact version of the newest Node that is tested, or with a stage before it", () => {
  stages.forEach(({ from }, index) => {
    const before = stages.slice(0, index).map(({ as }) => as);
    if (before.includes(from)) return;
    const [, major] = /^node:(\d+)\.\d+\.\d+-[\w-]+$/.exec(from) ?? [];
    expect(major, from).toBe(nodeVersions().at(-1));
  });
  expect(stages.map(({ as }) => as)).toEqual(["base", "checked", "production", "runtime"]);
});

test("everything that is copied is there, and let through by .dockerignore", () => {
  const letThrough = textOf(".dockerignore")
    .split("\n")
    .filter((line) => line.startsWith("!"))
    .map((line) => line.slice(1));
  const copied = stages.flatMap((stage) => named(stage, "COPY")).map(({ rest }) => rest.split(/\s+/));
  expect(copied.length).toBeGreaterThan(0);
  for (const [first = "", ...others] of copied) {
    const stage = /^--from=(\S+)$/.exec(first)?.[1];
    if (stage !== undefined) expect(stages.map(({ as }) => as)).toContain(stage);
    else {
      for (const source of [first, ...others.slice(0, -1)]) {
        expect(existsSync(project + source), source).toBe(true);
        expect(letThrough).toContain(source);
      }
    }
  }
});

test("the image runs as another user than root, from when nothing is copied any more", () => {
  const order = runtime.instructions.map(({ name }) => name);
  expect(named(runtime, "USER").map(({ rest }) => rest)).toEqual(["node"]);
  expect(order.indexOf("USER")).toBeGreaterThan(Math.max(order.lastIndexOf("COPY"), order.lastIndexOf("RUN")));
});

test("the image has the packages of production only, and no secret", () => {
  const [modules] = named(runtime, "COPY").filter(({ rest }) => rest.includes("node_modules"));
  expect(modules?.rest).toMatch(/^--from=production /);
  const production = stages.find(({ as }) => as === "production") as Stage;
  expect(named(production, "RUN")[0]?.rest).toContain("npm ci --omit=dev");
  const set = stages.flatMap((stage) => [...named(stage, "ENV"), ...named(stage, "ARG")]).map(({ rest }) => rest);
  expect(set).toEqual(["NODE_ENV=production"]);
});

test("the packages that the sources import are packages of production, as are esbuild and tsx, which load them", () => {
  const { dependencies } = JSON.parse(textOf("package.json")) as { dependencies: Record<string, string> };
  const sources = readdirSync(`${project}src`, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  const imported = sources.flatMap((file) =>
    [...textOf(`src/${file}`).matchAll(/^(?:import|export) (?!type )[^";=]* from "((?!node:|\.)[^"]+)";$/gm)].map(
      ([, name = ""]) => name.split("/", name.startsWith("@") ? 2 : 1).join("/"),
    ),
  );
  expect(imported).toContain("express");
  for (const name of new Set([...imported, "tsx", "esbuild"])) expect(Object.keys(dependencies)).toContain(name);
});

test("it starts the api and asks whether that lives, in a form that is a list of words", () => {
  const words = (rest: string): string[] => JSON.parse(rest.slice(rest.indexOf("[")));
  const [command] = named(runtime, "CMD");
  expect(words(command?.rest ?? "")).toEqual(["node", "bin/run.js", "src/main/api.ts"]);
  const [check] = named(runtime, "HEALTHCHECK");
  const [node, flag, script = ""] = words(check?.rest ?? "");
  expect([node, flag]).toEqual(["node", "-e"]);
  expect(() => new Function(script)).not.toThrow();
  expect(script).toContain("/health/live");
});

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const project = fileURLToPath(new URL("../../", import.meta.url));

const documents = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"], {
  cwd: project,
  encoding: "utf8",
})
  .split("\0")
  .filter((path) => path !== "" && existsSync(join(project, path)));

const read = (path: string) => readFileSync(join(project, path), "utf8");

/** Fenced and indented blocks, verbatim. */
function codeBlocksOf(markdown: string): readonly string[] {
  const fenced = [...markdown.matchAll(/^```.*\n[\s\S]*?^```$/gm)].map(([block]) => block);
  const indented = [...withoutFences(markdown).matchAll(/(?<=\n\n)(?: {4}.*\n)+/g)].map(([block]) => block);
  return [...fenced, ...indented];
}

const withoutFences = (markdown: string) => markdown.replaceAll(/^```.*\n[\s\S]*?^```$/gm, "");

/** Link targets without titles, and without those inside code. */
function linksOf(markdown: string): readonly string[] {
  const prose = withoutFences(markdown).replaceAll(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)[^)]*\)/g)].map(([, target = ""]) => target);
}

/** The anchors that GitHub generates for headings. */
function anchorsOf(markdown: string): ReadonlySet<string> {
  const headings = [...withoutFences(markdown).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = ""]) => heading);
  const slugs = headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(/\s/g, "-"),
  );
  return new Set(
    slugs.map((slug, index) => {
      const earlier = slugs.slice(0, index).filter((other) => other === slug).length;
      return earlier === 0 ? slug : `${slug}-${earlier}`;
    }),
  );
}

test.each(documents)("every link of %s leads somewhere in the project", (path) => {
  for (const link of linksOf(read(path)).filter((target) => !/^(https?|mailto):/.test(target))) {
    const [file = "", anchor] = link.split("#");
    const target = file === "" ? path : join(dirname(path), decodeURIComponent(file));
    expect(existsSync(join(project, target)), `${path} links to ${link}`).toBe(true);
    if (anchor === undefined) continue;
    expect(statSync(join(project, target)).isFile(), link).toBe(true);
    expect([...anchorsOf(read(target))], `${path} links to ${link}`).toContain(decodeURIComponent(anchor));
  }
});

test("a pattern of source files names all files of that name in nouns, also in nouns within nouns", () => {
  const patterns = documents.flatMap((path) =>
    [...read(path).matchAll(/`(src\/[\w-]+)\/(\*\*?)\/(\w+\.ts)`/g)].map(([pattern, layer = "", stars, name]) => {
      const files = readdirSync(join(project, layer), { recursive: true, encoding: "utf8" });
      const depths = files.filter((file) => basename(file) === name).map((file) => file.split("/").length - 1);
      return { path, pattern, stars, deepest: Math.max(...depths, 0) };
    }),
  );
  expect(patterns.length).toBeGreaterThan(3);
  for (const { path, pattern, stars, deepest } of patterns)
    expect(stars, `${pattern} in ${path}`).toBe(deepest > 1 ? "**" : "*");
});

test("a migration that takes away what an earlier release uses has its paragraph in upgrades.md", () => {
  const [, upgrades = ""] = read("docs/upgrades.md").split("## Migrations and event versions");
  const [paragraphs = ""] = upgrades.split("\n## ");
  const takesAway = readdirSync(join(project, "migrations")).filter((file) =>
    /\b(DROP (TABLE|COLUMN|VIEW|SCHEMA)|RENAME)\b/.test(read(`migrations/${file}`).replaceAll(/--.*/g, "")),
  );
  expect(takesAway.length).toBeGreaterThan(0);
  for (const file of takesAway)
    expect(paragraphs, file).toMatch(new RegExp(`\\bmigrations? [\\d and]*${file.slice(0, 3)}\\b`, "i"));
});

test.each(["README.md", "docs/tour.md"])(
  "both languages of %s have the same commands, sections, tables and links",
  (path) => {
    const [english, chinese] = [path, path.replace(".md", ".zh-CN.md")].map(read) as [string, string];
    expect(codeBlocksOf(english).length).toBeGreaterThan(5);
    expect(codeBlocksOf(chinese)).toEqual(codeBlocksOf(english));
    const levels = (markdown: string) => [...withoutFences(markdown).matchAll(/^(#+) /gm)].map(([, level]) => level);
    expect(levels(chinese)).toEqual(levels(english));
    const firstCells = (markdown: string) =>
      [...withoutFences(markdown).matchAll(/^\| (`.*?) \|/gm)].map(([, cell]) => cell);
    expect(firstCells(chinese)).toEqual(firstCells(english));
    const targets = (markdown: string) =>
      linksOf(markdown)
        .map((link) => link.replace(".zh-CN", ""))
        .sort();
    expect(targets(chinese)).toEqual(targets(english));
    const name = basename(path);
    expect([linksOf(english)[0], linksOf(chinese)[0]]).toEqual([name.replace(".md", ".zh-CN.md"), name]);
  },
);

test.each(["README.md", "docs/tour.md", "CONTRIBUTING.md"])("a command that %s names is there", (path) => {
  const text = read(path);
  const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
  for (const [, name = ""] of text.matchAll(/npm run ([\w:]+)/g)) expect(Object.keys(scripts)).toContain(name);
  for (const [, name = ""] of text.matchAll(/\bscript\/([\w-]+)/g))
    expect(existsSync(join(project, "script", name)), name).toBe(true);
});

test.each(documents)("every source file that %s names is there", (path) => {
  const named = [
    ...read(path).matchAll(/`((?:src|tests|embedded|bench|script|deploy|clients|migrations)\/[\w./-]+)`/g),
  ];
  const isThere = (file: string) =>
    [file, `${file}.test.ts`, join(dirname(path), file)].some((place) => existsSync(join(project, place)));
  expect(named.map(([, file = ""]) => file).filter((file) => !isThere(file))).toEqual([]);
});

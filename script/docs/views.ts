import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { views } from "../../src/replay/views/index.ts";

const document = new URL("../../docs/analysts.md", import.meta.url);
const heading = "## Predefined views\n";
const next = "\n## Examples\n";

/** docs/analysts.md with its list of views as they are declared. */
export function withViews(text: string): string {
  const begin = text.indexOf(heading);
  const end = text.indexOf(next);
  if (begin < 0 || end < begin) throw new Error("docs/analysts.md has no section Predefined views before Examples");
  const intro = text.slice(begin, end).split("\n\n").slice(0, 2).join("\n\n").trimEnd();
  const parts = views.map(({ name, description, columns }) => {
    const rows = Object.entries(columns).map(([column, meaning]) => `| \`${column}\` | ${meaning} |`);
    return `### ${name}\n\n${description}\n\n${["| column | |", "|---|---|", ...rows].join("\n")}`;
  });
  return `${text.slice(0, begin)}${intro}\n\n${parts.join("\n\n")}\n${text.slice(end)}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  writeFileSync(document, withViews(readFileSync(document, "utf8")));

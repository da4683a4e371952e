import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { columns, type EventRow, eventRows } from "../../src/replay/schema/columns.ts";
import { envelope } from "../../src/replay/schema/envelope.ts";

const domain = new URL("../../src/domain/", import.meta.url);
const document = new URL("../../docs/events.md", import.meta.url);

/** The doc comments of events and fields in the event files, by name; for a field of two meanings, none. */
function commentsOfSources(): { events: Map<string, string>; fields: Map<string, string> } {
  const [events, fields] = [new Map<string, string>(), new Map<string, string>()];
  const files = readdirSync(domain, { encoding: "utf8", recursive: true }).filter((file) =>
    file.endsWith("/events.ts"),
  );
  for (const file of files.sort()) {
    const source = readFileSync(new URL(file, domain), "utf8");
    for (const [, comment = "", name = ""] of source.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*?)\*\/\s*\n\s*(\w+)[:,]/g)) {
      const text = comment.replaceAll(/\s*\n\s*\*\s*/g, " ").trim();
      const into = /^[A-Z]/.test(name) ? events : fields;
      into.set(name, into.has(name) && into.get(name) !== text ? "" : text);
    }
  }
  return { events, fields };
}

const table = (headings: readonly string[], rows: readonly (readonly string[])[]) =>
  [headings, headings.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");

const words = { plain: "", keyed: "hashed under a key of the reader's", withheld: "only with `--identities`" };

function describeEvent(row: EventRow, comments: ReturnType<typeof commentsOfSources>): string {
  const { type, version, book, fields } = row;
  const says = comments.events.get(type);
  const rows = fields.map(({ path, column, type, nullable, bounds, privacy }) => [
    `\`${column}\``,
    `\`${path.join(".")}\``,
    `${type}${nullable ? ", may be null" : ""}`,
    [bounds, words[privacy], comments.fields.get(path.at(-1) ?? "") ?? ""].filter((text) => text !== "").join("; "),
  ]);
  return [
    `### ${type}`,
    `Version ${version}${book === undefined ? ", of no single book" : ""}.${says ? ` ${says}` : ""}`,
    ...(rows.length === 0 ? [] : [table(["column", "field", "type", ""], rows)]),
  ].join("\n\n");
}

/** docs/events.md as the schemas of the events say it. */
export function eventsDocument(): string {
  const comments = commentsOfSources();
  const categories = [...new Set(eventRows.map(({ category }) => category))];
  const parts = [
    "# Events",
    `Made by \`npm run docs:events\` from the schemas of the events (\`src/domain/**/events.ts\`) and \`src/replay/schema\`; a test compares.
[For analysts](analysts.md) shows how to ask.`,
    `\`heima replay export\` writes one row an event, with ${columns.length} columns: those of every event, and those that the data of some
events fill, which are null for all others. Older versions of an event are upcast. Days are those of China (UTC+8), times are UTC.
JSON is text that holds a list or an object. Columns of a nested object begin with its name.`,
    `Without \`--identities\` a reader is a pseudonym. What leads to a person is hashed under a key of the reader's own or left out:
ids of devices and UUIDs are hashed, so that they can be told apart; texts that readers type are left out, but for what they search for.`,
    "## Columns of every event",
    table(
      ["column", "type", ""],
      envelope.map(({ name, type, description }) => [`\`${name}\``, type, description]),
    ),
    ...categories.flatMap((category) => {
      const rows = eventRows.filter((row) => row.category === category);
      const whose = rows[0]?.ofReader ? "readerId" : category === "book" ? "bookId" : "channel";
      return [`## ${category}-<${whose}>`, ...rows.map((row) => describeEvent(row, comments))];
    }),
  ];
  return `${parts.join("\n\n")}\n`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) writeFileSync(document, eventsDocument());

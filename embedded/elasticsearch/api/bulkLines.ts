import { illegalArgument } from "../json/failure.ts";
import { type Entry, type Node, text, tokenName } from "../json/node.ts";
import { BrokenJson, brokenJson, parseJson } from "../json/parse.ts";
import { booleanValue, intValue } from "../json/reader.ts";
import { Source } from "../json/source.ts";

export type BulkKind = "index" | "create" | "delete" | "update";

/** One action of a bulk with its document's text. */
export type BulkAction = {
  readonly kind: BulkKind;
  readonly index: string | undefined;
  readonly id: string | undefined;
  readonly requireAlias: boolean | undefined;
  readonly version: number | undefined;
  readonly versionType: string | undefined;
  readonly ifSeqNo: number | undefined;
  readonly ifPrimaryTerm: number | undefined;
  readonly document: string;
};

const kinds: readonly string[] = ["create", "delete", "index", "update"];

/** Reads the lines of a bulk. A line that is no action fails the whole bulk; errors in a document are not detected here. */
export function parseBulk(body: string): BulkAction[] {
  if (!body.endsWith("\n")) throw illegalArgument("The bulk request must be terminated by a newline [\\n]");
  const lines = body.slice(0, -1).split("\n");
  const actions: BulkAction[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (line.replace(/\r$/, "") === "") continue;
    const action = parseAction(line, at + 1);
    if (action === undefined) continue;
    if (action.kind === "delete") {
      actions.push(action);
      continue;
    }
    at += 1;
    const document = lines[at];
    if (document === undefined) break;
    actions.push({ ...action, document: document.replace(/\r$/, "") });
  }
  return actions;
}

function parseAction(line: string, number: number): BulkAction | undefined {
  const source = new Source(line);
  const malformed = (expected: string, found: string) =>
    illegalArgument(`Malformed action/metadata line [${number}], expected ${expected} but found [${found}]`);
  let root: Node;
  try {
    root = parseJson(source, false);
  } catch (error) {
    throw error instanceof BrokenJson ? brokenJson(error) : error;
  }
  if (root.kind !== "object") throw malformed("START_OBJECT", tokenName(root));
  const [entry, more] = root.entries;
  if (entry === undefined) throw malformed("FIELD_NAME", "END_OBJECT");
  if (!kinds.includes(entry.key)) {
    throw illegalArgument(
      `Malformed action/metadata line [${number}], expected field [create], [delete], [index] or [update] but found [${entry.key}]`,
    );
  }
  const { value } = entry;
  if (value.kind !== "object") throw malformed("START_OBJECT or END_OBJECT", tokenName(value));
  const action = parameters(entry.key as BulkKind, value.entries, number);
  if (more !== undefined) throw malformed("END_OBJECT", "FIELD_NAME");
  return action;
}

function parameters(kind: BulkKind, entries: readonly Entry[], number: number): BulkAction {
  const get = (name: string) => entries.find(({ key }) => key === name)?.value;
  const known =
    "_index _id routing pipeline version version_type if_seq_no if_primary_term require_alias require_data_stream op_type dynamic_templates retry_on_conflict _source list_executed_pipelines".split(
      " ",
    );
  for (const { key, value } of entries) {
    if (value.kind === "array" || (value.kind === "object" && key !== "_source" && key !== "dynamic_templates")) {
      throw illegalArgument(
        `Malformed action/metadata line [${number}], expected a simple value for field [${key}] but found [${tokenName(value)}]`,
      );
    }
    if (!known.includes(key))
      throw illegalArgument(`Action/metadata line [${number}] contains an unknown parameter [${key}]`);
  }
  const string = (name: string) => {
    const node = get(name);
    return node === undefined ? undefined : (text(node) ?? undefined);
  };
  const long = (name: string) => {
    const node = get(name);
    return node === undefined ? undefined : intValue(node);
  };
  const requireAlias = get("require_alias");
  const isCreate = kind === "index" && string("op_type") === "create";
  return {
    kind: isCreate ? "create" : kind,
    index: string("_index"),
    id: string("_id"),
    requireAlias: requireAlias === undefined ? undefined : booleanValue(requireAlias),
    version: long("version"),
    versionType: string("version_type"),
    ifSeqNo: long("if_seq_no"),
    ifPrimaryTerm: long("if_primary_term"),
    document: "",
  };
}

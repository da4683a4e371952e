import { illegalArgument } from "../json/failure.ts";
import { type Node, type ObjectNode, text, tokenName } from "../json/node.ts";
import { booleanValue, type FieldReader, intValue, readObject, textList, xContentException } from "../json/reader.ts";
import type { Source } from "../json/source.ts";
import { constantOf } from "../queries/common.ts";
import type { Clause } from "../queries/context.ts";
import { parseQuery } from "../queries/parse.ts";

/** The highlighting of a field; options that a field does not set come from the whole highlight. */
export type HighlightOptions = {
  type: string | undefined;
  preTags: readonly string[] | undefined;
  postTags: readonly string[] | undefined;
  fragmentSize: number | undefined;
  fragments: number | undefined;
  order: string | undefined;
  encoder: string | undefined;
  requireFieldMatch: boolean | undefined;
  noMatchSize: number | undefined;
  fragmenter: string | undefined;
  query: Clause | undefined;
};

export type HighlightSpec = {
  readonly options: HighlightOptions;
  readonly fields: readonly { readonly pattern: string; readonly options: HighlightOptions }[];
};

const newOptions = (): HighlightOptions => ({
  type: undefined,
  preTags: undefined,
  postTags: undefined,
  fragmentSize: undefined,
  fragments: undefined,
  order: undefined,
  encoder: undefined,
  requireFieldMatch: undefined,
  noMatchSize: undefined,
  fragmenter: undefined,
  query: undefined,
});

const javaPackage = "search.fetch.subphase.highlight.HighlightBuilder";
const scanners = ["chars", "word", "sentence"];

const ignore: FieldReader = () => {};

function readers(options: HighlightOptions, source: Source): Record<string, FieldReader> {
  return {
    type: (value) => {
      options.type = text(value) ?? undefined;
    },
    pre_tags: (value) => {
      options.preTags = textList(value);
    },
    post_tags: (value) => {
      options.postTags = textList(value);
    },
    fragment_size: (value) => {
      options.fragmentSize = intValue(value);
    },
    number_of_fragments: (value) => {
      options.fragments = intValue(value);
    },
    order: (value) => {
      options.order = text(value) ?? undefined;
    },
    require_field_match: (value) => {
      options.requireFieldMatch = booleanValue(value);
    },
    no_match_size: (value) => {
      options.noMatchSize = intValue(value);
    },
    fragmenter: (value) => {
      options.fragmenter = text(value) ?? undefined;
    },
    highlight_query: (value) => {
      options.query = parseQuery(value, source);
    },
    boundary_scanner: (value) => void constantOf(text(value) ?? "", scanners, `${javaPackage}.BoundaryScannerType`),
    boundary_chars: ignore,
    boundary_max_scan: (value) => void intValue(value),
    boundary_scanner_locale: ignore,
    phrase_limit: ignore,
    options: ignore,
    max_analyzed_offset: (value) => {
      const most = intValue(value);
      if (most === 0 || most < -1) throw illegalArgument("[max_analyzed_offset] must be a positive integer, or -1");
    },
  };
}

/** Parses `highlight` of a search: `fields` is an object or a list of objects. */
export function parseHighlight(body: ObjectNode, source: Source): HighlightSpec {
  const options = newOptions();
  let fields: HighlightSpec["fields"] = [];
  readObject(source, "highlight", body, {
    ...readers(options, source),
    encoder: (value) => {
      options.encoder = text(value) ?? undefined;
    },
    tags_schema: (value) => void readSchema(options, value),
    fields: (value) => {
      fields = readFields(value, source);
    },
  });
  if (options.preTags !== undefined && options.postTags === undefined)
    throw illegalArgument("pre_tags are set but post_tags are not set");
  return { options, fields };
}

function readSchema(options: HighlightOptions, value: Node): void {
  const schema = text(value) ?? "";
  if (schema === "default") [options.preTags, options.postTags] = [["<em>"], ["</em>"]];
  else if (schema === "styled") [options.preTags, options.postTags] = [['<em class="hlt1">'], ["</em>"]];
  else throw illegalArgument(`Unknown tag schema [${schema}]`);
}

function readFields(value: Node, source: Source): HighlightSpec["fields"] {
  const objects = value.kind === "array" ? value.items : [value];
  return objects.flatMap((node) => {
    if (node.kind !== "object") {
      const reason =
        "[fields] can be a single object with any number of fields or an array where each entry is an object with a single field";
      throw xContentException(source, node.start, reason);
    }
    const found: { pattern: string; options: HighlightOptions }[] = [];
    const each = Object.fromEntries(
      node.entries.map(({ key }): [string, FieldReader] => [
        key,
        (inner) => {
          const options = newOptions();
          if (inner.kind !== "object") {
            const reason = `[highlight_field] Expected START_OBJECT but was: ${tokenName(inner)}`;
            throw xContentException(source, inner.start, reason);
          }
          readObject(source, "highlight_field", inner, {
            ...readers(options, source),
            fragment_offset: ignore,
            matched_fields: ignore,
          });
          found.push({ pattern: key, options });
        },
      ]),
    );
    readObject(source, "fields", node, each);
    return found;
  });
}

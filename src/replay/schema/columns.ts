import type { EventDefinitions } from "../../domain/event.ts";
import type { StreamFacts } from "../../domain/stream.ts";
import { streams } from "../../domain/streams.ts";
import { type Envelope, envelope } from "./envelope.ts";
import { type ColumnType, type Field, fieldsOf } from "./fields.ts";
import { reservedWords } from "./reservedWords.ts";

/** A column that one field of one or more types of events fills. */
export type Column = { readonly name: string; readonly type: ColumnType };

/**
 * The visibility of a field in an export without identities: `plain`, all of it; `keyed`, a hash under a key of the reader's own,
 * the same for the same value; `withheld`, nothing.
 */
export type Privacy = "plain" | "keyed" | "withheld";

/** Where a field of an event goes. */
export type FilledColumn = Field & { readonly column: string; readonly privacy: Privacy };

/** The mapping of one type of event to a row. */
export type EventRow = {
  readonly type: string;
  readonly version: number;
  readonly category: string;
  /** Whether the stream is a reader's; otherwise it is that of a book or a channel. */
  readonly ofReader: boolean;
  /** The field of the data with the book's id; `"id"`: it is the stream's; undefined: it is of no single book. */
  readonly book: "id" | string | undefined;
  readonly fields: readonly FilledColumn[];
};

/** Texts of readers that analysts may see. Any other text of a reader is left out of exports without identities. */
const shownTexts: ReadonlySet<string> = new Set(["KeywordSearched.keyword"]);

/** UUIDs that lead to the reader, and tell an analyst nothing. */
const withheldIds: ReadonlySet<string> = new Set(["profileId"]);

/** Fields whose names say what they are, but that SQL or the reader of a table takes for something else. */
const renamed: Readonly<Record<string, string>> = { offset: "text_offset", group: "group_id" };

const ofEnvelope: ReadonlySet<string> = new Set(envelope.map(({ name }) => name));

/**
 * The mappings of all types of events to rows, in the order of the registry. Streams of neither a reader nor a book are the
 * operators'.
 */
export const eventRows: readonly EventRow[] = rowsOf(streams);

/** The columns that events' data fill, in the order of their first event. */
const dataColumns: readonly Column[] = columnsOf(eventRows);

/** All columns of an export: those that each event has, then those of the data. */
export const columns: readonly (Column | Envelope)[] = [...envelope, ...dataColumns];

/** As `eventRows`, of other streams. Throws if two fields of one name have different types: one of them must be renamed. */
export function rowsOf(declared: readonly StreamFacts[]): readonly EventRow[] {
  return declared
    .filter(({ keys }) => keys.reader !== undefined || keys.book !== undefined)
    .flatMap((stream) =>
      Object.entries(stream.events as EventDefinitions).map(([type, definition]) => {
        const { category, keys } = stream;
        const ofReader = keys.reader === "id";
        const fields = fieldsOf(definition);
        const book = typeof keys.book === "object" ? keys.book.field : keys.book;
        const hasBook = book === "id" || fields.some(({ path }) => path.length === 1 && path[0] === book);
        return {
          type,
          version: definition.version,
          category,
          ofReader,
          book: hasBook ? book : undefined,
          fields: fields
            .filter(({ path }) => !(hasBook && path.length === 1 && path[0] === book))
            .map((field) => ({
              ...field,
              column: columnName(field, category),
              privacy: privacyOf(field, type, ofReader),
            })),
        };
      }),
    );
}

export function columnsOf(rows: readonly EventRow[]): readonly Column[] {
  const found = new Map<string, Column>();
  for (const { type: event, fields } of rows)
    for (const { column: name, type } of fields) {
      const known = found.get(name);
      if (known !== undefined && known.type !== type)
        throw new Error(`${event}: ${name} is ${known.type} in another event and ${type} here; rename it (columns.ts)`);
      found.set(name, { name, type });
    }
  return [...found.values()];
}

function columnName({ path }: Field, category: string): string {
  const name = path
    .map((part, index) => (index === path.length - 1 ? (renamed[part] ?? part) : part))
    .join("_")
    .replaceAll(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
  if (ofEnvelope.has(name)) return `${category}_${name}`;
  return reservedWords.has(name) ? `${name}_` : name;
}

function privacyOf({ path, text }: Field, type: string, ofReader: boolean): Privacy {
  const name = path.at(-1) ?? "";
  if (!ofReader) return "plain";
  if (withheldIds.has(name)) return "withheld";
  if (name === "deviceId" || text === "uuid") return "keyed";
  return text === "free" && !shownTexts.has(`${type}.${name}`) ? "withheld" : "plain";
}

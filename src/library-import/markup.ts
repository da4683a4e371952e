import { Tokenizer } from "htmlparser2";

export type Attributes = Readonly<Record<string, string>>;

/** Receives the parts of a mark-up text in order. Names are lower-case and local, those of attributes too. */
export type MarkupHandler = {
  /** `closed`: a self-closing tag, without a following `onClose`. */
  readonly onOpen: (name: string, attributes: Attributes, closed: boolean) => void;
  readonly onClose: (name: string) => void;
  readonly onText: (text: string) => void;
};

/**
 * Reads HTML or XHTML as a sequence of tags and texts, with entities decoded and CDATA as text. Builds no tree and does not
 * match end tags, so that the time is linear in the length, whatever the nesting.
 */
function readMarkup(source: string, handler: MarkupHandler): void {
  let name = "";
  let attributes: Record<string, string> = {};
  let attribute = "";
  let value = "";
  const open = (closed: boolean) => {
    handler.onOpen(name, attributes, closed);
    attributes = {};
  };
  const tokenizer = new Tokenizer(
    { decodeEntities: true, recognizeSelfClosing: true },
    {
      onopentagname(start, end) {
        name = localName(source.slice(start, end));
      },
      onopentagend: () => open(false),
      onselfclosingtag: () => open(true),
      onclosetag: (start, end) => handler.onClose(localName(source.slice(start, end).trim())),
      onattribname(start, end) {
        const written = source.slice(start, end).toLowerCase();
        attribute = written.slice(written.indexOf(":") + 1);
        value = "";
      },
      onattribdata(start, end) {
        value += source.slice(start, end);
      },
      onattribentity(codePoint) {
        value += String.fromCodePoint(codePoint);
      },
      onattribend() {
        if (!Object.hasOwn(attributes, attribute)) attributes[attribute] = value;
      },
      ontext: (start, end) => handler.onText(source.slice(start, end)),
      ontextentity: (codePoint) => handler.onText(String.fromCodePoint(codePoint)),
      oncdata: (start, end, offset) => handler.onText(source.slice(start, end - offset)),
      oncomment() {},
      ondeclaration() {},
      onprocessinginstruction() {},
      onend() {},
    },
  );
  tokenizer.write(source);
  tokenizer.end();
}

/** A name in lower case, without its namespace prefix. */
function localName(written: string): string {
  return written.slice(written.indexOf(":") + 1).toLowerCase();
}

/** Elements that start a new line. */
export const blocks: ReadonlySet<string> = new Set(
  "address article aside blockquote body br center dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main nav ol p pagebreak pre section table tbody td tr th ul".split(
    " ",
  ),
);

/** Elements whose content is not text; rt and rp are ruby annotations. */
export const hiddenElements: ReadonlySet<string> = new Set(
  "head script style template rt rp svg iframe object".split(" "),
);

/**
 * Passes on visible text, without the content of elements that have none. An unclosed one would hide the remaining document: at
 * the end the amount of text hidden in this way (UTF-16 units) and the element are reported.
 */
export function readVisibleText(
  source: string,
  handler: MarkupHandler,
  shown: ReadonlySet<string> = new Set(),
): { readonly hiddenBy: string; readonly length: number } | undefined {
  let hiddenBy: string | undefined;
  let depth = 0;
  let length = 0;
  readMarkup(source, {
    onOpen(name, attributes, closed) {
      if (hiddenBy !== undefined && endsByOpening(hiddenBy, name)) hiddenBy = undefined;
      if (hiddenBy !== undefined) {
        if (name === hiddenBy && !closed) depth += 1;
        return;
      }
      handler.onOpen(name, attributes, closed);
      if (!closed && hiddenElements.has(name) && !shown.has(name)) {
        hiddenBy = name;
        depth = 1;
        length = 0;
      }
    },
    onClose(name) {
      if (hiddenBy === undefined) return handler.onClose(name);
      if ((hiddenBy === "rt" || hiddenBy === "rp") && name === "ruby") hiddenBy = undefined;
      else if (name === hiddenBy) {
        depth -= 1;
        if (depth === 0) hiddenBy = undefined;
      }
    },
    onText(text) {
      if (hiddenBy === undefined) handler.onText(text);
      else length += text.length;
    },
  });
  return hiddenBy === undefined ? undefined : { hiddenBy, length };
}

/** HTML allows the end tags of some elements to be omitted. */
function endsByOpening(hiddenBy: string, name: string): boolean {
  if (hiddenBy === "head") return name === "body";
  return (hiddenBy === "rt" || hiddenBy === "rp") && /^(?:rt|rp|rb|ruby)$/.test(name);
}

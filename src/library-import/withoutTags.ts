import { blocks, hiddenElements } from "./markup.ts";

/** `hidden`: letters other than those of code in the contents that were left out. `tags`: how many tags were removed. */
export type Untagged = { readonly text: string; readonly hidden: number; readonly tags: number };

/** The elements of HTML, with those of earlier versions. Everything else in <…> is text: List<String>, <HP 100>. */
const elements: ReadonlySet<string> = new Set(
  "a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink blockquote body br button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe image img input ins kbd label legend li link main map mark marquee menu meta meter nav nobr noframes noscript object ol optgroup option output p pagebreak param picture pre progress q rb rp rt rtc ruby s samp script search section select small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr".split(
    " ",
  ),
);

const attribute = /[a-z_@:][\w:.-]*(?:\s*=\s*(?:"[^"<]*"|'[^'<]*'|[^\s"'<>=`]+))?/.source;
/** A tag with a name, also of a namespace (<o:p>), a comment, CDATA, a declaration. No part of it can hold a `<` but of a comment or CDATA. */
const found = new RegExp(
  `<(?<slash>/?)(?<name>[a-z][a-z0-9]*(?::[a-z][a-z0-9]*)?)(?:\\s+${attribute}|\\s*/(?=\\s*>))*\\s*>|<!--|<!\\[CDATA\\[|<!doctype\\s[^<>]*>|<\\?xml[^<>]*\\?>`,
  "giu",
);

/** The part of an element's hidden contents that is examined, in UTF-16 units. */
const examined = 200;
const letters = /[^\P{L}\p{ASCII}]/gu;
/** Of this many letters that are not of code, and this share of them, the contents of a script or a drawing are a story's. */
const prose = { letters: 12, share: 0.5 };

/**
 * Removes the tags of HTML from a text, each separately; block elements start and end lines, and entities stay. The contents of
 * elements such as script, style and svg are left out, and comments, but only where the end tag exists and the contents are not
 * prose; otherwise the tag is text, as in a story about web pages. A `head` is one only before all text, and rt and rp only in a
 * ruby element. The time is linear in the length.
 */
export function withoutTags(source: string): Untagged {
  if (!source.includes("<")) return { text: source, hidden: 0, tags: 0 };
  const parts: string[] = [];
  const ends = endFinder(source);
  /** Opening tags that are text: so are their end tags. */
  const shown = new Map<string, number>();
  let [from, hidden, tags, ruby] = [0, 0, 0, 0];
  let isBlank = true;
  const keep = (to: number) => {
    const part = source.slice(from, to);
    if (part === "") return;
    parts.push(part);
    isBlank &&= part.trim() === "";
  };
  found.lastIndex = 0;
  for (let match = found.exec(source); match !== null; match = found.exec(source)) {
    const { index } = match;
    const [whole] = match;
    const behind = index + whole.length;
    const isEnd = match.groups?.slash === "/";
    const name = match.groups?.name?.toLowerCase() ?? "";
    const known = name === "" || name.includes(":") || elements.has(name);
    const local = name.slice(name.indexOf(":") + 1);
    if (!known) continue;
    if (whole === "<![CDATA[") {
      const end = ends("]]>", behind);
      if (end === undefined) continue;
      keep(index);
      from = behind;
      // Its contents are text, even where they have the form of a tag or an entity.
      parts.push(source.slice(behind, end.start).replaceAll("&", "&amp;"));
      from = end.behind;
      tags += 1;
    } else if (whole === "<!--" || (hiddenElements.has(local) && !isEnd && !whole.endsWith("/>"))) {
      const isMisplaced =
        (local === "head" && !(isBlank && source.slice(from, index).trim() === "")) || (isRuby(local) && ruby === 0);
      const end = isMisplaced ? undefined : ends(whole === "<!--" ? "-->" : local, behind);
      const content = end === undefined ? "" : source.slice(behind, end.start);
      if (end === undefined || (local !== "head" && !isRuby(local) && isProse(content))) {
        shown.set(local, (shown.get(local) ?? 0) + 1);
        continue;
      }
      keep(index);
      from = end.behind;
      tags += 1;
      if (!isRuby(local)) hidden += content.match(letters)?.length ?? 0;
    } else {
      const asText = isEnd ? (shown.get(local) ?? 0) : 0;
      if (asText > 0) {
        shown.set(local, asText - 1);
        continue;
      }
      keep(index);
      if (blocks.has(local) && !(isEnd && local === "br")) parts.push("\n");
      if (local === "ruby") ruby = Math.max(0, ruby + (isEnd ? -1 : 1));
      from = behind;
      tags += 1;
    }
    found.lastIndex = from;
  }
  keep(source.length);
  return { text: parts.join(""), hidden, tags };
}

const isRuby = (name: string) => name === "rt" || name === "rp";

function isProse(content: string): boolean {
  const start = content.slice(0, examined).replace(/<[^<>]*>|\s+/gu, "");
  const count = start.match(letters)?.length ?? 0;
  return count >= prose.letters && count >= prose.share * start.length;
}

type End = { readonly start: number; readonly behind: number; readonly isAgain: boolean };

/** Finds where the contents of an element end, from a place on; each end is searched for once. */
function endFinder(source: string): (name: string, from: number) => End | undefined {
  const next = new Map<string, End | undefined>();
  const patterns = new Map<string, RegExp>();
  const look = (name: string, from: number): End | undefined => {
    const pattern = patterns.get(name) ?? new RegExp(endOf(name), "giu");
    patterns.set(name, pattern);
    pattern.lastIndex = from;
    const match = pattern.exec(source);
    if (match === null) return undefined;
    const { stays, again } = match.groups ?? {};
    const behind = match.index + (stays === undefined ? match[0].length : 0);
    return { start: match.index, behind, isAgain: again !== undefined };
  };
  return (name, from) => {
    const before = next.get(name);
    const isKnown = next.has(name) && (before === undefined || before.start >= from);
    const end = isKnown ? before : look(name, from);
    next.set(name, end);
    return end?.isAgain ? undefined : end;
  };
}

/** Elements that may be in one of their own kind. */
const nesting: ReadonlySet<string> = new Set(["svg", "object", "template"]);

/**
 * HTML allows the end tags of some elements to be omitted: `stays` is what begins the next one. `again` begins another one of a kind that
 * cannot be nested: the one before has no end.
 */
function endOf(name: string): string {
  if (name === "-->") return "-->";
  if (name === "]]>") return "\\]\\]>";
  if (name === "head") return "</head\\s*>|(?<stays><body[\\s>])";
  if (isRuby(name)) return `</${name}\\s*>|(?<stays></?(?:rt|rp|rb|ruby)[\\s>])`;
  const end = `</(?:\\w+:)?${name}\\s*>`;
  return nesting.has(name) ? end : `${end}|(?<again><${name}[\\s>])`;
}

import { preferences, type Settings, settings } from "../domain/preferences/events.ts";
import { decimalIn, firstTimeIn, idIfAny, idIn, numberIn, optional, type Row, textIn, UnusableRow } from "./values.ts";

/** A user of the course. Times are milliseconds since 1970. */
export type CourseUser = {
  readonly id: number;
  readonly openid: string;
  readonly nickname: string;
  readonly avatarUrl: string;
  readonly gender: "male" | "female" | null;
  readonly channel: "male" | "female" | "published" | undefined;
  readonly settings: Partial<Settings>;
  readonly lastRead: { readonly bookId: number; readonly chapterId: number } | undefined;
  readonly changedAt: number | undefined;
  /** Why optional fields of the row cannot be read; empty if all can. */
  readonly unreadable: readonly string[];
};

/** A row of `book_shelf`, `browse_history` or `read_rate`: a reader and a book. */
export type CourseVisit = {
  readonly id: number;
  readonly userId: number;
  readonly bookId: number;
  readonly at: number | undefined;
};

/** A place in a book: `rate` is the percentage of the chapter that was read. */
export type CourseRate = CourseVisit & { readonly chapterId: number; readonly rate: number };

const genders = { 0: "female", 1: "male", 2: "female" } as const;
const channels = { 1: "male", 2: "female", 3: "published" } as const;

/** WeChat's openids have 28 of these characters; older ones may be shorter. */
const openid = /^[\w-]{1,128}$/;

/** Parses a row of `user`; settings out of range are dropped. Throws UnusableRow if its id or openid is unusable. */
export function userOf(row: Row, utcOffset: string): CourseUser {
  const id = idIn(row, "id");
  const named = textIn(row, "openid").trim();
  if (!openid.test(named)) throw new UnusableRow("openId is no openid of WeChat");
  const unreadable: string[] = [];
  const report = (reason: string) => void unreadable.push(reason);
  const read = <Value>(of: (row: Row, column: string) => Value | undefined, column: string) =>
    optional(report, () => of(row, column));
  const [bookId, chapterId] = [read(idIfAny, "last_read"), read(idIfAny, "last_read_chapter_id")];
  return {
    id,
    openid: named,
    nickname: textIn(row, "nickname"),
    avatarUrl: textIn(row, "avatarurl"),
    gender: genders[read(numberIn, "gender") as keyof typeof genders] ?? null,
    channel: preferences.shape.channel.catch(null).parse(channels[read(numberIn, "preference") as 1]) ?? undefined,
    settings: settingsOf(row, (column) => read(numberIn, column)),
    lastRead: bookId === undefined || chapterId === undefined ? undefined : { bookId, chapterId },
    changedAt: optional(report, () => firstTimeIn(row, ["modified", "created"], utcOffset)),
    unreadable,
  };
}

function settingsOf(row: Row, numberOf: (column: string) => number | undefined): Partial<Settings> {
  const { brightness, fontSize, background, pageTurn } = settings.shape;
  const found = {
    brightness: brightness.optional().catch(undefined).parse(numberOf("brightness")),
    fontSize: fontSize.optional().catch(undefined).parse(numberOf("fontsize")),
    background: background.optional().catch(undefined).parse(textIn(row, "background").trim().toUpperCase()),
    pageTurn: pageTurn.optional().catch(undefined).parse(textIn(row, "turn").trim().toUpperCase()),
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** Parses a row of `book_shelf` or `browse_history`; for the latter with the last visit. Throws UnusableRow. */
export function visitOf(row: Row, utcOffset: string, columns: readonly string[]): CourseVisit {
  const at = firstTimeIn(row, columns, utcOffset);
  return { id: idIn(row, "id"), userId: idIn(row, "user_id"), bookId: idIn(row, "book_id"), at };
}

/** Parses a row of `read_rate`. Throws UnusableRow. */
export function rateOf(row: Row, utcOffset: string): CourseRate {
  const rate = decimalIn(row, "rate") ?? 0;
  if (!(rate >= 0 && rate <= 100)) throw new UnusableRow("rate must be from 0 to 100");
  return { ...visitOf(row, utcOffset, ["created"]), chapterId: idIn(row, "chapter_id"), rate };
}

/** In chronological order, each at least a millisecond after the reader's previous one: of two places at one time the later row counts. */
export function withDistinctTimes(rates: readonly CourseRate[]): readonly (CourseRate & { readonly at: number })[] {
  const last = new Map<number, number>();
  return inOrder(rates).map((rate) => {
    const at = Math.max(rate.at ?? 0, (last.get(rate.userId) ?? -1) + 1);
    last.set(rate.userId, at);
    return { ...rate, at };
  });
}

/** In chronological order; rows without a time come first, in their order in the file. */
export function inOrder<Visit extends CourseVisit>(visits: readonly Visit[]): readonly Visit[] {
  return [...visits].sort((a, b) => (a.at ?? 0) - (b.at ?? 0) || a.id - b.id);
}

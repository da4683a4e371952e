/** A row of MovieLens' ratings.csv: `userId,movieId,rating,timestamp`. */
export type Rating = {
  readonly user: string;
  readonly movie: number;
  readonly rating: number;
  readonly seconds: number;
};

/** A book whose chapters are long enough for every offset derived from a rating. */
export type Book = { readonly bookId: string; readonly chapterIds: readonly string[] };

export type Entry = {
  readonly entryId: string;
  readonly bookId: string;
  readonly chapterId: string;
  readonly chapterNo: number;
  readonly offset: number;
  readonly readAt: string;
  readonly activeSeconds: number;
  readonly deviceId: string;
};

const devices = ["phone", "tablet", "desk"] as const;

/** The rows of a CSV with a heading; throws at an invalid line. */
export function ratingsOf(csv: string, most: number): readonly Rating[] {
  const lines = csv
    .trim()
    .split(/\r?\n/)
    .slice(1, most + 1);
  return lines.map((line, index) => {
    const [user = "", movie, rating, seconds] = line.split(",");
    const row = { user, movie: Number(movie), rating: Number(rating), seconds: Number(seconds) };
    if (user === "" || !Number.isInteger(row.movie) || !(row.rating > 0) || !Number.isInteger(row.seconds)) {
      throw new Error(`line ${index + 2} is no rating: ${line}`);
    }
    return row;
  });
}

/**
 * The readers' progress: a movie is a book, a rating (0.5 to 5) is the place in it, its time the time of reading. Device, offset
 * and seconds of reading are derived from the movie's number.
 */
export function entriesOf(ratings: readonly Rating[], books: readonly Book[]): ReadonlyMap<string, readonly Entry[]> {
  const byReader = new Map<string, Entry[]>();
  ratings.forEach(({ user, movie, rating, seconds }, index) => {
    const { bookId, chapterIds } = books[movie % books.length] as Book;
    const chapterNo = 1 + (Math.round(rating * 2 - 1) % chapterIds.length);
    const entries = byReader.get(user) ?? [];
    byReader.set(user, entries);
    entries.push({
      entryId: `00000000-0000-4000-8000-${index.toString(16).padStart(12, "0")}`,
      bookId,
      chapterId: chapterIds[chapterNo - 1] as string,
      chapterNo,
      offset: (movie * 7) % 200,
      readAt: new Date(seconds * 1000).toISOString(),
      activeSeconds: 60 + (movie % 541),
      deviceId: devices[movie % devices.length] as string,
    });
  });
  return byReader;
}

/**
 * The expected rows of the views, as SQL over the CSV alone: `ratings` is read from the file, and none of the project's views or
 * columns is used. `local` is the last moment of the reading. Each query has the compared columns of its view.
 */
export const ratings = (file: string) => `CREATE TABLE rated AS
  SELECT "userId" AS who, "movieId" AS movie, to_timestamp(timestamp)::TIMESTAMP AS utc,
    epoch_ms(1000 * (timestamp + 28800) - 1) AS local, 60 + "movieId" % 541 AS secs, ceil(rating * 2)::INT AS chapter
  FROM read_csv('${file.replaceAll("'", "''")}', header = true,
    columns = {'userId': 'BIGINT', 'movieId': 'BIGINT', 'rating': 'DOUBLE', 'timestamp': 'BIGINT'})`;

const book = "'m' || lpad(movie::VARCHAR, 11, '0')";
const reader = "'00000000-0000-7000-8000-' || lpad(who::VARCHAR, 12, '0')";
const monday = "(local::DATE - (isodow(local) - 1)::INT)";
const channel = "['male', 'female', 'published'][movie % 3 + 1]";

/** By view: the query over the view, and the one over the ratings; their rows must be equal. */
export const comparisons: Readonly<Record<string, readonly [view: string, csv: string]>> = {
  events: [
    "SELECT count(*), count(DISTINCT reader), count(DISTINCT book_id), sum(active_seconds), min(happened_at), max(happened_at) FROM events WHERE type = 'ReadingProgressed'",
    "SELECT count(*), count(DISTINCT who), count(DISTINCT movie), sum(secs), min(utc), max(utc) FROM rated",
  ],
  every_reading: [
    "SELECT reader, book_id, happened_at, active_seconds, chapter_no FROM events WHERE type = 'ReadingProgressed' ORDER BY ALL",
    `SELECT ${reader}, ${book}, utc, secs, chapter FROM rated ORDER BY ALL`,
  ],
  late: [
    "SELECT count(*) FILTER (late), bool_and(late_seconds > 0) FROM events WHERE type = 'ReadingProgressed'",
    "SELECT count(*), true FROM rated",
  ],
  daily_readers: [
    "SELECT day, readers, readings, seconds FROM daily_readers ORDER BY ALL",
    "SELECT local::DATE AS d, count(DISTINCT who), count(*), sum(secs) FROM rated GROUP BY d ORDER BY ALL",
  ],
  weekly_readers: [
    "SELECT week, readers, readings, seconds FROM weekly_readers ORDER BY ALL",
    `SELECT ${monday} AS d, count(DISTINCT who), count(*), sum(secs) FROM rated GROUP BY d ORDER BY ALL`,
  ],
  monthly_readers: [
    "SELECT strftime(month, '%Y-%m'), readers, readings, seconds FROM monthly_readers ORDER BY ALL",
    "SELECT strftime(local, '%Y-%m') AS m, count(DISTINCT who), count(*), sum(secs) FROM rated GROUP BY m ORDER BY ALL",
  ],
  sessions: [
    "SELECT reader, session, began_at, ended_at, readings, seconds, books FROM sessions ORDER BY ALL",
    // A session begins where no reading that began earlier reaches to half an hour before.
    `WITH spans AS (SELECT *, row_number() OVER (PARTITION BY who ORDER BY utc - to_seconds(secs), utc, movie) AS n, utc - to_seconds(secs) AS start FROM rated),
      starts AS (SELECT who, n, start FROM spans s WHERE NOT EXISTS (
        SELECT 1 FROM spans e WHERE e.who = s.who AND e.n < s.n AND e.utc + INTERVAL 30 MINUTE >= s.start)),
      numbered AS (SELECT who, n, row_number() OVER (PARTITION BY who ORDER BY n) AS session,
        coalesce(lead(n) OVER (PARTITION BY who ORDER BY n), 1e9) AS next FROM starts)
    SELECT ${reader.replaceAll("who", "s.who")}, session, min(start), max(utc), count(*), sum(secs), count(DISTINCT movie)
    FROM numbered b JOIN spans s ON s.who = b.who AND s.n >= b.n AND s.n < next GROUP BY s.who, session ORDER BY ALL`,
  ],
  chapter_funnel: [
    "SELECT book_id, chapter_no, readers, round(share, 9) FROM chapter_funnel ORDER BY ALL",
    `WITH far AS (SELECT movie, who, max(chapter) AS far FROM rated GROUP BY ALL)
    SELECT ${book} AS b, c AS chapter, count(*) FILTER (far >= c) AS n, round(n / count(*), 9)
    FROM far JOIN range(1, 11) r(c) ON true GROUP BY movie, c HAVING n > 0 ORDER BY ALL`,
  ],
  retention: [
    "SELECT cohort, weeks, readers, cohort_readers, round(share, 9) FROM retention ORDER BY ALL",
    `WITH w AS (SELECT DISTINCT who, ${monday} AS week FROM rated), f AS (SELECT who, min(week) AS cohort FROM w GROUP BY who)
    SELECT cohort, (week - cohort) / 7 AS n, count(*), any_value(size), round(count(*) / any_value(size), 9)
    FROM w JOIN f USING (who) JOIN (SELECT cohort, count(*) AS size FROM f GROUP BY cohort) USING (cohort) GROUP BY cohort, n ORDER BY ALL`,
  ],
  completion: [
    "SELECT book_id, readers, finished, at_the_end FROM completion ORDER BY ALL",
    `SELECT ${book} AS b, count(DISTINCT who), 0, count(DISTINCT CASE WHEN chapter = 10 THEN who END) FROM rated GROUP BY movie ORDER BY ALL`,
  ],
  time_per_book: [
    "SELECT book_id, book_title, book_channel, book_category, readers, readings, seconds FROM time_per_book ORDER BY ALL",
    `SELECT ${book} AS b, '影' || movie, ${channel}, '类' || movie % 7, count(DISTINCT who), count(*), sum(secs) FROM rated GROUP BY movie ORDER BY ALL`,
  ],
  time_per_channel: [
    "SELECT book_channel, book_category, readers, books, seconds, round(share, 9) FROM time_per_channel ORDER BY ALL",
    `SELECT ${channel} AS c, '类' || movie % 7 AS k, count(DISTINCT who), count(DISTINCT movie), sum(secs),
      round(sum(secs) / (SELECT sum(secs) FROM rated), 9) FROM rated GROUP BY c, k ORDER BY ALL`,
  ],
  heat_map: [
    "SELECT weekday, hour, readers, readings, seconds FROM heat_map ORDER BY ALL",
    "SELECT isodow(local) AS d, hour(local) AS h, count(DISTINCT who), count(*), sum(secs) FROM rated GROUP BY d, h ORDER BY ALL",
  ],
  device_mix: [
    "SELECT devices, readers, seconds, round(main_device_share, 9) FROM device_mix ORDER BY ALL",
    `WITH d AS (SELECT who, sum(secs) FILTER (movie % (1 + who % 3) = 0) AS a, sum(secs) FILTER (movie % (1 + who % 3) = 1) AS b, sum(secs) FILTER (movie % (1 + who % 3) = 2) AS c FROM rated GROUP BY who)
    SELECT (a IS NOT NULL)::INT + (b IS NOT NULL)::INT + (c IS NOT NULL)::INT AS n, count(*),
      sum(coalesce(a, 0) + coalesce(b, 0) + coalesce(c, 0)), round(sum(greatest(a, b, c)) / sum(coalesce(a, 0) + coalesce(b, 0) + coalesce(c, 0)), 9)
    FROM d GROUP BY n ORDER BY ALL`,
  ],
  books_together: [
    "SELECT book_a, book_b, readers, readers_a, readers_b, round(lift, 9) FROM books_together WHERE readers >= 20 ORDER BY ALL",
    `WITH lists AS (SELECT who, list_sort(list(DISTINCT movie)) AS ms FROM rated GROUP BY who), n AS (SELECT movie, count(DISTINCT who) AS n FROM rated GROUP BY movie),
      pairs AS (SELECT x, unnest(ms[list_position(ms, x) + 1:]) AS y FROM (SELECT ms, unnest(ms) AS x FROM lists))
    SELECT 'm' || lpad(x::VARCHAR, 11, '0'), 'm' || lpad(y::VARCHAR, 11, '0'), count(*) AS together, any_value(nx.n), any_value(ny.n),
      round(count(*) * (SELECT count(*) FROM lists) / (any_value(nx.n) * any_value(ny.n)), 9)
    FROM pairs JOIN n nx ON nx.movie = x JOIN n ny ON ny.movie = y GROUP BY x, y HAVING together >= 20 ORDER BY ALL`,
  ],
};

import { dailyReaders, monthlyReaders, weeklyReaders } from "./activeReaders.ts";
import { booksTogether } from "./booksTogether.ts";
import { chapterFunnel } from "./chapterFunnel.ts";
import { completion } from "./completion.ts";
import { deviceMix } from "./deviceMix.ts";
import { heatMap } from "./heatMap.ts";
import { readings } from "./readings.ts";
import { timePerBook, timePerChannel } from "./readingTime.ts";
import { repeats } from "./repeats.ts";
import { retention } from "./retention.ts";
import { searchConversion } from "./searchConversion.ts";
import { sessions } from "./sessions.ts";
import type { View } from "./view.ts";

/** All views, each after those that it uses. */
export const views: readonly View[] = [
  repeats,
  readings,
  sessions,
  dailyReaders,
  weeklyReaders,
  monthlyReaders,
  chapterFunnel,
  retention,
  completion,
  timePerBook,
  timePerChannel,
  searchConversion,
  heatMap,
  deviceMix,
  booksTogether,
];

import type { View } from "./view.ts";

/** The mix of the seconds of readers on devices. */
export const mixOf = (perDevice: string): string =>
  `WITH per_device AS (${perDevice}), per_reader AS (
      SELECT reader, count(*) AS devices, sum(seconds) AS seconds, max(seconds) AS main FROM per_device GROUP BY reader
    )
    SELECT devices, count(*) AS readers, count(*) / sum(count(*)) OVER () AS reader_share, sum(seconds)::BIGINT AS seconds,
      sum(main) / nullif(sum(seconds), 0) AS main_device_share
    FROM per_reader
    GROUP BY devices`;

/** Devices have no names in a copy with pseudonyms, but a reader's devices can be told apart. */
export const deviceMix: View = {
  name: "device_mix",
  description: "Readers with the same number of devices.",
  columns: {
    devices: "How many devices each of them read on.",
    reader_share: "`readers` of all readers.",
    seconds: "Seconds of reading.",
    main_device_share: "The share of their seconds on the device that each of them read most on.",
  },
  sql: mixOf("SELECT reader, device_id, sum(seconds) AS seconds FROM readings GROUP BY reader, device_id"),
};

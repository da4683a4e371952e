import { beforeTheLog } from "./batch.ts";

type Positioned = { readonly position: bigint };

/** The lowest of these positions; before the log if there are none. */
export function lowestPosition(checkpoints: readonly Positioned[]): bigint {
  const [first, ...others] = checkpoints.map(({ position }) => position);
  let low = first ?? beforeTheLog;
  for (const position of others) if (position < low) low = position;
  return low;
}

/** The highest of these positions; before the log if there are none. */
export function highestPosition(checkpoints: readonly Positioned[]): bigint {
  let high = beforeTheLog;
  for (const { position } of checkpoints) if (position > high) high = position;
  return high;
}

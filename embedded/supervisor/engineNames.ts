/** The servers that our processes need, each a separate process. */
export const engineNames = ["postgres", "redis", "eventstore", "elasticsearch", "wechat"] as const;
export type EngineName = (typeof engineNames)[number];

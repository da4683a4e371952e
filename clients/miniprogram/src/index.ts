export type { Operations } from "./api.js";
export {
  type Answered,
  type AnswerOf,
  type Client,
  type ClientOptions,
  createClient,
  type InputOf,
  type Operation,
} from "./client.js";
export { type ErrorCode, HeimaError } from "./errors.js";
export type { Wx } from "./wx.js";

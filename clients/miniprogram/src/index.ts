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
export {
  type CopiedKind,
  type CopiedValues,
  type CopyProblem,
  createLocalCopy,
  type LocalCopy,
  type LocalCopyOptions,
} from "./localCopy.js";
export {
  createProgressQueue,
  type ProgressQueue,
  type ProgressQueueOptions,
  type QueueProblem,
  type ReadPlace,
} from "./progressQueue.js";
export { createSuggestions, type Suggestion, type Suggestions, type SuggestionsOptions } from "./suggestions.js";
export { createTextSearch, type TextPlace, type TextSearch } from "./textSearch.js";
export type { ProgressEntry } from "./waitingEntries.js";
export type { Wx } from "./wx.js";

/** What this client uses of the `wx` of a mini-program; WeChat's own fits. */
export interface Wx {
  request(options: WxRequest): unknown;
  login(options: {
    timeout?: number;
    success(result: { code: string }): void;
    fail(error: { errMsg: string }): void;
  }): unknown;
  getStorageSync(key: string): unknown;
  setStorageSync(key: string, value: unknown): void;
  removeStorageSync(key: string): void;
  setStorage(options: { key: string; data: unknown; success(): void; fail(error: { errMsg: string }): void }): unknown;
  removeStorage(options: { key: string; success(): void; fail(error: { errMsg: string }): void }): unknown;
  /** Five seconds after this the requests that are under way end without an answer. */
  onAppHide(listener: () => void): void;
  onAppShow(listener: () => void): void;
  onNetworkStatusChange(listener: (status: { isConnected: boolean }) => void): void;
}

/** `success` is called for every status; `fail` when there was no answer. There is no PATCH. */
export interface WxRequest {
  url: string;
  method: "GET" | "POST" | "PUT" | "DELETE";
  header: Record<string, string>;
  data?: string;
  dataType: "json";
  timeout: number;
  success(result: WxAnswer): void;
  fail(error: { errMsg: string }): void;
}

/** `data` is parsed if it is JSON, and else the text. The names of `header` come in any spelling. */
export interface WxAnswer {
  statusCode: number;
  data: unknown;
  header: Record<string, string>;
}

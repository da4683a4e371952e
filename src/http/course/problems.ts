import type { Response } from "express";
import { type ProblemCode, problems } from "../problems.ts";

/** The first path segments of the course, including searches: unknown paths below them get a 404 in the course's format. */
const firstParts = "users?|mybooks|categories|book|recommend|my|config|search";
const coursePath = new RegExp(`^/(?:${firstParts})(?:/|$)`);

/** Returns whether a path belongs to the course's contract, whose errors are `{msg}`. */
export function isCoursePath(path: string): boolean {
  return coursePath.test(path);
}

/** The course's message for a problem, and its status where it differs from the problem's. */
const courseMessages: Partial<Record<ProblemCode, { readonly msg: string; readonly status?: number }>> = {
  invalid_request: { msg: "参数错误" },
  malformed_json: { msg: "参数错误" },
  malformed_url: { msg: "参数错误" },
  token_missing: { msg: "请先登录" },
  token_invalid: { msg: "登录已失效，请重新登录" },
  token_expired: { msg: "登录已过期，请重新登录" },
  forbidden: { msg: "没有权限" },
  // A 401 would make the front end log in again, which would use up the next code.
  wechat_code_invalid: { msg: "登录凭证无效，请重试", status: 403 },
  wechat_code_used: { msg: "登录凭证已使用，请重试", status: 403 },
  wechat_blocked: { msg: "该微信用户被限制登录" },
  wechat_rate_limited: { msg: "登录过于频繁，请稍后再试" },
  session_key_missing: { msg: "获取用户信息失败", status: 403 },
  profile_undecryptable: { msg: "获取用户信息失败", status: 403 },
  profile_signature_invalid: { msg: "获取用户信息失败", status: 403 },
  profile_of_another_app: { msg: "获取用户信息失败", status: 403 },
  not_found: { msg: "资源不存在" },
  book_not_found: { msg: "书籍不存在" },
  book_withdrawn: { msg: "书籍已下架" },
  chapter_not_found: { msg: "章节不存在" },
  category_not_found: { msg: "分类不存在" },
  method_not_allowed: { msg: "不支持的请求方法" },
  shelf_full: { msg: "书架已满" },
  erased: { msg: "账号已注销" },
  body_too_large: { msg: "请求内容过大" },
  unsupported_media_type: { msg: "请求内容须为 JSON" },
  too_many_requests: { msg: "请求过于频繁，请稍后再试" },
};

/** Sends a problem in the course's format: a status, and `{msg}` for people. */
export function answerCourseProblem(response: Response, { code }: { code: ProblemCode; detail: string }): void {
  const { status = problems[code].status, msg } = courseMessages[code] ?? { msg: undefined };
  response.status(status).setHeader("Content-Type", "application/json; charset=utf-8");
  response.setHeader("Cache-Control", "no-store");
  response.end(JSON.stringify({ msg: msg ?? (status >= 500 ? "服务暂时不可用，请稍后再试" : "请求失败") }));
}

import { type FormRule, separatedForm } from "./form.ts";

const mark =
  /^(?:分节阅读|分页阅读|分章阅读|分段阅读|分節閱讀|阅读章节|小节|页面)[\s_-]*(?<number>\d{1,5})(?:\s*[页頁节行]?)?$/u;

/** 分节阅读 12: where a site cut a text into pages. They are chapters only where a text has no others. */
export const pageMarkForm: FormRule = (title) => {
  const groups = mark.exec(title)?.groups;
  return groups ? separatedForm("页", Number(groups.number), title) : [];
};

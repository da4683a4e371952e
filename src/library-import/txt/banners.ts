/** Words that download sites and their users put around a text, never into it. */
const always =
  /(?:https?:\/\/|www\.|wap\.)[\w.-]+\.[a-z]{2,}|[\w-]+\.(?:com|net|org|cc|cn|la|info|me)\b.*(?:下载|小说|阅读|书|首发|更新|提供|论坛)|(?:下载|小说|阅读|书|首发|更新|提供|论坛).*[\w-]+\.(?:com|net|org|cc|cn|la|info|me)\b|(?:本书|本文|本作品|电子书|小说)由.{0,30}(?:整理|提供|制作|上传|下载|首发|收集)|(?:更多|海量)(?:精彩|好看|免费)?.{0,8}(?:小说|电子书|好书|全本).{0,20}(?:下载|访问|登录|登陆|请到|尽在|关注)|(?:小说|电子书|TXT|txt).{0,8}下载(?:网|站|论坛|基地|之家)|仅供.{0,20}(?:学习|交流|试读|试阅|预览)|下载后.{0,8}24\s*小时|24\s*小时内.{0,4}删除|支持正版|版权归.{0,12}(?:作者|原作者)|手机(?:用户|阅读)请|请记住本站|本站(?:域名|网址|永久)|一秒记住|(?:求|投)(?:推荐票|月票)[，！。!].{0,20}求/iu;

/** A row of signs that parts one thing from another. */
const rule = /^[\s=＝\-—–_*＊~～#＃☆★◆◇■□●○◎※.·…+<>|]+$/u;

/** The longest line that is looked at: paragraphs of the text are longer. */
const longestBanner = 120;

/** Whether the line is the advertisement or the notice of a download site. */
export function isBanner(line: string): boolean {
  return line.length <= longestBanner && line.length >= 6 && always.test(line);
}

/** Whether the line is made of signs only, such as ====== or ☆☆☆. */
export function isRule(line: string): boolean {
  return line.length >= 3 && rule.test(line);
}

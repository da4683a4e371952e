/** A person's name as it stands in the name of a file, without a mark that it is one. */
const person =
  /^(?:\p{Script=Han}{2,5}|\p{Lu}[\p{L}.]*(?:[\s·][\p{L}.]+){0,3}|\p{Script=Han}{1,4}[·•]\p{Script=Han}{1,6})$/u;
const noPerson =
  /[部卷集册章回完全版篇季网站坛吧库本]$|^(?:上|下|中|番外|正文|小说|其他|副本|备份|新建|未知|佚名|合集)/u;

/** The commonest hundred and more family names: nine in ten Chinese have one of them (National Bureau of Statistics, 2010). */
const surnames = new Set(
  "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤鲁施萧柳冰",
);

/** Returns whether the text may be a name, Chinese or of Latin letters. */
export function isPerson(name: string): boolean {
  return person.test(name) && !noPerson.test(name);
}

/** Returns whether it is surely a name: two to four characters, of which the first is a family name. */
export function hasSurname(name: string): boolean {
  return /^\p{Script=Han}{2,4}$/u.test(name) && surnames.has(name[0]!) && isPerson(name);
}

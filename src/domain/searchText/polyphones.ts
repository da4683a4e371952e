/**
 * Characters with several readings that readers confuse, limited to readings that occur in names (without tones, ü as u).
 * pinyin-pro determines the reading in a word; these are alternatives that a reader may type, or mean by a homophone. A traditional character
 * is listed where the simplified one, to which it is folded, has not all its readings: 大乾 is no word that OpenCC knows, and would be da gan.
 */
const table = `长 chang zhang|重 chong zhong|乐 le yue|行 xing hang|朝 chao zhao|曾 ceng zeng|都 du dou|还 huan hai|解 jie xie
单 dan shan chan|了 le liao|着 zhe zhuo zhao|得 de dei|地 di de|的 de di|传 chuan zhuan|降 jiang xiang
调 diao tiao|弹 dan tan|藏 cang zang|角 jiao jue|觉 jue jiao|血 xue xie|薄 bo bao|剥 bo bao|折 zhe she
盛 sheng cheng|省 sheng xing|参 can shen cen|差 cha chai|奇 qi ji|宿 su xiu|尉 wei yu|仇 chou qiu|查 cha zha
盖 gai ge|区 qu ou|露 lu lou|落 luo la|没 mei mo|模 mo mu|泊 bo po|强 qiang jiang|色 se shai|杉 shan sha|什 shen shi
识 shi zhi|属 shu zhu|数 shu shuo|说 shuo shui|提 ti di|校 xiao jiao|叶 ye xie|殷 yin yan|系 xi ji|似 si shi
会 hui kuai|车 che ju|卡 ka qia|壳 ke qiao|龟 gui jun qiu|贾 jia gu|阿 a e|拓 tuo ta|塞 sai se|圈 quan juan
给 gei ji|和 he huo|核 he hu|见 jian xian|劲 jin jing|率 lu shuai|屏 ping bing|仔 zi zai|扎 zha za|种 zhong chong
术 shu zhu|柏 bai bo|伯 bo bai|便 bian pian|恶 e wu|否 fou pi|夹 jia ga|缴 jiao zhuo|咖 ka ga|烙 lao luo
勒 le lei|俩 lia liang|六 liu lu|埋 mai man|脉 mai mo|秘 mi bi|抹 mo ma|缪 miao mou|呢 ne ni|弄 nong long|炮 pao bao
刨 pao bao|迫 po pai|曝 pu bao|栖 qi xi|茄 qie jia|亲 qin qing|雀 que qiao|若 ruo re|刹 cha sha|厦 sha xia
拾 shi she|熟 shu shou|缩 suo su|尾 wei yi|吓 xia he|纤 xian qian|巷 xiang hang|削 xue xiao|约 yue yao|钥 yao yue
咽 yan ye|遗 yi wei|粥 zhou yu|殖 zhi shi|赚 zhuan zuan|幢 chuang zhuang|琢 zhuo zuo|堡 bao pu|辟 pi bi|吁 xu yu
疟 nue yao|那 na nei|嗯 en ng n|哪 na nei|娜 na nuo|芥 jie gai|颈 jing geng|翟 zhai di
祭 ji zhai|冒 mao mo|食 shi si|氏 shi zhi|洗 xi xian|乘 cheng sheng|偈 ji jie
乾 qian gan|著 zhu zhe zhao|徵 zheng zhi|浒 hu xu|莎 sha suo|戌 xu qu|陆 lu liu|晟 sheng cheng|歙 she xi|筠 yun jun`;

const readings = new Map(
  table.split(/[|\n]/).map((entry) => {
    const [character = "", ...list] = entry.split(" ");
    return [character, list] as const;
  }),
);

/** The readings of a character that readers confuse; empty if it has only one. */
export function readingsOf(character: string): readonly string[] {
  return readings.get(character) ?? [];
}

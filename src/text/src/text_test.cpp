#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "yiwang/base/utf8.hpp"
#include "yiwang/text/classifier.hpp"
#include "yiwang/text/hotspots.hpp"
#include "yiwang/text/search.hpp"

using namespace yiwang;
using namespace yiwang::text;

namespace {

/// Invented sentences in three classes, varied by place and time of day.
std::vector<Labelled> corpus(int from, int to) {
  char const* places[] = {"碧澜花园", "银滩路", "松涧社区", "葵滨广场", "鹭洲公园", "海棠街"};
  char const* times[] = {"每天晚上", "凌晨", "这几天", "周末", "一大早"};
  std::vector<Labelled> out;
  for (int i = from; i < to; ++i) {
    std::string place = places[i % 6], time = times[i % 5];
    out.push_back({{place + "垃圾没人清运", time + place + "的垃圾桶满了没人收，苍蝇很多，请派人清理。"}, "环卫"});
    out.push_back({{place + "工地夜间施工噪声", place + time + "工地还在打桩，噪声很大，睡不着，请制止。"}, "噪声"});
    out.push_back(
        {{"孩子上学怎么报名", "住在" + place + "，户口在外地，孩子上小学怎么报名，需要什么材料？" + time + "电话打不通。"},
         "教育"});
  }
  return out;
}

std::string plain(std::u32string const& s) {
  std::string out = utf8::from_utf32(s);
  for (char& c : out) {
    if (c == '\0') c = '|';
  }
  return out;
}

}  // namespace

TEST(Normalise, FoldsWidthCaseDigitsAndBoundaries) {
  EXPECT_EQ(plain(normalise("ＡＢＣ　１２３！！")), "abc|0|");
  EXPECT_EQ(plain(normalise("A6区的路，K8县也是")), "区的路|县也是");
  EXPECT_EQ(plain(normalise("𠮷野家ok")), "𠮷野家ok");
}

TEST(Classifier, LearnsExplainsAndIsDeterministic) {
  auto train = corpus(0, 30);
  Model model = Model::train(train).value();
  Model again = Model::train(train).value();
  for (Labelled const& d : corpus(30, 40)) {
    Prediction p = model.predict(d.message);
    EXPECT_EQ(model.labels()[p.best], d.label);
    EXPECT_EQ(again.predict(d.message).probabilities, p.probabilities);
  }
  Message noise{"半夜还在打桩", "隔壁工地打桩噪声太大"};
  std::size_t label = model.predict(noise).best;
  ASSERT_EQ(model.labels()[label], "噪声");
  auto reasons = model.explain(noise, label, 5);
  ASSERT_FALSE(reasons.empty());
  EXPECT_GT(reasons.front().weight, 0);
  std::string all;
  for (Reason const& r : reasons) all += r.piece + " ";
  EXPECT_TRUE(all.find("噪声") != std::string::npos || all.find("打桩") != std::string::npos) << all;
}

TEST(Classifier, TheSharesOfTheCharactersAreTheWholeScore) {
  Model model = Model::train(corpus(0, 30)).value();
  // A word of the title only, one of both, one several times, and what the model has never seen.
  for (Message const& m : {Message{"半夜还在打桩", "隔壁工地打桩噪声太大，打桩打到半夜，qwerty"}, Message{"垃圾没人清运", ""},
                           Message{"", "孩子上小学怎么报名"}, Message{"材料", "垃圾垃圾垃圾，材料"}}) {
    for (std::size_t label = 0; label < model.labels().size(); ++label) {
      Model::Shares const s = model.shares(m, label);
      ASSERT_EQ(s.of_title.size(), s.title.size());
      ASSERT_EQ(s.of_detail.size(), s.detail.size());
      double sum = 0;
      for (double w : s.of_title) sum += w;
      for (double w : s.of_detail) sum += w;
      EXPECT_NEAR(sum, model.advantage(m, label), 1e-4) << m.title << " " << model.labels()[label];
    }
    EXPECT_NE(model.advantage(m, 0), 0) << m.title;
  }
}

TEST(Classifier, ACorrectionIsLearntAtOnceAndKeepsTheRest) {
  Model model = Model::train(corpus(0, 30)).value();
  Message odd{"垃圾车半夜倒车声", "垃圾车凌晨收垃圾声音很响"};
  ASSERT_EQ(model.labels()[model.predict(odd).best], "环卫");
  model.correct(odd, "噪声");
  EXPECT_EQ(model.labels()[model.predict(odd).best], "噪声");
  int right = 0;
  auto frozen = corpus(30, 40);
  for (Labelled const& d : frozen) right += model.labels()[model.predict(d.message).best] == d.label;
  EXPECT_EQ(right, static_cast<int>(frozen.size()));
}

TEST(Classifier, ProbabilitiesSumToOneAndTheThresholdKeepsItsPromise) {
  Model model = Model::train(corpus(0, 30)).value();
  auto dev = corpus(30, 40);
  dev.push_back({{"垃圾", "垃圾"}, "教育"});
  model.calibrate(dev);
  double threshold = model.threshold_for(dev, 1.0), sum = 0;
  for (double p : model.predict(dev.front().message).probabilities) sum += p;
  EXPECT_NEAR(sum, 1, 1e-9);
  for (Labelled const& d : dev) {
    Prediction p = model.predict(d.message);
    if (p.confidence < threshold) continue;
    EXPECT_EQ(model.labels()[p.best], d.label);
  }
}

TEST(Classifier, ConfidenceIsTheLeadOverTheSecond) {
  Model model = Model::train(corpus(0, 30)).value();
  auto dev = corpus(30, 40);
  model.calibrate(dev);
  for (Labelled const& d : dev) {
    Prediction p = model.predict(d.message);
    std::vector<double> sorted = p.probabilities;
    std::sort(sorted.rbegin(), sorted.rend());
    EXPECT_NEAR(p.confidence, sorted[0] / (sorted[0] + sorted[1]), 1e-9) << d.message.title;
    EXPECT_EQ(p.probabilities[p.best], sorted[0]);
  }
  // What has nothing known in it is nobody's for sure.
  EXPECT_LT(model.predict({"", "xyz"}).confidence, model.predict(dev.front().message).confidence);
}

namespace {

/// Invented texts of three labels with words in common; the third label's words are those of both others. One label in 12 is
/// wrong.
std::vector<Labelled> overlapping(int count, std::uint32_t seed) {
  std::vector<std::string> const own[] = {{"路灯", "井盖", "人行道", "坑洼", "护栏", "公交站"},
                                          {"物业", "电梯", "车位", "楼道", "业委会", "漏水"}};
  std::vector<std::string> const common = {"小区", "晚上", "居民", "反映", "希望", "处理", "多次", "没人管"};
  auto next = [state = seed](std::uint32_t below) mutable {
    state = state * 1664525U + 1013904223U;
    return (state >> 8) % below;
  };
  std::vector<Labelled> out;
  for (int i = 0; i < count; ++i) {
    std::uint32_t const label = next(10) < 5 ? 0 : next(10) < 6 ? 1 : 2;
    std::string text;
    for (int w = 0; w < 7; ++w) {
      std::uint32_t const kind = next(10);
      std::size_t const list = label < 2 && kind < 4 ? label : kind < 6 ? next(2) : 2;
      auto const& words = list < 2 ? own[list] : common;
      text += words[next(static_cast<std::uint32_t>(words.size()))] + "，";
    }
    char const* names[] = {"市政", "房管", "综合"};
    out.push_back({{"", text}, names[next(12) == 0 ? next(3) : label]});
  }
  return out;
}

}  // namespace

TEST(Classifier, TheScoresOfAllLabelsAreReadTogether) {
  auto const train = overlapping(1200, 1), dev = overlapping(600, 2), unseen = overlapping(3000, 3);
  TrainOptions apart;
  apart.together_labels_max = 0;
  struct Judged {
    double loss = 0;
    int right = 0;
  };
  auto judge = [&](Model& model) {
    model.calibrate(dev);
    Judged out;
    for (Labelled const& d : unseen) {
      Prediction const p = model.predict(d.message);
      auto const truth =
          static_cast<std::size_t>(std::find(model.labels().begin(), model.labels().end(), d.label) - model.labels().begin());
      out.loss -= std::log(p.probabilities[truth]) / static_cast<double>(unseen.size());
      out.right += p.best == truth;
    }
    return out;
  };
  Model one = Model::train(train, apart).value(), all = Model::train(train).value();
  Judged const alone = judge(one), together = judge(all);
  EXPECT_LT(together.loss, alone.loss - 0.005);
  EXPECT_GT(together.right, alone.right);
  // It is in the weights: the explanation stays exact, a correction is learnt, and the same data give the same model.
  Message const m = unseen.front().message;
  for (std::size_t label = 0; label < 3; ++label) {
    Model::Shares const s = all.shares(m, label);
    double sum = 0;
    for (double w : s.of_detail) sum += w;
    EXPECT_NEAR(sum, all.advantage(m, label), 1e-4);
  }
  Model again = Model::train(train).value();
  again.set_temperature(all.temperature());
  EXPECT_EQ(again.predict(m).probabilities, all.predict(m).probabilities);
  std::string const other = all.labels()[(all.predict(m).best + 1) % 3];
  again.correct(m, other);
  EXPECT_EQ(again.labels()[again.predict(m).best], other);
}

TEST(Classifier, FewRowsOrManyLabelsAreReadApart) {
  auto const train = overlapping(600, 1);
  TrainOptions apart;
  apart.together_labels_max = 0;
  Message const m = train.front().message;
  auto const alone = Model::train(train, apart).value().predict(m).probabilities;
  TrainOptions few;
  few.together_rows_min = 300;  // one label has fewer
  EXPECT_EQ(Model::train(train, few).value().predict(m).probabilities, alone);
  TrainOptions narrow;
  narrow.together_labels_max = 2;
  EXPECT_EQ(Model::train(train, narrow).value().predict(m).probabilities, alone);
  EXPECT_NE(Model::train(train).value().predict(m).probabilities, alone);
  // Even when asked for: a label with a single row cannot be left out and learnt.
  TrainOptions any;
  any.together_rows_min = 0;
  auto lone = train;
  lone.push_back({{"", "只此一件"}, "别的"});
  EXPECT_EQ(Model::train(lone, any).value().labels().size(), 4u);
  // Rows in an order that repeats itself: every part has every label.
  EXPECT_EQ(Model::train(corpus(0, 120)).value().predict({"", "垃圾"}).probabilities.size(), 3u);
}

TEST(Classifier, RefusesWhatCannotBeLearnt) {
  EXPECT_EQ(Model::train({}).error().code(), ErrorCode::text_training);
  EXPECT_EQ(Model::train({{{"a", "b"}, "x"}, {{"c", "d"}, "x"}}).error().code(), ErrorCode::text_training);
  Model model = Model::train(corpus(0, 5)).value();
  EXPECT_EQ(model.predict({"", ""}).probabilities.size(), 3u);
}

TEST(Hotspots, GatherEachMatterOnce) {
  std::vector<HotspotMessage> messages;
  auto add = [&](std::string user, int day, std::string title, std::string detail) {
    messages.push_back({std::to_string(messages.size()),
                        std::move(user),
                        Instant{day * kMicrosPerDay},
                        {std::move(title), std::move(detail)},
                        1,
                        0});
  };
  for (int i = 0; i < 12; ++i) {
    add("u" + std::to_string(i), i, "潮声里小区旁搅拌站噪音扰民",
        "潮声里小区旁边新建了水泥搅拌站，灰尘和噪音严重，影响居民生活，请搬走搅拌站。");
    add("v" + std::to_string(i), i, "云溪村路灯全坏了", "云溪村进村的路灯坏了半个月，晚上老人走路看不见，盼望修好。");
    add("w" + std::to_string(i), i, "第" + std::string(static_cast<std::size_t>(i + 1), i % 2 ? 'x' : 'y') + "件各不相同的小事",
        "完全不同的内容" + std::string(static_cast<std::size_t>(3 + i), static_cast<char>('a' + i)));
  }
  auto found = find_hotspots(messages);
  ASSERT_GE(found.size(), 2u);
  EXPECT_EQ(found[0].messages.size(), 12u);
  EXPECT_EQ(found[1].messages.size(), 12u);
  EXPECT_EQ(found[0].people, 12u);
  EXPECT_NE(found[0].place.find("潮声里"), std::string::npos);
  std::vector<int> seen(messages.size(), 0);
  for (Hotspot const& h : found) {
    for (std::size_t i : h.messages) ++seen[i];
  }
  for (int n : seen) EXPECT_LE(n, 1);
}

TEST(Places, AreNamedByMostAndBeginWhereTheMessagesDiffer) {
  auto place = [](std::vector<std::string> const& said) {
    std::vector<Message> messages;
    for (std::string const& one : said) messages.push_back({one, ""});
    std::vector<Message const*> all;
    for (Message const& m : messages) all.push_back(&m);
    return place_of(all);
  };
  EXPECT_EQ(place({"鹭洲街道碧澜花园停水", "住在碧澜花园，没有水", "反映碧澜花园停水"}), "碧澜花园");
  EXPECT_EQ(place({"海棠东路银滩小区太吵", "海棠东路银滩小区夜宵摊", "海棠东路银滩小区油烟"}), "海棠东路银滩小区")
      << "said so by all";
  EXPECT_EQ(place({"银滩路坑洼", "鹭洲公园没灯", "海棠街很脏", "葵滨广场太吵"}), "") << "nothing in common";
  EXPECT_EQ(place({"请加快国家中心城市建设", "国家中心城市建设太慢"}), "") << "the middle of a word";
  EXPECT_EQ(place({"省政府门前", "省政府不理"}), "");
  EXPECT_EQ(place({"", "\xFF"}), "");
  EXPECT_EQ(place({}), "");
}

TEST(SearchGrams, ArePairsOfCharactersAndWholeWords) {
  using Grams = std::vector<std::string>;
  EXPECT_EQ(search_grams("停水了"), (Grams{"停水", "水了"}));
  EXPECT_EQ(search_grams("WIFI坏了 wifi"), (Grams{"wifi", "坏了"})) << "without regard to case, once";
  EXPECT_EQ(search_grams("ＡＢＣ１２"), (Grams{"abc12"})) << "full width is the same";
  EXPECT_EQ(search_grams("水"), Grams{}) << "one character says too little";
  EXPECT_EQ(search_grams("水，电"), Grams{}) << "nothing goes across a comma";
  EXPECT_EQ(search_grams("\"' OR & | ! *"), (Grams{"or"})) << "no sign of a query language is left";
  EXPECT_EQ(search_grams("𠮷野"), (Grams{"𠮷野"}));
  EXPECT_EQ(search_grams("\xFF\xFE停水"), (Grams{"停水"})) << "bytes that are no text only divide";
  std::string long_text;
  for (int i = 0; i < 5000; ++i) long_text += utf8::from_utf32(std::u32string(1, static_cast<char32_t>(0x4E00 + i)));
  EXPECT_EQ(search_grams(long_text, 100).size(), 100u);
  // Whatever stands in a text is found by it.
  Grams const all = search_grams("碧澜花园北门的垃圾桶三天没人收了");
  for (std::string const& gram : search_grams("垃圾桶三天"))
    EXPECT_NE(std::find(all.begin(), all.end(), gram), all.end()) << gram;
}

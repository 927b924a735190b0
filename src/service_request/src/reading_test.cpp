#include "yiwang/service_request/reading.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <iostream>

#include "yiwang/base/utf8.hpp"

namespace yiwang::service_request {
namespace {

std::shared_ptr<Knowledge const> know(pack::FileSet files, std::string& faults) {
  pack::LoadResult loaded = pack::load(std::move(files));
  std::vector<Error> errors = loaded.errors;
  spine::CompileResult compiled;
  if (errors.empty()) {
    compiled = spine::compile(loaded.pack);
    errors = compiled.errors;
  }
  auto out = compiled.release ? compile(loaded.pack, *compiled.release, errors) : nullptr;
  for (Error const& e : errors) faults += e.line() + "\n";
  return out;
}
pack::FileSet district() { return pack::read_folder(std::string(YW_SOURCE_DIR) + "/packs/yunhai").value(); }
Knowledge const& yunhai() {
  static std::shared_ptr<Knowledge const> const kKnown = [] {
    std::string faults;
    auto out = know(district(), faults);
    EXPECT_EQ(faults, "");
    return out;
  }();
  return *kKnown;
}

Instant const kSaid = parse_instant("2026-11-23T09:00:00+08:00").value();  // a Monday

std::vector<std::string> split(std::string const& text, std::string const& by) {
  std::vector<std::string> out;
  std::size_t from = 0;
  while (true) {
    std::size_t const at = text.find(by, from);
    out.push_back(text.substr(from, at == std::string::npos ? at : at - from));
    if (at == std::string::npos) return out;
    from = at + by.size();
  }
}
std::vector<std::string> listed(std::string const& cell, std::string const& by) {
  return cell == "-" ? std::vector<std::string>{} : split(cell, by);
}
std::vector<std::vector<std::string>> table(char const* name) {
  std::ifstream in(std::string(YW_SOURCE_DIR) + "/spec/text/" + name);
  std::vector<std::vector<std::string>> out;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) out.push_back(split(line, "\t"));
  return out;
}

std::string joined(std::vector<std::string> const& v, char const* by) {
  std::string out;
  for (std::string const& s : v) out += (out.empty() ? "" : by) + s;
  return out.empty() ? "-" : out;
}
enum class Which { object, time, party };
bool wanted(Which which, text::Fact const& f) {
  using text::FactKind;
  switch (which) {
    case Which::object: return f.kind == FactKind::object;
    case Which::time: return f.kind == FactKind::time;
    case Which::party:
      return f.kind == FactKind::organisation || f.kind == FactKind::role || f.kind == FactKind::person ||
             f.kind == FactKind::vehicle;
  }
  return false;
}
/// Each value once, in the order of the text; of times the piece as it was written.
std::vector<std::string> values(std::string const& text, std::vector<text::Fact> const& facts, Which which) {
  std::vector<std::string> out;
  for (text::Fact const& f : facts) {
    if (!wanted(which, f)) continue;
    std::string const v = which == Which::time ? std::string(utf8::substring(text, f.begin, f.end - f.begin)) : f.value;
    if (std::find(out.begin(), out.end(), v) == out.end()) out.push_back(v);
  }
  return out;
}
std::string span_of(text::Fact const& f) {
  std::string out;
  if (f.when->from)
    out = to_shanghai_string(*f.when->from).substr(0, 16) + "~" + to_shanghai_string(*f.when->until).substr(0, 16) + "/";
  return out + std::string(text::to_string(f.when->exactness));
}

TEST(Reading, EachSentenceOfTheTable) {
  auto const rows = table("reading.tsv");
  ASSERT_GE(rows.size(), 60u);
  for (auto const& row : rows) {
    ASSERT_EQ(row.size(), 5u) << row[0];
    Words words;
    words.text = row[0];
    auto const facts = yunhai().reader.read(row[0], kSaid);
    EXPECT_EQ(joined(values(row[0], facts, Which::object), "、"), row[1]) << row[0];
    EXPECT_EQ(joined(values(row[0], facts, Which::party), "、"), row[3]) << row[0];
    std::vector<std::string> pieces;
    for (std::string const& want : listed(row[2], "；")) {
      auto const parts = split(want, "=");
      pieces.push_back(parts[0]);
      for (text::Fact const& f : facts) {
        if (f.kind != text::FactKind::time || utf8::substring(row[0], f.begin, f.end - f.begin) != parts[0]) continue;
        std::string const said = span_of(f);
        if (parts[1].find('/') != std::string::npos)
          EXPECT_EQ(said, parts[1]) << row[0];
        else
          EXPECT_TRUE(said.ends_with(parts[1])) << row[0] << ": " << said;
      }
    }
    EXPECT_EQ(joined(values(row[0], facts, Which::time), "；"), joined(pieces, "；")) << row[0];
    std::string const title = title_of(yunhai(), words, "", kSaid);
    if (row[4] != "*") {
      EXPECT_EQ(title.empty() ? "-" : title, row[4]) << row[0];
    }
    EXPECT_LE(utf8::length(title), 24u);
    EXPECT_EQ(title.find_first_of("0123456789"), std::string::npos) << title;
  }
}

/// Sentences that the rules were not written on; each was marked by hand before it was read by the program.
TEST(Reading, IsMeasuredOnSentencesThatTheRulesWereNotWrittenOn) {
  auto const rows = table("held.tsv");
  ASSERT_GE(rows.size(), 100u);
  char const* names[] = {"object", "time", "party"};
  double const least_precision[] = {0.85, 0.83, 0.73}, least_recall[] = {0.62, 0.89, 0.78};
  for (Which which : {Which::object, Which::time, Which::party}) {
    auto const column = static_cast<std::size_t>(which);
    std::size_t right = 0, given = 0, there = 0;
    for (auto const& row : rows) {
      ASSERT_EQ(row.size(), 4u) << row[0];
      auto const want = listed(row[column + 1], "、");
      auto const got = values(row[0], yunhai().reader.read(row[0], kSaid), which);
      given += got.size();
      there += want.size();
      for (std::string const& g : got) right += std::find(want.begin(), want.end(), g) != want.end();
      if (std::getenv("YW_READING") != nullptr && joined(got, "、") != joined(want, "、"))
        std::cout << names[column] << ": " << row[0] << " | " << joined(want, "、") << " | " << joined(got, "、") << "\n";
    }
    double const precision = static_cast<double>(right) / static_cast<double>(given),
                 recall = static_cast<double>(right) / static_cast<double>(there);
    std::cout << names[column] << ": precision " << precision << ", recall " << recall << " (" << there << " marked in "
              << rows.size() << " sentences)\n";
    EXPECT_GE(precision, least_precision[column]);
    EXPECT_GE(recall, least_recall[column]);
  }
}

TEST(Reading, TitlesAndKeywordsHoldNothingPersonal) {
  Words words;
  words.text = "我叫王小明，身份证11010119900307123X，电话13812345678，粤A12345的车主张伟先生占用消防通道，王小明家的狗也咬人。";
  for (bool confidential : {false, true}) {
    words.confidential = confidential;
    std::string all = title_of(yunhai(), words, "", kSaid);
    for (std::string const& k : read_words(yunhai(), words, kSaid).keywords) all += " " + k;
    for (text::Fact const& f : read_words(yunhai(), words, kSaid).facts) all += " " + f.value;
    for (char const* personal : {"王小明", "小明", "张伟", "138", "1101", "12345"})
      EXPECT_EQ(all.find(personal), std::string::npos) << all;
  }
  words.text = "李村某某路的路灯坏了，我们张记面馆没法做生意。";
  words.confidential = true;
  std::string const title = title_of(yunhai(), words, "", kSaid);
  EXPECT_EQ(title, "路灯坏了") << "only places of the list";
  for (text::Fact const& f : read_words(yunhai(), words, kSaid).facts) EXPECT_EQ(f.value.find("张记"), std::string::npos);
  words.text = "那个地方的那件事";
  EXPECT_EQ(title_of(yunhai(), words, "", kSaid), "");
  EXPECT_EQ(title_of(yunhai(), words, "垃圾堆积清运", kSaid), "垃圾堆积清运");
  words.place = "碧澜花园3栋502";
  EXPECT_EQ(title_of(yunhai(), words, "垃圾堆积清运", kSaid), "碧澜花园垃圾堆积清运") << "the place without the door";
}

TEST(Reading, KeywordsAreTheRareOnes) {
  Words words;
  words.text = "碧澜花园北门的垃圾桶三天没人收了，苍蝇到处飞，请派人来清一下垃圾桶。";
  auto const keys = read_words(yunhai(), words, kSaid).keywords;
  ASSERT_FALSE(keys.empty());
  EXPECT_LE(keys.size(), 5u);
  EXPECT_NE(std::find(keys.begin(), keys.end(), "垃圾桶"), keys.end());
  EXPECT_EQ(std::find(keys.begin(), keys.end(), "垃圾"), keys.end()) << "within the other";
  text::WordCounts none;
  EXPECT_EQ(none.rareness("路灯"), none.rareness("不亮")) << "nothing counted, nothing rarer";
  text::WordCounts counts;
  for (int i = 0; i < 100; ++i) counts.add_document(), counts.add("有");
  counts.add("路灯");
  EXPECT_GT(counts.rareness("路灯"), counts.rareness("有"));
}

TEST(Reading, LongAndBrokenTextsAreBounded) {
  std::string const long_text = [] {
    std::string out;
    for (int i = 0; i < 3000; ++i) out += "昨晚十点三天王经理路灯";
    return out;
  }();
  auto const facts = yunhai().reader.read(long_text, kSaid);
  EXPECT_LE(facts.size(), 200u);
  for (text::Fact const& f : facts) EXPECT_LE(f.end, 2000u);
  EXPECT_TRUE(yunhai().reader.read("\xFF\xFE路灯", kSaid).empty());
  EXPECT_TRUE(yunhai().reader.read("", kSaid).empty());
  EXPECT_TRUE(text::Extractor().read("路灯坏了", kSaid).empty());
  EXPECT_EQ(text::Extractor().read("昨晚路灯坏了", kSaid).size(), 1u) << "times need no list";
  auto const rows = table("reading.tsv");
  auto const begin = std::chrono::steady_clock::now();
  std::size_t n = 0;
  for (int round = 0; round < 20; ++round) {
    for (auto const& row : rows) {
      Words words;
      words.text = row[0];
      n += title_of(yunhai(), words, "", kSaid).size() + 1;
    }
  }
  double const us = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count() /
                    (20.0 * static_cast<double>(rows.size()));
  std::cout << "a title: " << us << " µs (" << n << ")\n";
}

TEST(Wording, ComplaintsNameTheirPlace) {
  auto broken = [](std::string const& from, std::string const& to) {
    pack::FileSet files = district();
    std::string& text = files.at("duties/words.yaml");
    EXPECT_NE(text.find(from), std::string::npos);
    text.replace(text.find(from), from.size(), to);
    std::string faults;
    know(std::move(files), faults);
    return faults;
  };
  std::string said = broken("- {name: 公厕, words: [公共厕所, 厕所, 洗手间]}", "- {name: 公厕, words: [公共厕所, 垃圾桶]}");
  EXPECT_NE(said.find("duties/words.yaml:"), std::string::npos) << said;
  EXPECT_NE(said.find("垃圾桶"), std::string::npos) << said;
  said = broken("{from: 2026-10-01, until: 2026-10-07}", "{from: 2026-10-07, until: 2026-10-01}");
  EXPECT_NE(said.find("duties/words.yaml:"), std::string::npos) << said;
  said = broken("objects:\n", "objects:\n- {name: 太长太长太长太长太长太长太长太长太长太长太长}\n");
  EXPECT_NE(said.find("words.yaml"), std::string::npos) << said;
}

json::Value form_of(std::string const& text) { return json::parse(text).value(); }

TEST(Concerned, TheRulesSayWhoIsSpokenTo) {
  Rules const& rules = yunhai().rules;
  EXPECT_FALSE(concerned_fault(rules, form_of(R"({"text":"a"})")));
  EXPECT_FALSE(concerned_fault(rules, form_of(R"({"relation":"self"})")));
  EXPECT_EQ(relation_of(rules, form_of(R"({"relation":"self"})")), nullptr);
  EXPECT_EQ(concerned_fault(rules, form_of(R"({"relation":"self","concerned_phone":"13800000000"})"))->field, "relation");
  EXPECT_EQ(concerned_fault(rules, form_of(R"({"relation":"nobody"})"))->field, "relation");
  EXPECT_EQ(concerned_fault(rules, form_of(R"({"relation":"agent"})"))->field, "person_concerned");
  EXPECT_EQ(
      concerned_fault(rules, form_of(R"({"relation":"guardian","concerned_minor":true,"concerned_phone":"13800000000"})"))->field,
      "concerned_phone");
  EXPECT_EQ(concerned_fault(rules, form_of(R"({"relation":"family","anonymous":true,"person_concerned":"王"})"))->field,
            "person_concerned");
  auto const left = form_of(R"({"relation":"family","concerned_phone":"13800000000"})"),
             none = form_of(R"({"relation":"family"})"), child = form_of(R"({"relation":"neighbour","concerned_minor":true})"),
             elder = form_of(R"({"relation":"elder_family","concerned_phone":"13800000000"})");
  EXPECT_TRUE(calls_concerned(*relation_of(rules, left), left));
  EXPECT_FALSE(calls_concerned(*relation_of(rules, none), none)) << "no number was left";
  EXPECT_FALSE(concerned_fault(rules, child)) << "a witness who tells of a child is heard";
  EXPECT_FALSE(calls_concerned(*relation_of(rules, child), child));
  EXPECT_FALSE(calls_concerned(*relation_of(rules, elder), elder)) << "as the rules say";
}

Date day(char const* text) { return parse_date(text).value(); }

TEST(Amendments, ChangeTheListFromTheirDayOn) {
  DutyList const& d = yunhai().duties;
  auto const next = amended(d, {"0507", "", "transport", day("2026-12-01"), "裁决〔2026〕1 号"});
  ASSERT_TRUE(next) << next.error().line();
  EXPECT_EQ(next->assign("0507", Place{}, "", "", day("2026-11-30"))->lead, "city_mgmt") << "a day before stays as it was";
  auto const after = next->assign("0507", Place{}, "", "", day("2026-12-01"));
  EXPECT_EQ(after->lead, "transport");
  EXPECT_EQ(after->basis, "裁决〔2026〕1 号");
  EXPECT_EQ(after->helpers.front(), "city_mgmt") << "who led helps";
  EXPECT_EQ(std::count(after->helpers.begin(), after->helpers.end(), "transport"), 0);
  EXPECT_EQ(d.assign("0507", Place{}, "", "", day("2026-12-01"))->lead, "city_mgmt") << "the list itself is not touched";
  EXPECT_EQ(amended(*next, {"0507", "", "water", day("2026-12-01"), ""}).error().code(), ErrorCode::request_duty_overlap)
      << "two on one day";
  EXPECT_EQ(amended(*next, {"0507", "", "water", day("2026-11-25"), ""}).error().code(), ErrorCode::request_duty_overlap)
      << "before one that follows";
  EXPECT_TRUE(amended(*next, {"0507", "", "water", day("2027-01-01"), ""})) << "and again later";
  EXPECT_EQ(amended(d, {"0507", "", "city_mgmt", day("2026-12-01"), ""}).error().code(), ErrorCode::request_amendment)
      << "nothing changes";
  EXPECT_EQ(amended(d, {"9999", "", "water", day("2026-12-01"), ""}).error().code(), ErrorCode::request_amendment);
  EXPECT_EQ(amended(d, {"0507", "moon", "water", day("2026-12-01"), ""}).error().code(), ErrorCode::request_amendment);
}

TEST(Amendments, InOneAreaEndTheOneBeforeAndNeverOverlapAnother) {
  DutyList const& d = yunhai().duties;
  Place village;
  village.areas = {"village"};
  auto const next = amended(d, {"0507", "village", "transport", day("2026-12-01"), "裁决〔2026〕2 号"});
  ASSERT_TRUE(next) << next.error().line();
  EXPECT_EQ(next->assign("0507", village, "", "", day("2026-12-01"))->lead, "transport");
  EXPECT_EQ(next->assign("0507", Place{}, "", "", day("2026-12-01"))->lead, "city_mgmt") << "only there";
  village.region = "shawanpu";
  EXPECT_EQ(next->assign("0507", village, "", "", day("2026-11-30"))->lead, "street_kuibin");
  EXPECT_EQ(amended(d, {"0305", "beach", "ecology", day("2026-12-01"), ""}).error().code(), ErrorCode::request_duty_overlap)
      << "银滩 and the water line share a word, and there another leads";
  EXPECT_EQ(amended(d, {"0507", "village", "street", day("2026-12-01"), ""}).error().code(), ErrorCode::request_amendment)
      << "leads already";
}

}  // namespace
}  // namespace yiwang::service_request

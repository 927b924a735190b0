#include <gtest/gtest.h>

#include "yiwang/matter/data_elements.hpp"
#include "yiwang/matter/guidance.hpp"
#include "yiwang/matter/persons.hpp"
#include "yiwang/spine/definition.hpp"

namespace yiwang::matter {
namespace {

Date const kDay = parse_date("2026-11-22").value();

References references(pack::Pack const& pack) {
  References known;
  for (auto const& n : pack.find("organisations/organisations.yaml")->root.list("organisations"))
    known.units.emplace(n.text("id"));
  for (auto const& p : pack.under("case_types")) known.case_types.insert(p.substr(11, p.find('/', 11) - 11));
  for (auto const& p : pack.under("registers")) {
    pack::Node const& root = pack.find(p)->root;
    known.registers.emplace(root.text("id"));
    for (auto const& fact : root.list("fields"))
      known.facts.insert(std::string(root.text("id")) + "." + std::string(fact.text("id")));
  }
  for (auto const& p : pack.under("certificates")) known.certificates.emplace(pack.find(p)->root.text("id"));
  return known;
}

pack::FileSet files() { return pack::read_folder(YW_SOURCE_DIR "/packs/yunhai").value(); }

Catalogue::Loaded load(pack::FileSet set) {
  pack::LoadResult loaded = pack::load(std::move(set));
  if (!loaded.errors.empty()) return {nullptr, std::move(loaded.errors)};
  return Catalogue::load(loaded.pack, references(loaded.pack));
}

std::shared_ptr<Catalogue const> district() {
  static std::shared_ptr<Catalogue const> const made = load(files()).catalogue;
  return made;
}

/// The pack with one text of one file replaced must be refused with these words.
void refused(std::string const& file, std::string const& from, std::string const& to, std::string const& words) {
  pack::FileSet set = files();
  auto const at = set.at(file).find(from);
  ASSERT_NE(at, std::string::npos) << from;
  set.at(file).replace(at, from.size(), to);
  auto const loaded = load(std::move(set));
  ASSERT_FALSE(loaded.errors.empty()) << "accepted: " << to;
  EXPECT_NE(loaded.errors.front().line().find(words), std::string::npos) << loaded.errors.front().line();
}

// The counts of the source reports, as rows; the rates by their definitions.
TEST(Catalogue, CountsOfTheDistrict) {
  ASSERT_TRUE(district());
  EXPECT_EQ(district()->in_force(kDay).size(), 530u);
  std::map<std::string, std::size_t> const expected{{"one_visit", 530}, {"zero_visits", 511}, {"fingertip", 524},
                                                    {"tolerance", 264}, {"on_the_spot", 270}, {"in_theme", 234},
                                                    {"instant", 181},   {"proactive", 131},   {"certificate_linked", 458}};
  std::map<std::string, std::size_t> counts;
  for (Label const& l : district()->labels(kDay)) counts[l.id] = l.count;
  for (auto const& [id, n] : expected) EXPECT_EQ(counts[id], n) << id;
  std::map<std::string, std::string> percent;
  for (Rate const& r : district()->rates(kDay)) {
    Decimal q, hundred;
    ASSERT_TRUE(Decimal::divide(r.numerator, r.denominator, q));
    ASSERT_TRUE(Decimal::multiply(q, Decimal(100), hundred));
    ASSERT_TRUE(Decimal::round(hundred, 2, Rounding::half_up, q));
    percent[r.id] = q.to_string();
  }
  EXPECT_EQ(percent["compression"], "94.23");
  EXPECT_EQ(percent["on_the_spot_licence"], "90.33");
  EXPECT_EQ(percent["certificate_linked"], "86.42");
}

TEST(Catalogue, SituationShowsOnlyWhatIsNeeded) {
  Matter const* m = district()->find("individual_business_new", kDay);
  ASSERT_NE(m, nullptr);
  auto has = [&](Situation const& s) {
    auto const list = materials_for(*m, s).value();
    return std::any_of(list.begin(), list.end(), [](Material const* x) { return x->id == "premises"; });
  };
  EXPECT_TRUE(has({}));
  EXPECT_TRUE(has({{"place", "shop"}}));
  EXPECT_FALSE(has({{"place", "online"}}));
  EXPECT_FALSE(materials_for(*m, {{"place", "moon"}}).has_value());
  EXPECT_EQ(m->implementation_code().size(), 31u);
}

TEST(Catalogue, RefusesFaults) {
  refused("matters/market.yaml", "code: \"000103001000\"", "code: \"000703001000\"", "类型");
  refused("matters/market.yaml", "promise: {amount: 0, unit: workday}", "promise: {amount: 99, unit: workday}", "法定");
  refused("matters/market.yaml", "code: 11990001", "code: 21990001", "信用代码");
  refused("matters/market.yaml", "need: later, later_days: 5", "need: later", "容缺");
  refused("matters/themes.yaml", "seal_engraving_filing", "seal_engraving_nothing", "事项");
  refused("matters/labels.yaml", "visits <= 1", "visitors <= 1", "visitors");
  refused("matters/market.yaml", "when: {place: [shop, home]}", "when: {place: [moon]}", "答案");
  refused("matters/market.yaml", "fact: shareholders", "fact: holders", "company.holders");
  refused("matters/market.yaml", "{name: holder, number: holder_number}", "{name: holder}", "register");
  refused("matters/market.yaml", "when: {what: [shareholder]}", "when: {what: [shares]}", "答案");
}

/// What a checked pack says about fields that are filled in by themselves, and about persons.
std::vector<Error> faults_of(std::string const& file, std::string const& from, std::string const& to) {
  pack::FileSet set = files();
  auto const at = set.at(file).find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos) set.at(file).replace(at, from.size(), to);
  pack::LoadResult loaded = pack::load(std::move(set));
  if (!loaded.errors.empty()) return std::move(loaded.errors);
  spine::CompileResult compiled = spine::compile(loaded.pack);
  if (!compiled.release) return std::move(compiled.errors);
  auto registers = Registers::load(loaded.pack);
  if (!registers.registers) return std::move(registers.errors);
  auto out = DataElements::load(loaded.pack).elements->check(loaded.pack, *registers.registers, *compiled.release);
  for (Error& e : PersonRules::load(loaded.pack, *registers.registers, *compiled.release).errors) out.push_back(std::move(e));
  return out;
}

void one_fault(std::string const& file, std::string const& from, std::string const& to, std::string const& words) {
  auto const faults = faults_of(file, from, to);
  ASSERT_EQ(faults.size(), 1u) << to;
  std::string const line = faults.front().line();
  EXPECT_NE(line.find(words), std::string::npos) << line;
  EXPECT_NE(line.find(file.substr(file.rfind('/') + 1)), std::string::npos) << line;
  EXPECT_GT(faults.front().place().line, 0u) << line;
}

TEST(Prefill, NamesAFactThatThereIs) {
  EXPECT_TRUE(faults_of("matters/persons.yaml", "alarm: gov_services", "alarm: gov_services").empty());
  std::string const form = "case_types/residence_permit_endorsement/form.yaml";
  one_fault(form, "prefill: residence.address", "prefill: residences.address", "residences.address");
  one_fault(form, "prefill: residence.address", "prefill: residence.adress", "registers/residence.yaml");
  one_fault(form, "prefill: residence.address", "prefill: residence", "登记");
  one_fault(form, "prefill: subject.phone", "prefill: subject.telephone", "subject.phone");
}

TEST(Process, RefusesAComputedFieldThatNoScriptSets) {
  one_fault("case_types/road_permit/process.yaml", "compute: days_left", "compute: days_over", "days_over");
}

TEST(Persons, RefuseWhatThereIsNot) {
  std::string const file = "matters/persons.yaml";
  one_fault(file, "marriage.spouse", "marriage.wife", "marriage.wife");
  one_fault(file, "fact: marriage.spouse", "fact: person.birth", "list");
  one_fault(file, "alarm: gov_services", "alarm: nobody_there", "nobody_there");
  one_fault(file, "units: [police]", "units: [policemen]", "policemen");
  one_fault(file, "fields: [kindergarten]", "fields: [kindergarden]", "kindergarden");
  one_fault(file, "id: work", "id: home", "home");
}

TEST(Persons, CreditNamesWhatTheRegisterHas) {
  std::string const file = "matters/persons.yaml";
  one_fault(file, "credit: {register: credit", "credit: {register: honesty", "honesty");
  one_fault(file, "severe: severe_list", "severe: serious_list", "serious_list");
  one_fault(file, "honoured: red_list", "honoured: level", "boolean");
  one_fault(file, "code: U4", "code: U44", "U44");
}

TEST(Catalogue, ChecksAndRepetitionsAreOfTheMatter) {
  Matter const* food = district()->find("food_licence_new", kDay);
  ASSERT_NE(food, nullptr);
  EXPECT_TRUE(fits(food->check_when, {{"way", "promise"}}));
  EXPECT_FALSE(fits(food->check_when, {{"way", "check"}}));
  EXPECT_TRUE(district()->find("hygiene_licence_new", kDay)->check_days);
  EXPECT_EQ(district()->find("rental_subsidy", kDay)->recheck_months, 12);
  EXPECT_EQ(district()->find("kindergarten_health_allowance", kDay)->once_from, "10-31");
  Matter other = *food;
  other.check_after = 60;
  other.started_by = {"street"};
  auto const changes = difference(*food, other);
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_EQ(changes[0].field + " " + changes[1].field, "check_after started_by");
  refused("matters/street.yaml", "started_by: [street,", "started_by: [streets,", "streets");
  refused("matters/housing.yaml", "opens: overpaid_recovery", "opens: underpaid_recovery", "underpaid_recovery");
  refused("matters/market.yaml", "check_when: {way: [promise]}", "check_when: {way: [promises]}", "promises");
}

TEST(Persons, KeepBackByClass) {
  pack::LoadResult loaded = pack::load(files());
  spine::CompileResult compiled = spine::compile(loaded.pack);
  auto registers = Registers::load(loaded.pack);
  auto const rules = PersonRules::load(loaded.pack, *registers.registers, *compiled.release).rules;
  ASSERT_TRUE(rules);
  spine::Field field;
  field.id = "anything";
  EXPECT_FALSE(rules->keeps_back(field));
  field.type = spine::FieldType::phone;
  EXPECT_TRUE(rules->keeps_back(field)) << "every telephone number";
  field.type = spine::FieldType::text;
  field.prefill = "residence.address";
  EXPECT_TRUE(rules->keeps_back(field)) << "what comes from such a fact";
  EXPECT_TRUE(rules->keeps_back_fact("insurance", "paying_unit"));
  EXPECT_FALSE(rules->keeps_back_fact("insurance", "months_paid"));
  EXPECT_EQ(rules->delivered_to("云海公安分局"), "云海公安分局转交");
  EXPECT_TRUE(rules->protects("police"));
  EXPECT_FALSE(rules->protects("market"));
}

TEST(Catalogue, VersionsStandSideBySide) {
  pack::FileSet set = files();
  std::string& text = set.at("matters/market.yaml");
  auto const begin = text.find("- id: individual_business_new"), end = text.find("\n- id:", begin);
  std::string old = text.substr(begin, end - begin + 1);
  auto put = [&](std::string const& from, std::string const& to) { old.replace(old.find(from), from.size(), to); };
  put("from: 2026-01-01", "from: 2025-01-01\n  to: 2025-12-31");
  put("amount: 0", "amount: 2");
  text.insert(begin, old);
  auto const loaded = load(std::move(set));
  ASSERT_TRUE(loaded.catalogue) << loaded.errors.front().line();
  EXPECT_EQ(loaded.catalogue->find("individual_business_new", parse_date("2025-06-01").value())->promise.amount, 2);
  EXPECT_EQ(loaded.catalogue->find("individual_business_new", kDay)->promise.amount, 0);
  auto const versions = loaded.catalogue->versions("individual_business_new");
  ASSERT_EQ(versions.size(), 2u);
  auto const changes = difference(*versions[0], *versions[1]);
  ASSERT_EQ(changes.size(), 1u);
  EXPECT_EQ(changes[0].field, "promise");
}

TEST(Guide, AnswersOnlyFromTheCatalogue) {
  auto const guide = Guide::make(district(), kDay);
  auto const hits = guide->find("居往证快到期了");
  ASSERT_FALSE(hits.empty());
  EXPECT_EQ(hits.front().matter->id, "residence_permit_endorsement");
  for (std::string const& word : hits.front().because) {
    auto const& words = hits.front().matter->words;
    EXPECT_TRUE(word == hits.front().matter->basic || std::find(words.begin(), words.end(), word) != words.end()) << word;
  }
  EXPECT_TRUE(guide->find("今天天气怎么样").empty());
  EXPECT_TRUE(guide->find("").empty());
  EXPECT_TRUE(guide->find("the quick brown fox").empty());
  EXPECT_LE(guide->find("补贴", 5).size(), 5u);
}

}  // namespace
}  // namespace yiwang::matter

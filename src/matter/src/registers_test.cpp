// Registers that answer about what a form says: whole values and values within a longer text.
#include "yiwang/matter/registers.hpp"

#include <gtest/gtest.h>

namespace yiwang::matter {
namespace {

Registers::Loaded load(std::string const& text) {
  pack::FileSet files = pack::read_folder(YW_SOURCE_DIR "/packs/yunhai").value();
  files["registers/places.yaml"] = text;
  pack::LoadResult loaded = pack::load(std::move(files));
  if (!loaded.errors.empty()) return {nullptr, std::move(loaded.errors)};
  return Registers::load(loaded.pack);
}
std::string const kHead = "id: places\ntitle: 地址\nholder: planning\nupdated: 2026-11-12\n";
std::string const kRest =
    "fields:\n- {id: known, label: 在库, type: boolean}\n- {id: street, label: 街, type: text}\nrecords:\n"
    "- {subject: \"*\", known: false}\n- {subject: 海棠街, known: true, street: 短}\n- {subject: 海棠街 3 号, known: true, "
    "street: 长}\n";

std::string street_of(Registers const& registers, std::string const& value) {
  RegisterSubject about{"周晓芸", "", "", "", false, value};
  json::Value const said = registers.answer(*registers.find("places"), about, RegisterMode::up, Date{20'000});
  json::Value const* street = said.find("street");
  return (said.find("known")->as_bool() ? "+" : "-") + (street ? street->text() : std::string{});
}

TEST(Registers, TheLongestRecordWithinAValueCounts) {
  auto const loaded = load(kHead + "key: value\nof: [place]\nmatch: within\n" + kRest);
  ASSERT_TRUE(loaded.registers) << loaded.errors.front().line();
  EXPECT_EQ(street_of(*loaded.registers, "葵滨街道海棠街 8 号"), "+短");
  EXPECT_EQ(street_of(*loaded.registers, "葵滨街道海棠街 3 号 502"), "+长");
  EXPECT_EQ(street_of(*loaded.registers, "无名路 1 号"), "-");
  EXPECT_EQ(street_of(*loaded.registers, "*"), "-");
  EXPECT_EQ(street_of(*loaded.registers, ""), "-");
}

TEST(Registers, AWholeValueIsFoundAsItStands) {
  auto const loaded = load(kHead + "key: value\nof: [place]\n" + kRest);
  ASSERT_TRUE(loaded.registers) << loaded.errors.front().line();
  EXPECT_EQ(street_of(*loaded.registers, "海棠街"), "+短");
  EXPECT_EQ(street_of(*loaded.registers, "葵滨街道海棠街 8 号"), "-");
}

TEST(Registers, WhatAValueIsOfMustBeSaid) {
  auto const without = load(kHead + "key: value\n" + kRest), besides = load(kHead + "key: person\nof: [place]\n" + kRest);
  ASSERT_FALSE(without.registers);
  ASSERT_FALSE(besides.registers);
  EXPECT_NE(without.errors.front().line().find("registers/places.yaml:5"), std::string::npos) << without.errors.front().line();
  EXPECT_NE(without.errors.front().line().find("of"), std::string::npos);
}

}  // namespace
}  // namespace yiwang::matter

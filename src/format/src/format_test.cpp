#include <gtest/gtest.h>

#include "yiwang/format/json.hpp"
#include "yiwang/format/json_order.hpp"
#include "yiwang/format/xlsx.hpp"
#include "yiwang/format/xml.hpp"

namespace yiwang {
namespace {

TEST(Xml, KeepsBytesAndPlaces) {
  std::string text =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- 注 -->\n<a:root xmlns:a='urn:a' xmlns='urn:d'>\n  <item id=\"x1\">低保 "
      "&lt; <![CDATA[<b>]]></item>\n</a:root>\n";
  auto document = xml::Document::parse(text, "m.dmn");
  ASSERT_TRUE(document);
  auto root = (*document)->root();
  EXPECT_EQ(root.local_name(), "root");
  EXPECT_EQ(root.namespace_uri(), "urn:a");
  auto item = root.child("item");
  EXPECT_EQ(item.namespace_uri(), "urn:d");
  EXPECT_EQ(item.text(), "低保 < <b>");
  EXPECT_EQ(to_string(item.place()).substr(0, 9), "m.dmn:4:3");
  EXPECT_EQ((*document)->write(), text);
  (*document)->set_attribute(item, "name", "a\"b");
  auto again = xml::Document::parse((*document)->write());
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->root().child("item").attribute_or("name"), "a\"b");
  EXPECT_NE((*document)->write().find("<!-- 注 -->"), std::string::npos);
}

TEST(Xml, Refuses) {
  EXPECT_EQ(xml::Document::parse("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>").error().code(), ErrorCode::format_xml_doctype);
  EXPECT_EQ(xml::Document::parse("<a><b></a>").error().code(), ErrorCode::format_xml);
  EXPECT_EQ(xml::Document::parse("").error().code(), ErrorCode::format_xml);
  EXPECT_EQ(xml::Document::parse("<a>\xff</a>").error().code(), ErrorCode::base_utf8);
  EXPECT_EQ(xml::Document::parse("<?xml version='1.0' encoding='GBK'?><a/>").error().code(), ErrorCode::format_xml_encoding);
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "<a>";
  for (int i = 0; i < 1000; ++i) deep += "</a>";
  EXPECT_EQ(xml::Document::parse(deep).error().code(), ErrorCode::format_limit);
}

TEST(Json, KeepsNumbers) {
  auto value = json::parse(R"( {"b":1.23456789012345678901234567890123450,"a":[true,null,"\u4f4e\n"],"z":-0.10e+5} )");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->find("b")->text(), "1.23456789012345678901234567890123450");
  EXPECT_EQ(json::write_canonical(*value),
            "{\"a\":[true,null,\"低\\n\"],\"b\":1.23456789012345678901234567890123450,\"z\":-0.10e+5}");
}

TEST(Json, Refuses) {
  for (auto bad : {"", "{", "[1,]", "{\"a\":1,\"a\":2}", "1 2", "nul", "\"\\x\"", "01"}) {
    EXPECT_FALSE(json::parse(bad)) << bad;
  }
  EXPECT_EQ(json::parse(std::string(1000, '[')).error().code(), ErrorCode::format_limit);
}

TEST(Json, KeyOrderIsUtf16) {
  EXPECT_TRUE(json::key_less("\xF0\x9F\x98\x80", "\xEF\xAC\xB3"));
  EXPECT_TRUE(json::key_less("a", "ab"));
}

}  // namespace
TEST(Json, KeepsTheOrderInWhichItIsWrittenCanonically) {
  auto value = json::parse(R"({"乙":[{"b":1,"a":{"y":null,"x":"q"}}],"a":2.50,"":true,"Z":"\u0001"})").value();
  std::string const canonical = json::write_canonical(value);
  EXPECT_NE(json::write(value), canonical);
  json::put_in_canonical_order(value);
  EXPECT_EQ(json::write(value), canonical);
}

TEST(Json, WrittenTextGoesInAsItStands) {
  auto part = json::parse(R"({"b":[1,2],"a":"x\n"})").value();
  auto whole = json::Value::object({{"z", json::Value::written(json::write_canonical(part))}, {"a", json::Value{}}});
  auto tree = json::Value::object({{"z", part}, {"a", json::Value{}}});
  EXPECT_EQ(json::write_canonical(whole), json::write_canonical(tree));
  auto copy = whole;
  whole = json::Value{};
  EXPECT_EQ(json::write_canonical(json::parse(json::write(copy)).value()), json::write_canonical(tree));
}

TEST(Xlsx, AMomentIsADayOfThisCentury) {
  EXPECT_EQ(xlsx::moment_of({"46339.5", true}, false), "2026-11-13T12:00:00+08:00");
  EXPECT_EQ(xlsx::moment_of({"44877.5", true}, true), "2026-11-13T12:00:00+08:00");
  for (char const* text : {"nan", "inf", "60", "200001", "46339.5x", "", "-1"})
    EXPECT_EQ(xlsx::moment_of({text, true}, false), "") << text;
  EXPECT_EQ(xlsx::moment_of({"46339.5", false}, false), "");
}

}  // namespace yiwang

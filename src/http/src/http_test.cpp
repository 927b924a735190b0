#include <gtest/gtest.h>

#include "yiwang/http/admission.hpp"
#include "yiwang/http/router.hpp"
#include "yiwang/http/server.hpp"

namespace sample {
struct Body {
  yiwang::http::Text<2, 4> name;
  yiwang::http::Integer<1, 9> count;
  std::optional<bool> maybe;
};
BOOST_DESCRIBE_STRUCT(Body, (), (name, count, maybe))
}  // namespace sample
namespace yiwang::http {
YW_DOCS(sample::Body, "a name", "how many", "perhaps")
}

using namespace yiwang;
using namespace yiwang::http;

TEST(Bodies, BoundsLiveInTheTypes) {
  struct Row {
    char const* text;
    std::size_t faults;
  };
  for (Row row : {Row{R"({"name":"张三","count":3})", 0}, Row{R"({"name":"𠮷田","count":9,"maybe":true})", 0},
                  Row{R"({"name":"张","count":3})", 1}, Row{R"({"name":"张三丰李四","count":0})", 2},
                  Row{R"({"name":5,"count":"3"})", 2}, Row{R"({"count":3})", 1}, Row{R"({"name":"张三","count":3,"other":1})", 1},
                  Row{R"({"name":"张三","count":3.5})", 1}, Row{"[]", 1}}) {
    sample::Body body;
    std::vector<Error> errors;
    read(json::parse(row.text).value(), body, "", errors);
    EXPECT_EQ(errors.size(), row.faults) << row.text;
  }
  json::Value schema = SchemaOf<sample::Body>::make();
  EXPECT_EQ(schema.find("required")->items().size(), 2u);
  EXPECT_EQ(schema.find("properties")->find("name")->find("maxLength")->text(), "4");
}

TEST(Problems, InsidesStayInside) {
  Response r = problem({Error(ErrorCode::store_query, {{"query", "secret_name"}, {"why", "disk"}})}, Language::en, "ref123");
  EXPECT_EQ(r.status, 500);
  EXPECT_EQ(r.body.find("secret_name"), std::string::npos);
  r = problem({Error(ErrorCode::base_crypto, {{"what", "inner"}})}, Language::en, "ref123");
  EXPECT_EQ(r.status, 500);
  EXPECT_EQ(r.body.find("inner"), std::string::npos);
  EXPECT_NE(r.body.find("ref123"), std::string::npos);
}

TEST(Router, FindsRoutesAndNamesWrongMethods) {
  Router router;
  router.add({.method = "GET",
              .path = "/api/cases/{id}/files/{hash}",
              .summary = "",
              .tag = "",
              .action = "",
              .request_schema = {},
              .response_schema = {},
              .arguments = {},
              .handler = {}});
  std::map<std::string, std::string, std::less<>> params;
  bool known = false;
  ASSERT_NE(router.find("GET", "/api/cases/1/files/2", params, known), nullptr);
  EXPECT_EQ(params["id"] + params["hash"], "12");
  EXPECT_EQ(router.find("PUT", "/api/cases/1/files/2", params, known), nullptr);
  EXPECT_TRUE(known);
  EXPECT_EQ(router.find("GET", "/api/cases//files/2", params, known), nullptr);
  EXPECT_FALSE(known);
}

TEST(Uploads, AreDecidedByContent) {
  for (std::string_view bad : {"", "hello", "<svg/>", "\xff\xd8\xff", "\x89PNG\r\n\x1a\nxx", "GIF89a"})
    EXPECT_EQ(clean_upload(bad).error().code(), ErrorCode::http_upload);
  EXPECT_EQ(clean_upload("%PDF-1.4\n").value().media_type, "application/pdf");
  EXPECT_FALSE(gzip(std::string(4000, 'a')).empty());
  EXPECT_LT(gzip(std::string(4000, 'a')).size(), 200u);
}

TEST(Admission, EachKeyHasItsOwnBucketThatRefillsEvenly) {
  Admission a({2, 3}, 10);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(a.take("x", 0), 0);
  EXPECT_EQ(a.take("x", 0), 1);
  EXPECT_EQ(a.take("y", 0), 0);
  EXPECT_EQ(a.take("x", 0.5), 0);
  EXPECT_EQ(a.take("x", 0.5), 1);
  for (int i = 0; i < 50; ++i) a.take("k" + std::to_string(i), 0.5);
  EXPECT_LE(a.keys(), 10u);
  Admission off({0, 1});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(off.take("x", 0), 0);
}

TEST(ClientAddress, OnlyATrustedPeerIsBelieved) {
  std::vector<std::string> const proxies{"127.0.0.1", "10.0.0.1"};
  EXPECT_EQ(client_address("203.0.113.9", "198.51.100.1", proxies), "203.0.113.9");
  EXPECT_EQ(client_address("127.0.0.1", "", proxies), "127.0.0.1");
  EXPECT_EQ(client_address("127.0.0.1", "1.1.1.1, 203.0.113.7, 10.0.0.1", proxies), "203.0.113.7");
  EXPECT_EQ(client_address("127.0.0.1", "203.0.113.7, nonsense", proxies), "127.0.0.1");
}

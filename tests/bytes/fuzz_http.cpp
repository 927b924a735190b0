// What a request may bring: an address with forwarded-for, a path, a JSON body read into a described struct, an upload. Whatever
// the bytes, the answer is a value or an Error; and what was accepted keeps its bounds.

#include <cstdlib>

#include "yiwang/http/admission.hpp"
#include "yiwang/http/router.hpp"
#include "yiwang/http/server.hpp"

namespace yiwang::test {
struct Body {
  http::Text<1, 20> login;
  std::optional<http::Integer<0, 100>> count;
  bool flag;
  http::Any form;
};
BOOST_DESCRIBE_STRUCT(Body, (), (login, count, flag, form))
}  // namespace yiwang::test
namespace yiwang::http {
YW_DOCS(test::Body, "a", "b", "c", "d")
}

extern "C" int LLVMFuzzerTestOneInput(unsigned char const* data, std::size_t size) {
  using namespace yiwang;
  std::string_view all(reinterpret_cast<char const*>(data), size);
  static http::Router const* const kRouter = [] {
    auto* r = new http::Router;
    for (char const* path : {"/api/cases", "/api/cases/{id}", "/api/cases/{id}/files/{hash}"})
      r->add({.method = "GET",
              .path = path,
              .summary = {},
              .tag = {},
              .action = "public",
              .request_schema = {},
              .response_schema = {},
              .arguments = {},
              .handler = {}});
    return r;
  }();
  std::size_t first = all.find('\n'), second = first == std::string_view::npos ? first : all.find('\n', first + 1);
  std::map<std::string, std::string, std::less<>> params;
  bool known = false;
  if (kRouter->find("GET", all.substr(0, first), params, known) != nullptr && !known) std::abort();
  if (first != std::string_view::npos) {
    std::string address =
        http::client_address("127.0.0.1", all.substr(first + 1, second == std::string_view::npos ? second : second - first - 1),
                             {"127.0.0.1", "10.0.0.1"});
    if (address.empty() || address.find_first_of(" ,\n") != std::string::npos) std::abort();
  }
  std::string_view text = second == std::string_view::npos ? all : all.substr(second + 1);
  if (auto value = json::parse(text, {1 << 20, 32})) {
    test::Body body;
    std::vector<Error> errors;
    http::read(*value, body, "", errors);
    if (errors.empty() && (body.login.value.empty() || utf8::length(body.login.value) > 20 ||
                           (body.count && (body.count->value < 0 || body.count->value > 100))))
      std::abort();
    if (!errors.empty() && http::problem(errors).status != 400) std::abort();
  }
  if (auto upload = http::clean_upload(all); upload && upload->bytes.empty()) std::abort();
  return 0;
}

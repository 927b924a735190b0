#pragma once
// One HTTP request to another system, or to our own server through its Unix socket. Blocking; for workers and the command line.

#include <string>
#include <utility>
#include <vector>

#include "yiwang/base/result.hpp"

namespace yiwang::http {

struct ClientAnswer {
  int status = 0;
  std::string body;
};

/// Where to: "http://host[:port]/path" (TLS belongs to a proxy beside us) or "unix:SOCKET|/path".
/// The answer is at most 1 MiB. Errors: store.delivery with the reason.
Result<ClientAnswer> post(std::string const& url, std::vector<std::pair<std::string, std::string>> const& headers,
                          std::string_view body, int seconds);

}  // namespace yiwang::http

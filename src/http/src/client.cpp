#include "yiwang/http/client.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/http.hpp>
#include <cstring>

namespace yiwang::http {
namespace {

namespace bhttp = boost::beast::http;

struct Socket {
  int fd = -1;
  ~Socket() {
    if (fd >= 0) ::close(fd);
  }
};
auto refuse(std::string why) { return fail(ErrorCode::store_delivery, {{"why", std::move(why)}}); }

Status limit(int fd, int seconds) {
  timeval t{seconds, 0};
  if (::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t) != 0 ||
      ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t) != 0)
    return refuse(std::strerror(errno));
  return {};
}

Status connect_unix(Socket& s, std::string const& path, int seconds) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return refuse("the path of the socket is too long: " + path);
  std::copy(path.begin(), path.end(), address.sun_path);
  s.fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  YW_TRY(limit(s.fd, seconds));
  if (::connect(s.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
    return refuse(path + ": " + std::strerror(errno));
  return {};
}

Status connect_tcp(Socket& s, std::string const& host, std::string const& port, int seconds) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (int rc = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); rc != 0)
    return refuse(host + ": " + ::gai_strerror(rc));
  std::string why = "no address";
  for (addrinfo* a = found; a != nullptr; a = a->ai_next) {
    int fd = ::socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0 && limit(fd, seconds) && ::connect(fd, a->ai_addr, a->ai_addrlen) == 0) {
      s.fd = fd;
      break;
    }
    why = std::strerror(errno);
    if (fd >= 0) ::close(fd);
  }
  ::freeaddrinfo(found);
  if (s.fd < 0) return refuse(host + ":" + port + ": " + why);
  return {};
}

}  // namespace

Result<ClientAnswer> post(std::string const& url, std::vector<std::pair<std::string, std::string>> const& headers,
                          std::string_view body, int seconds) {
  Socket socket;
  std::string target = "/", host = "localhost";
  if (url.starts_with("unix:")) {
    std::size_t bar = url.find('|');
    target = bar == std::string::npos ? "/" : url.substr(bar + 1);
    YW_TRY(connect_unix(socket, url.substr(5, bar == std::string::npos ? bar : bar - 5), seconds));
  } else if (url.starts_with("http://")) {
    std::size_t slash = url.find('/', 7);
    host = url.substr(7, slash == std::string::npos ? slash : slash - 7);
    if (slash != std::string::npos) target = url.substr(slash);
    std::size_t colon = host.rfind(':');
    bool has_port = colon != std::string::npos && host.find(']', colon) == std::string::npos;
    YW_TRY(connect_tcp(socket, has_port ? host.substr(0, colon) : host, has_port ? host.substr(colon + 1) : "80", seconds));
  } else {
    return refuse("not an http:// address: " + url);
  }
  bhttp::request<bhttp::string_body> request(bhttp::verb::post, target, 11);
  request.set(bhttp::field::host, host);
  request.set(bhttp::field::connection, "close");
  request.set(bhttp::field::content_type, "application/json");
  for (auto const& [name, value] : headers) request.set(name, value);
  request.body() = body;
  request.prepare_payload();
  std::ostringstream text;
  text << request;
  std::string bytes = std::move(text).str();
  for (std::size_t done = 0; done < bytes.size();) {
    ssize_t n = ::send(socket.fd, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (n <= 0) return refuse(std::string("sending: ") + std::strerror(errno));
    done += static_cast<std::size_t>(n);
  }
  bhttp::response_parser<bhttp::string_body> parser;
  parser.eager(true);
  parser.body_limit(1 << 20);
  std::string waiting;
  std::array<char, 16384> chunk{};
  boost::system::error_code ec;
  while (!parser.is_done()) {
    ssize_t n = ::recv(socket.fd, chunk.data(), chunk.size(), 0);
    if (n < 0) return refuse(std::string("no answer: ") + std::strerror(errno));
    if (n == 0) {
      parser.put_eof(ec);
      if (ec || !parser.is_done()) return refuse("the answer was cut off");
      break;
    }
    waiting.append(chunk.data(), static_cast<std::size_t>(n));
    std::size_t used = parser.put(boost::asio::buffer(waiting), ec);
    if (ec && ec != bhttp::error::need_more) return refuse("not HTTP: " + ec.message());
    waiting.erase(0, used);
  }
  return ClientAnswer{static_cast<int>(parser.get().result_int()), std::move(parser.get().body())};
}

}  // namespace yiwang::http

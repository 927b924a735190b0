#pragma once
// The HTTP/1.1 server: Boost.Beast on Asio coroutines. TLS and HTTP/2 belong to the reverse proxy in front.

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "yiwang/http/router.hpp"

namespace yiwang::http {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  ///< 0: any free port
  int io_threads = 2;
  int blocking_threads = 4;
  std::size_t connections_max = 4096;
  std::size_t header_bytes_max = 16 << 10;
  int header_seconds = 15;                   ///< to receive a whole request
  int idle_seconds = 60;                     ///< between requests of one connection
  std::string socket_path;                   ///< a Unix socket beside the address, for the command line; empty: none
  std::vector<std::string> trusted_proxies;  ///< peers whose X-Forwarded-For is believed
  /// Seconds that this request must wait; 0 lets it in. May be empty. Called on network threads.
  std::function<int(Request const&)> admit;
  /// Whether a route with this action refuses everybody who is not signed in. May be empty: then nothing is known of any.
  std::function<bool(std::string_view action)> needs_session;
  std::string web_root;  ///< folder with citizen/dist and staff/dist; empty: no pages
};

/// One finished request, for logs and metrics.
struct Finished {
  std::string_view method;
  std::string_view route;  ///< the pattern, not the path: no personal data
  int status;
  double seconds;
  std::string_view trace_id;
};

/// Messages to browsers (SSE). Thread-safe.
class EventHub {
 public:
  virtual ~EventHub() = default;
  /// Sends to every subscriber whose channel it is: "dept:<id>" or "subject:<uuid>".
  virtual void publish(std::string const& channel, std::string const& event, std::string const& data) = 0;
  virtual std::size_t subscribers() const = 0;
};

class Server {
 public:
  /// `channels` says which SSE channels a request may hear; empty refuses it.
  Server(ServerOptions options, Router router, std::function<Result<std::vector<std::string>>(Request const&)> channels,
         std::function<void(Finished const&)> finished, std::function<std::string()> trace_id);
  ~Server();
  Server(Server const&) = delete;
  Server& operator=(Server const&) = delete;

  /// Binds and starts the threads. Errors: http.bad_request with the reason when the address cannot be used.
  Status start();
  std::uint16_t port() const;
  EventHub& events();
  Router const& router() const;
  /// Stops accepting, finishes what was accepted (at most `seconds`), closes. Idempotent.
  void stop(int seconds = 10);
  std::size_t connections() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// A static file held in memory, with its gzip form where that is smaller.
struct StaticFile {
  std::string content_type;
  std::string body;
  std::string gzip;
  std::string etag;
  bool immutable = false;
};
/// Loads both web apps: citizen at /, staff at /staff/. Errors: base.file.
Result<std::map<std::string, StaticFile, std::less<>>> load_static(std::string const& root);
std::string gzip(std::string_view text);

/// Decides the type of an upload by its content and re-encodes pictures, which drops everything that is not the picture
/// (EXIF, places, hidden data). PDF is kept as it is. Errors: http.upload.
struct Upload {
  std::string media_type;
  std::string bytes;
};
Result<Upload> clean_upload(std::string_view bytes);

}  // namespace yiwang::http

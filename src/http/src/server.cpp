#include "yiwang/http/server.hpp"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/version.hpp>
#include <chrono>
#include <deque>
#include <mutex>
#include <set>
#include <thread>

#include "yiwang/http/admission.hpp"

namespace yiwang::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;
using tcp = asio::ip::tcp;
using local = asio::local::stream_protocol;
using Steady = std::chrono::steady_clock;
using boost::system::error_code;

/// A connection lives on one thread from beginning to end: no strand, and no executor whose type is not known.
using Executor = asio::io_context::executor_type;
template <class T>
using Task = asio::awaitable<T, Executor>;
using Timer = asio::steady_timer::rebind_executor<Executor>::other;
template <class Protocol>
using Stream = beast::basic_stream<Protocol, Executor>;
constexpr auto kToken = asio::as_tuple(asio::use_awaitable_t<Executor>{});
constexpr char kPolicy[] =
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'";

/// %XX and nothing else; malformed input is left for the router to miss.
bool percent_decode(std::string_view in, std::string& out, bool plus) {
  out.clear();
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (in[i] == '%') {
      auto nibble = [](char c) {
        return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
      };
      if (in.size() - i < 3) return false;
      int h = nibble(in[i + 1]), l = nibble(in[i + 2]);
      if (h < 0 || l < 0) return false;
      out += static_cast<char>(h << 4 | l);
      i += 2;
    } else {
      out += plus && in[i] == '+' ? ' ' : in[i];
    }
  }
  return utf8::is_valid(out) && out.find('\0') == std::string::npos;
}

std::string cookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    std::size_t semicolon = header.find(';');
    std::string_view part = header.substr(0, semicolon);
    while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
    if (part.size() > name.size() && part.starts_with(name) && part[name.size()] == '=')
      return std::string(part.substr(name.size() + 1));
    if (semicolon == std::string_view::npos) break;
    header.remove_prefix(semicolon + 1);
  }
  return {};
}

/// A browser on another site must not act with the user's cookie.
bool cross_site(bhttp::request_header<> const& header) {
  std::string_view site = header["Sec-Fetch-Site"];
  if (!site.empty()) return site != "same-origin" && site != "none";
  std::string_view origin = header[bhttp::field::origin];
  if (origin.empty()) return false;
  std::size_t at = origin.find("://");
  return at == std::string_view::npos || origin.substr(at + 3) != header[bhttp::field::host];
}

struct Subscriber {
  explicit Subscriber(Executor const& e) : timer(e) {}
  Timer timer;
  std::deque<std::string> messages;
};

class Hub final : public EventHub {
 public:
  void publish(std::string const& channel, std::string const& event, std::string const& data) override {
    std::string text = "event: " + event + "\ndata: " + data + "\n\n";
    std::lock_guard lock(mutex_);
    auto [from, to] = channels_.equal_range(channel);
    for (auto it = from; it != to; ++it) {
      asio::post(it->second->timer.get_executor(), [s = it->second, text] {
        // A browser that does not read loses the oldest; it reloads its list when it comes back.
        if (s->messages.size() >= 256) s->messages.pop_front();
        s->messages.push_back(text);
        s->timer.cancel();
      });
    }
  }
  std::size_t subscribers() const override {
    std::lock_guard lock(mutex_);
    return count_;
  }
  void add(std::vector<std::string> const& channels, std::shared_ptr<Subscriber> const& s) {
    std::lock_guard lock(mutex_);
    for (std::string const& c : channels) channels_.emplace(c, s);
    ++count_;
  }
  void remove(std::shared_ptr<Subscriber> const& s) {
    std::lock_guard lock(mutex_);
    std::erase_if(channels_, [&](auto const& entry) { return entry.second == s; });
    --count_;
  }

 private:
  mutable std::mutex mutex_;
  std::multimap<std::string, std::shared_ptr<Subscriber>> channels_;
  std::size_t count_ = 0;
};

}  // namespace

struct Server::Impl : std::enable_shared_from_this<Server::Impl> {
  ServerOptions options;
  Router router;
  std::function<Result<std::vector<std::string>>(Request const&)> channels;
  std::function<void(Finished const&)> finished;
  std::function<std::string()> trace_id;
  std::map<std::string, StaticFile, std::less<>> files;
  std::deque<asio::io_context> loops;  ///< one a thread; the first accepts
  std::size_t next_loop = 0;           ///< that gets a connection
  asio::thread_pool blocking;
  std::optional<tcp::acceptor> acceptor;
  std::optional<local::acceptor> local_acceptor;
  std::vector<std::thread> threads;
  Hub hub;
  std::atomic<std::size_t> connections{0};
  std::atomic<std::size_t> working{0};
  std::atomic<bool> stopping{false};
  std::uint16_t bound = 0;

  Impl(ServerOptions o, Router r)
      : options(std::move(o)), router(std::move(r)), blocking(static_cast<std::size_t>(options.blocking_threads)) {
    for (int i = 0; i < std::max(options.io_threads, 1); ++i) loops.emplace_back(1);
  }

  template <class Protocol>
  Task<void> accept(asio::basic_socket_acceptor<Protocol>& from) {
    auto self = shared_from_this();
    while (!stopping) {
      auto [ec, socket] = co_await from.async_accept(loops[next_loop++ % loops.size()].get_executor(), kToken);
      if (ec) {
        if (stopping) co_return;
        Timer pause(loops.front().get_executor(), std::chrono::milliseconds(50));  // out of descriptors: wait, do not spin
        co_await pause.async_wait(kToken);
        continue;
      }
      if (connections >= options.connections_max) {
        socket.close(ec);
        continue;
      }
      std::string peer;
      if constexpr (std::is_same_v<Protocol, tcp>) {
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        auto endpoint = socket.remote_endpoint(ignored);
        if (!ignored) peer = endpoint.address().to_string();
      }
      ++connections;
      auto executor = socket.get_executor();
      asio::co_spawn(
          executor,
          [self, peer, s = std::move(socket)]() mutable { return self->serve(Stream<Protocol>(std::move(s)), std::move(peer)); },
          [self](std::exception_ptr) { --self->connections; });
    }
  }

  /// Everything that a request may hold, checked; or the problem to answer with.
  std::optional<Response> read_request(bhttp::request<bhttp::string_body> const& in, Request& out, Route const*& route) {
    out.method = std::string(in.method_string());
    out.accept_language = std::string(in[bhttp::field::accept_language]);
    out.language = out.accept_language.starts_with("en") ? Language::en : Language::zh_cn;
    auto refuse = [&](Error e) { return problem(std::move(e), out); };
    std::string_view target = in.target();
    std::size_t mark = target.find('?');
    std::string_view query = mark == std::string_view::npos ? std::string_view{} : target.substr(mark + 1);
    std::string raw_path(target.substr(0, mark));
    if (raw_path.empty() || raw_path[0] != '/' || !percent_decode(raw_path, out.path, false)) {
      return refuse(Error(ErrorCode::http_bad_request, {{"why", "path"}}));
    }
    std::size_t arguments = 0;
    while (!query.empty()) {
      std::size_t amp = query.find('&');
      std::string_view pair = query.substr(0, amp);
      std::size_t eq = pair.find('=');
      std::string key, value;
      if (++arguments > 32 || !percent_decode(pair.substr(0, eq), key, true) ||
          (eq != std::string_view::npos && !percent_decode(pair.substr(eq + 1), value, true))) {
        return refuse(Error(ErrorCode::http_bad_request, {{"why", "query"}}));
      }
      out.query[key] = value;
      if (amp == std::string_view::npos) break;
      query.remove_prefix(amp + 1);
    }
    out.content_type = std::string(in[bhttp::field::content_type]);
    out.idempotency_key = std::string(in["Idempotency-Key"]);
    out.if_match = std::string(in[bhttp::field::if_match]);
    out.if_none_match = std::string(in[bhttp::field::if_none_match]);
    out.session_token = cookie(in[bhttp::field::cookie], "yw_session");
    std::string name;
    if (percent_decode(in["X-File-Name"], name, false)) out.file_name = std::string(utf8::substring(name, 0, 120));
    if (int seconds = options.admit && !out.local ? options.admit(out) : 0; seconds > 0) {
      Response wait = refuse(Error(ErrorCode::http_rate, {{"seconds", std::to_string(seconds)}}));
      wait.headers = {{"Retry-After", std::to_string(seconds)}};
      return wait;
    }
    bool known = false;
    route = router.find(out.method, out.path, out.params, known);
    if (route != nullptr && route->local && !out.local) route = nullptr, known = false;
    if (route == nullptr) {
      if (known) return refuse(Error(ErrorCode::http_method));
      return std::nullopt;
    }
    bool changes = out.method != "GET" && out.method != "HEAD";
    if (changes && cross_site(in)) return refuse(Error(ErrorCode::http_cross_site));
    if (!route->request_schema.is_null() && !route->raw_body && !out.content_type.starts_with("application/json")) {
      return refuse(Error(ErrorCode::http_media_type, {{"expected", "application/json"}}));
    }
    if (route->command &&
        (out.idempotency_key.empty() || out.idempotency_key.size() > 100 || !utf8::is_valid(out.idempotency_key))) {
      return refuse(Error(ErrorCode::http_idempotency_key));
    }
    if (in.body().size() > route->body_max)
      return refuse(Error(ErrorCode::http_too_large, {{"max", std::to_string(route->body_max / 1024) + " KB"}}));
    return std::nullopt;
  }

  Task<Response> dispatch(Route const& route, Request const& request) {
    // A handler that answers at once is not sent through the scheduler; any other resumes the request on its own thread.
    struct Waiting {
      std::mutex mutex;
      std::optional<Response> answer;
      std::function<void()> resume;
    };
    auto executor = co_await asio::this_coro::executor;
    auto waiting = std::make_shared<Waiting>();
    Answer answer = [waiting](Response r) {
      std::function<void()> resume;
      {
        std::lock_guard lock(waiting->mutex);
        waiting->answer = std::move(r);
        resume = std::move(waiting->resume);
      }
      if (resume) resume();
    };
    auto call = [&route, &request, answer] {
      // The top of the house: a library's exception becomes a reference number, not a lost connection.
      try {
        route.handler(request, answer);
      } catch (std::exception const&) {
        answer(problem(Error(ErrorCode::base_crypto, {{"what", "unexpected"}}), request));
      }
    };
    // Who is not signed in is refused at once, where only signed-in people may: that never blocks.
    bool const refused =
        request.session_token.empty() && !request.local && options.needs_session && options.needs_session(route.action);
    if (route.runs == Runs::blocking && !refused)
      asio::post(blocking, call);
    else
      call();
    auto start = [waiting, executor](auto handler) {
      auto shared = std::make_shared<decltype(handler)>(std::move(handler));
      auto resume = [shared, executor] { asio::post(executor, [shared] { (*shared)(); }); };
      std::unique_lock lock(waiting->mutex);
      if (!waiting->answer) {
        waiting->resume = std::move(resume);
        return;
      }
      lock.unlock();
      resume();
    };
    bool ready = false;
    {
      std::lock_guard lock(waiting->mutex);
      ready = waiting->answer.has_value();
    }
    if (!ready)
      co_await asio::async_initiate<asio::use_awaitable_t<Executor> const, void()>(start, asio::use_awaitable_t<Executor>{});
    std::lock_guard lock(waiting->mutex);
    co_return std::move(*waiting->answer);
  }

  Response static_answer(Request const& request, bool gzip_ok) {
    Response out;
    auto it = files.find(request.path);
    bool page = false;
    if (it == files.end()) {
      // Addresses of the single-page apps; files that are missing stay missing.
      bool looks_like_file = request.path.rfind('.') != std::string::npos && request.path.rfind('.') > request.path.rfind('/');
      bool staff = request.path == "/staff" || request.path.starts_with("/staff/");
      if (!looks_like_file && !request.path.starts_with("/api/")) it = files.find(staff ? "/staff/index.html" : "/index.html");
      page = true;
    }
    if (it == files.end() || (request.method != "GET" && request.method != "HEAD"))
      return problem(Error(ErrorCode::http_not_found), request);
    StaticFile const& file = it->second;
    page = page || file.content_type.starts_with("text/html");
    out.content_type = file.content_type;
    out.headers.emplace_back("ETag", file.etag);
    out.headers.emplace_back("Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
    out.headers.emplace_back("Vary", "Accept-Encoding");
    if (page) out.headers.emplace_back("Content-Security-Policy", kPolicy);
    if (request.if_none_match == file.etag) {
      out.status = 304;
      return out;
    }
    if (gzip_ok && !file.gzip.empty()) {
      out.body = file.gzip;
      out.headers.emplace_back("Content-Encoding", "gzip");
    } else {
      out.body = file.body;
    }
    return out;
  }

  template <class Protocol>
  Task<void> stream_events(Stream<Protocol>& stream, std::vector<std::string> channels_of) {
    auto subscriber = std::make_shared<Subscriber>(stream.get_executor());
    hub.add(channels_of, subscriber);
    std::string head =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-store\r\nX-Accel-Buffering: "
        "no\r\nConnection: close\r\n\r\nretry: 3000\n\n";
    stream.expires_after(std::chrono::seconds(30));
    auto [ec, n] = co_await asio::async_write(stream, asio::buffer(head), kToken);
    while (!ec && !stopping) {
      if (subscriber->messages.empty()) {
        subscriber->timer.expires_after(std::chrono::seconds(15));
        co_await subscriber->timer.async_wait(kToken);
      }
      std::string out = subscriber->messages.empty() ? std::string(": still here\n\n") : std::string{};
      while (!subscriber->messages.empty()) {
        out += subscriber->messages.front();
        subscriber->messages.pop_front();
      }
      stream.expires_after(std::chrono::seconds(30));
      std::tie(ec, n) = co_await asio::async_write(stream, asio::buffer(out), kToken);
    }
    hub.remove(subscriber);
  }

  template <class Protocol>
  Task<bool> write(Stream<Protocol>& stream, Response response, bool keep_alive, bool head_only, bool gzip_ok,
                   std::string const& trace) {
    // One buffer, one write: the head is text that we know, and Beast's serializer costs more than all of the rest.
    if (gzip_ok && response.body.size() > 2048 &&
        (response.content_type.find("json") != std::string::npos || response.content_type.starts_with("text/")) &&
        std::none_of(response.headers.begin(), response.headers.end(),
                     [](auto const& h) { return h.first == "Content-Encoding"; })) {
      response.body = gzip(response.body);
      response.headers.emplace_back("Content-Encoding", "gzip");
      response.headers.emplace_back("Vary", "Accept-Encoding");
    }
    bool const bodiless = response.status == 304 || response.status == 204;
    std::string out;
    out.reserve(384 + (head_only ? 0 : response.body.size()));
    auto line = [&](std::string_view name, std::string_view value) {
      out.append(name).append(": ");
      // A value can never begin a line of its own.
      for (char c : value) out += c == '\r' || c == '\n' ? ' ' : c;
      out += "\r\n";
    };
    out += "HTTP/1.1 ";
    out += std::to_string(response.status);
    out += ' ';
    out += std::string_view(bhttp::obsolete_reason(static_cast<bhttp::status>(response.status)));
    out += "\r\n";
    if (!keep_alive) line("Connection", "close");
    if (!bodiless) line("Content-Type", response.content_type);
    line("X-Content-Type-Options", "nosniff");
    line("Referrer-Policy", "same-origin");
    line("X-Trace-Id", trace);
    bool cached = false;
    for (auto const& [name, value] : response.headers) {
      line(name, value);
      cached = cached || name == "Cache-Control";
    }
    if (!cached) line("Cache-Control", "no-store");
    if (!bodiless) line("Content-Length", std::to_string(response.body.size()));
    out += "\r\n";
    if (!head_only && !bodiless) out += response.body;
    stream.expires_after(std::chrono::seconds(60));
    auto [ec, n] = co_await asio::async_write(stream, asio::buffer(out), kToken);
    co_return !ec && keep_alive;
  }

  template <class Protocol>
  Task<void> serve(Stream<Protocol> stream, std::string peer) {
    beast::flat_buffer buffer(64 << 10);
    bool first = true;
    for (;;) {
      bhttp::request_parser<bhttp::string_body> parser;
      parser.header_limit(static_cast<std::uint32_t>(options.header_bytes_max));
      parser.body_limit(16u << 20);
      stream.expires_after(std::chrono::seconds(first ? options.header_seconds : options.idle_seconds));
      first = false;
      auto [ec, n] = co_await bhttp::async_read_header(stream, buffer, parser, kToken);
      if (ec == bhttp::error::end_of_stream || ec == beast::error::timeout || ec == asio::error::operation_aborted ||
          ec == asio::error::eof || ec == asio::error::connection_reset) {
        break;
      }
      Request request;
      request.trace_id = trace_id();
      if (ec) {
        Error why = ec == bhttp::error::header_limit || ec == bhttp::error::buffer_overflow
                        ? Error(ErrorCode::http_headers)
                        : Error(ErrorCode::http_bad_request, {{"why", ec.message()}});
        Response bad = problem(std::move(why), request);
        finished({"", "malformed", bad.status, 0, request.trace_id});
        co_await write(stream, std::move(bad), false, false, false, request.trace_id);
        break;
      }
      auto const& header = parser.get();
      if (beast::iequals(header[bhttp::field::expect], "100-continue")) {
        std::string go = "HTTP/1.1 100 Continue\r\n\r\n";
        co_await asio::async_write(stream, asio::buffer(go), kToken);
      }
      stream.expires_after(std::chrono::seconds(options.header_seconds + 45));
      std::tie(ec, n) = co_await bhttp::async_read(stream, buffer, parser, kToken);
      auto begin = Steady::now();
      if (ec) {
        Error why = ec == bhttp::error::body_limit ? Error(ErrorCode::http_too_large, {{"max", "16 MB"}})
                    : ec == beast::error::timeout  ? Error(ErrorCode::http_timeout)
                                                   : Error(ErrorCode::http_bad_request, {{"why", ec.message()}});
        Response bad = problem(std::move(why), request);
        finished({"", "malformed", bad.status, 0, request.trace_id});
        co_await write(stream, std::move(bad), false, false, false, request.trace_id);
        break;
      }
      bhttp::request<bhttp::string_body> in = parser.release();
      bool keep_alive = in.keep_alive() && !stopping;
      bool head_only = in.method() == bhttp::verb::head;
      std::string_view encoding = in[bhttp::field::accept_encoding];
      bool gzip_ok = encoding.find("gzip") != std::string_view::npos;
      ++working;
      Route const* route = nullptr;
      request.local = std::is_same_v<Protocol, local>;
      if (!request.local) request.remote = client_address(peer, in["X-Forwarded-For"], options.trusted_proxies);
      std::optional<Response> answer = read_request(in, request, route);
      if (!answer && route == nullptr && head_only) {
        request.method = "GET";
      }
      if (!answer && route != nullptr && route->path == "/api/events") {
        auto allowed = channels(request);
        if (allowed) {
          --working;
          finished({request.method, route->path, 200, 0, request.trace_id});
          co_await stream_events(stream, std::move(*allowed));
          break;
        }
        answer = problem(allowed.error(), request);
      }
      if (!answer && route == nullptr) answer = static_answer(request, gzip_ok);
      if (!answer) {
        request.body = std::move(in.body());
        answer = co_await dispatch(*route, request);
      }
      finished({request.method, route ? std::string_view(route->path) : std::string_view("static"), answer->status,
                std::chrono::duration<double>(Steady::now() - begin).count(), request.trace_id});
      bool more = co_await write(stream, std::move(*answer), keep_alive, head_only, gzip_ok, request.trace_id);
      --working;
      if (!more) break;
    }
    error_code ignored;
    stream.socket().shutdown(asio::socket_base::shutdown_send, ignored);
  }
};

Server::Server(ServerOptions options, Router router, std::function<Result<std::vector<std::string>>(Request const&)> channels,
               std::function<void(Finished const&)> finished, std::function<std::string()> trace_id)
    : impl_(std::make_shared<Impl>(std::move(options), std::move(router))) {
  impl_->channels = std::move(channels);
  impl_->finished = std::move(finished);
  impl_->trace_id = std::move(trace_id);
}

Server::~Server() { stop(); }

Status Server::start() {
  if (!impl_->options.web_root.empty()) {
    YW_ASSIGN(impl_->files, load_static(impl_->options.web_root));
  }
  error_code ec;
  auto address = asio::ip::make_address(impl_->options.address, ec);
  if (ec) return fail(ErrorCode::http_bad_request, {{"why", "not an address: " + impl_->options.address}});
  tcp::endpoint endpoint(address, impl_->options.port);
  impl_->acceptor.emplace(impl_->loops.front());
  auto& acceptor = *impl_->acceptor;
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) acceptor.set_option(asio::socket_base::reuse_address(true), ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(1024, ec);
  if (ec)
    return fail(ErrorCode::http_bad_request, {{"why", "cannot listen on " + impl_->options.address + ":" +
                                                          std::to_string(impl_->options.port) + ": " + ec.message()}});
  impl_->bound = acceptor.local_endpoint().port();
  asio::co_spawn(impl_->loops.front().get_executor(), impl_->accept(acceptor), asio::detached);
  if (!impl_->options.socket_path.empty()) {
    std::string const& path = impl_->options.socket_path;
    ::unlink(path.c_str());
    impl_->local_acceptor.emplace(impl_->loops.front());
    auto& inside = *impl_->local_acceptor;
    // Nobody but the server's own user may connect, from the first moment on.
    mode_t before = ::umask(0077);
    inside.open(local(), ec);
    if (!ec) inside.bind(local::endpoint(path), ec);
    ::umask(before);
    if (!ec) inside.listen(16, ec);
    if (ec) return fail(ErrorCode::http_bad_request, {{"why", "cannot listen on " + path + ": " + ec.message()}});
    asio::co_spawn(impl_->loops.front().get_executor(), impl_->accept(inside), asio::detached);
  }
  for (asio::io_context& loop : impl_->loops) {
    impl_->threads.emplace_back([impl = impl_, &loop] {
      pthread_setname_np(pthread_self(), "yw-http");
      auto const stays = asio::make_work_guard(loop);
      loop.run();
    });
  }
  return {};
}

std::uint16_t Server::port() const { return impl_->bound; }
EventHub& Server::events() { return impl_->hub; }
Router const& Server::router() const { return impl_->router; }
std::size_t Server::connections() const { return impl_->connections; }

void Server::stop(int seconds) {
  if (impl_->stopping.exchange(true)) return;
  if (impl_->acceptor) {
    asio::post(impl_->loops.front(), [impl = impl_] {
      error_code ignored;
      impl->acceptor->close(ignored);
      if (impl->local_acceptor) impl->local_acceptor->close(ignored);
    });
    if (!impl_->options.socket_path.empty()) ::unlink(impl_->options.socket_path.c_str());
  }
  for (int i = 0; i < seconds * 100 && impl_->working > 0; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  impl_->blocking.stop();
  impl_->blocking.join();
  for (asio::io_context& loop : impl_->loops) loop.stop();
  for (auto& t : impl_->threads) t.join();
  impl_->threads.clear();
}

}  // namespace yiwang::http

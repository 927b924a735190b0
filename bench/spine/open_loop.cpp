// Latency at a given rate, open loop: each request has a moment at which it should leave, and its time counts from that moment,
// whether or not the ones before it were answered (no coordinated omission).
//
//   open_loop PORT COOKIE PER_SECOND SECONDS CONNECTIONS [BODIES [PATH]]
//
// BODIES: a file with a body for POST /api/cases (or PATH) on each line, sent one after the other; without it one consultation. A
// line that begins with a session and a tab is sent in that session.

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

using Steady = std::chrono::steady_clock;

int main(int argc, char** argv) {
  if (argc < 6 || argc > 8)
    return fmt::print(stderr, "open_loop PORT COOKIE PER_SECOND SECONDS CONNECTIONS [BODIES [PATH]]\n"), 2;
  int port = std::atoi(argv[1]), rate = std::atoi(argv[3]), seconds = std::atoi(argv[4]), connections = std::atoi(argv[5]);
  std::string const cookie = argv[2];
  std::vector<std::string> bodies;
  std::string const path = argc == 8 ? argv[7] : "/api/cases";
  if (std::ifstream in(argc >= 7 ? argv[6] : ""); in) {
    for (std::string line; std::getline(in, line);) bodies.push_back(line);
  }
  if (bodies.empty())
    bodies.push_back(
        R"({"case_type":"consultation","form":{"topic":"pension","question":"压力测试的一个问题，请问怎么办？","phone":"13800000000"}})");
  std::atomic<int> ticket = 0, bad = 0;
  int const all = rate * seconds;
  auto const begin = Steady::now() + std::chrono::milliseconds(50);
  std::mutex mutex;
  std::vector<float> ms;
  auto client = [&] {
    int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int one = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return;
    std::vector<float> mine;
    std::string buffer(16384, '\0');
    auto salt = Steady::now().time_since_epoch().count();
    for (int n; (n = ticket++) < all;) {
      auto due = begin + std::chrono::nanoseconds(static_cast<std::int64_t>(n) * 1'000'000'000 / rate);
      std::this_thread::sleep_until(due);
      std::string_view body = bodies[static_cast<std::size_t>(n) % bodies.size()], session = cookie;
      if (auto tab = body.find('\t'); tab != std::string_view::npos) session = body.substr(0, tab), body.remove_prefix(tab + 1);
      std::string request = fmt::format(
          "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nCookie: yw_session={}\r\nIdempotency-Key: "
          "{}-{}\r\nContent-Length: {}\r\n\r\n{}",
          path, session, salt, n, body.size(), body);
      if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size())) return;
      std::string answer;
      for (;;) {
        ssize_t got = ::recv(fd, buffer.data(), buffer.size(), 0);
        if (got <= 0) return;
        answer.append(buffer.data(), static_cast<std::size_t>(got));
        std::size_t head = answer.find("\r\n\r\n");
        std::size_t length = answer.find("Content-Length: ");
        if (head != std::string::npos && length != std::string::npos &&
            answer.size() >= head + 4 + std::strtoul(answer.c_str() + length + 16, nullptr, 10))
          break;
      }
      if (!answer.starts_with("HTTP/1.1 201")) ++bad;
      mine.push_back(std::chrono::duration<float, std::milli>(Steady::now() - due).count());
    }
    ::close(fd);
    std::lock_guard lock(mutex);
    ms.insert(ms.end(), mine.begin(), mine.end());
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < connections; ++i) threads.emplace_back(client);
  for (auto& t : threads) t.join();
  double took = std::chrono::duration<double>(Steady::now() - begin).count();
  std::sort(ms.begin(), ms.end());
  auto at = [&](double q) { return ms.empty() ? 0.f : ms[static_cast<std::size_t>(static_cast<double>(ms.size() - 1) * q)]; };
  fmt::print("asked {}/s, answered {:.0f}/s, p50 {:.1f} ms, p99 {:.1f} ms, p99.9 {:.1f} ms, not 201: {}, unanswered: {}\n", rate,
             static_cast<double>(ms.size()) / took, at(0.5), at(0.99), at(0.999), bad.load(), all - static_cast<int>(ms.size()));
  return bad == 0 && static_cast<int>(ms.size()) == all ? 0 : 1;
}

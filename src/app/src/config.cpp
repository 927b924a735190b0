#include "config.hpp"

#include <fmt/format.h>

#include <charconv>

#include "files.hpp"
#include "yiwang/pack/document.hpp"

namespace yiwang::app {
namespace {

using Kind = Setting::Kind;

Setting const* find(std::string_view name) {
  for (Setting const& s : settings()) {
    if (s.name == name) return &s;
  }
  return nullptr;
}

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
      diagonal = above;
    }
  }
  return row[b.size()];
}

Error unknown(std::string_view name) {
  Setting const* nearest = &settings().front();
  for (Setting const& s : settings()) {
    if (distance(name, s.name) < distance(name, nearest->name)) nearest = &s;
  }
  return Error(
      ErrorCode::app_setting,
      {{"name", std::string(name)},
       {"why", "没有这个设置 / does not exist"},
       {"cure", fmt::format("是不是 {}？yiwang config explain 列出全部 / did you mean {}?", nearest->name, nearest->name)}});
}

}  // namespace

std::vector<Setting> const& settings() {
  static std::vector<Setting> const kSettings = {
      {"server.address", Kind::text, "127.0.0.1", 0, 0, "", "监听地址；不是本机回环时演示账号停用",
       "address to listen on; demo accounts work on loopback only"},
      {"server.port", Kind::integer, "8080", 0, 65535, "", "端口，0 为任意空闲端口", "port; 0 takes any free one"},
      {"server.threads", Kind::integer, "2", 1, 64, "", "网络线程", "network threads"},
      {"server.web", Kind::text, "", 0, 0, "", "网页文件夹（citizen/dist、staff/dist）", "folder of the built web apps"},
      {"server.trusted_proxies", Kind::list, "127.0.0.1,::1", 0, 0, "", "信任其 X-Forwarded-For 的反向代理地址",
       "reverse proxies whose X-Forwarded-For is believed"},
      {"server.connections_max", Kind::integer, "4096", 1, 100000, "", "同时连接数上限", "connections at once"},
      {"data.folder", Kind::text, "var/data", 0, 0, "", "数据库、附件、密钥所在文件夹", "folder of database, files and keys"},
      {"data.database", Kind::text, "", 0, 0, "", "sqlite:文件 或 postgres:连接；空为数据文件夹中的 SQLite",
       "sqlite:FILE or postgres:CONNECTION; empty is SQLite in the folder"},
      {"data.batch_max", Kind::integer, "512", 1, 10000, "", "一次提交的命令数上限", "commands of one commit, at most"},
      {"data.queue_max", Kind::integer, "4096", 1, 1000000, "", "等待的命令数上限，再多答 503",
       "waiting commands; more are answered 503"},
      {"data.checkpoint_pages", Kind::integer, "2000", 10, 1000000, "4 KiB", "SQLite 预写日志折回前的页数",
       "pages of the SQLite log before it is folded back"},
      {"calendar.folder", Kind::text, "", 0, 0, "", "另加的节假日安排（cn-年份.json）所在文件夹，启动时与内置的合并",
       "folder of further holiday calendars (cn-YEAR.json), merged with the built-in ones at start"},
      {"pack.folder", Kind::text, "", 0, 0, "", "定义包文件夹；空为 packs/yunhai",
       "folder of the definition pack; empty is packs/yunhai"},
      {"limits.address_per_second", Kind::integer, "100", 0, 1000000, "1/s", "每个地址的请求速率，0 不限；本机直连不限",
       "requests of one address, 0 for no limit; none for this machine itself"},
      {"limits.address_burst", Kind::integer, "500", 1, 10000000, "", "每个地址可突发的请求数",
       "requests that one address may make at once"},
      {"limits.account_per_second", Kind::integer, "50", 0, 1000000, "1/s", "每个账号的请求速率，0 不限",
       "requests of one account, 0 for no limit"},
      {"limits.account_burst", Kind::integer, "300", 1, 10000000, "", "每个账号可突发的请求数",
       "requests that one account may make at once"},
      {"session.hours", Kind::integer, "12", 1, 720, "h", "登录有效时间", "how long a session lasts"},
      {"login.failures_max", Kind::integer, "5", 1, 100, "", "连续输错几次后锁定",
       "wrong passwords before the account is locked"},
      {"login.lock_minutes", Kind::integer, "15", 1, 10080, "min", "锁定多久", "how long it stays locked"},
      {"outbox.webhook", Kind::text, "", 0, 0, "", "通知同时投递到的地址（http://…）；空为只进站内消息",
       "address that notices are also posted to; empty for in-app messages only"},
      {"city.url", Kind::text, "", 0, 0, "", "市热线接收回执的地址（http://…）；空为不回传",
       "address of the city's hotline that receipts of its orders are posted to; empty for none"},
      {"credit.url", Kind::text, "", 0, 0, "", "公共信用平台接收核查结果的地址（http://…）；空为不回传",
       "address of the platform of public credit that results of credit checks are posted to; empty for none"},
      {"requests.watch_seconds", Kind::integer, "20", 1, 3600, "s", "多久检查一次无人接办和超期的诉求",
       "how often requests without an owner or past their limit are looked for"},
      {"requests.training_delay_seconds", Kind::integer, "3", 0, 3600, "s", "就绪后多久开始训练文本模型",
       "how long after the start the text model is trained"},
      {"demo.clock_ahead_seconds", Kind::integer, "0", 0, 100 * 366 * 86400LL, "s",
       "演示用：服务器的时钟快多少；非演示定义包拒绝启动",
       "for demos: how far the server's clock is ahead; refused with any pack that is no demo"},
      {"outbox.tries_max", Kind::integer, "10", 1, 1000, "", "投递几次失败后交运维处理", "tries before an engineer has to look"},
      {"outbox.first_wait_ms", Kind::integer, "2000", 10, 3600000, "ms", "第一次失败后等多久，之后逐次加倍",
       "wait after the first failure; doubles each time"},
      {"outbox.timeout_seconds", Kind::integer, "10", 1, 600, "s", "一次投递最多等多久", "longest wait for one delivery"},
  };
  return kSettings;
}

Config::Config() {
  for (Setting const& s : settings()) values_[s.name] = {s.otherwise, "默认 / default"};
}

Status Config::set(std::string_view name, std::string_view value, std::string origin) {
  Setting const* s = find(name);
  if (s == nullptr) return fail(unknown(name));
  if (s->kind == Kind::integer) {
    std::int64_t n = 0;
    auto [end, ec] = std::from_chars(value.data(), value.data() + value.size(), n);
    if (ec != std::errc{} || end != value.data() + value.size() || n < s->min || n > s->max) {
      return fail(ErrorCode::app_setting, {{"name", s->name},
                                           {"why", fmt::format("“{}”不行 / '{}' will not do", value, value)},
                                           {"cure", fmt::format("应为 {} 至 {} 的整数 / expected a whole number from {} to {}",
                                                                s->min, s->max, s->min, s->max)}});
    }
  }
  values_[s->name] = {std::string(value), std::move(origin)};
  return {};
}

std::vector<Error> Config::read_text(std::string_view text, std::string const& name) {
  std::vector<Error> errors;
  auto root = pack::parse_yaml(text, name);
  if (!root) {
    errors.push_back(std::move(root).error());
    return errors;
  }
  auto place = [&](pack::Node const& n) { return Place{name, n.line, n.column, ""}; };
  auto wrong = [&](pack::Node const& n, std::string_view what, char const* why, std::string cure) {
    errors.push_back(
        Error(ErrorCode::app_setting, {{"name", std::string(what)}, {"why", why}, {"cure", std::move(cure)}}).at(place(n)));
  };
  if (root->kind == pack::Node::Kind::null) return errors;
  if (root->kind != pack::Node::Kind::map) {
    wrong(*root, "/", "应为分组 / must be groups", "例如 / for example: server: {port: 8080}");
    return errors;
  }
  for (auto const& [group, node] : root->entries) {
    if (node.kind != pack::Node::Kind::map) {
      wrong(node, group, "应为一组设置 / must be a group of settings",
            fmt::format("例如 / for example: {}: {{name: value}}", group));
      continue;
    }
    for (auto const& [key, value] : node.entries) {
      std::string full = group + "." + key, given = value.scalar;
      Setting const* s = find(full);
      if (value.kind == pack::Node::Kind::map ||
          (value.kind == pack::Node::Kind::list && (s == nullptr || s->kind != Kind::list))) {
        wrong(value, full, "应为单个值 / must be one value", "请写在一行 / write it on one line");
        continue;
      }
      for (pack::Node const& item : value.items) given += (given.empty() ? "" : ",") + item.scalar;
      if (Status done = set(full, given, fmt::format("{}:{}", name, value.line)); !done)
        errors.push_back(Error(done.error()).at(place(value)));
    }
  }
  return errors;
}

std::vector<Error> Config::read_file(std::string const& path) {
  auto text = app::read_file(path);
  if (!text) return {text.error()};
  return read_text(*text, path);
}

std::vector<Error> Config::read_environment(char const* (*get)(char const*)) {
  std::vector<Error> errors;
  for (Setting const& s : settings()) {
    std::string variable = "YIWANG_";
    for (char const* c = s.name; *c; ++c) variable += *c == '.' ? '_' : static_cast<char>(*c >= 'a' && *c <= 'z' ? *c - 32 : *c);
    char const* value = get(variable.c_str());
    if (value == nullptr) continue;
    if (Status done = set(s.name, value, "环境变量 / environment " + variable); !done)
      errors.push_back(Error(done.error()).at(Place{variable, 0, 0, ""}));
  }
  return errors;
}

std::string const& Config::text(std::string_view name) const {
  auto it = values_.find(name);
  YW_ASSERT(it != values_.end());
  return it->second.value;
}
std::int64_t Config::integer(std::string_view name) const { return std::strtoll(text(name).c_str(), nullptr, 10); }
std::vector<std::string> Config::list(std::string_view name) const {
  std::vector<std::string> out;
  std::string_view rest = text(name);
  while (!rest.empty()) {
    std::size_t comma = rest.find(',');
    std::string_view item = rest.substr(0, comma);
    while (!item.empty() && item.front() == ' ') item.remove_prefix(1);
    while (!item.empty() && item.back() == ' ') item.remove_suffix(1);
    if (!item.empty()) out.emplace_back(item);
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  return out;
}

std::string Config::explain(Language language) const {
  std::string out;
  for (Setting const& s : settings()) {
    Held const& held = values_.find(s.name)->second;
    auto shown = [](std::string_view v) { return v.empty() ? std::string("（空 / empty）") : std::string(v); };
    // A database address may hold a password.
    bool secret = std::string_view(s.name) == "data.database" && held.value.find("password") != std::string::npos;
    out += fmt::format("{} = {}{}{}\n    {}{}{}\n    {} {}\n", s.name, secret ? "***" : shown(held.value), *s.unit ? " " : "",
                       s.unit, language == Language::en ? s.en : s.zh,
                       s.kind == Kind::integer ? fmt::format("（{}–{}）", s.min, s.max) : "", "",
                       language == Language::en ? "from" : "来自", held.origin);
    out += fmt::format("    {} {}\n", language == Language::en ? "default" : "默认值", shown(s.otherwise));
  }
  return out;
}

}  // namespace yiwang::app

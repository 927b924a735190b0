#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <map>

#include "commands.hpp"
#include "yiwang/base/utf8.hpp"
#include "yiwang/format/json.hpp"
#include "yiwang/text/classifier.hpp"
#include "yiwang/text/hotspots.hpp"

namespace yiwang::app {
namespace {

using text::Labelled;

/// A tab-separated table with a header line; columns are found by name.
struct Table {
  std::map<std::string, std::size_t> columns;
  std::vector<std::vector<std::string>> rows;
  std::string const& cell(std::vector<std::string> const& row, std::string const& name) const {
    static std::string const kNone;
    auto it = columns.find(name);
    return it == columns.end() || it->second >= row.size() ? kNone : row[it->second];
  }
};

Result<Table> read_table(std::string const& file, std::initializer_list<char const*> required) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return fail(ErrorCode::base_file, {{"file", file}, {"why", "unreadable"}});
  Table table;
  std::string line;
  std::size_t number = 0;
  while (std::getline(in, line)) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (number == 1 && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
    auto wrong = [&](std::string why) {
      return fail(Error(ErrorCode::text_table, {{"line", std::to_string(number)}, {"why", std::move(why)}})
                      .at({file, static_cast<std::uint32_t>(number), 0, ""}));
    };
    if (line.size() > 1 << 20) return wrong("over 1 MiB");
    if (!utf8::is_valid(line)) return wrong("not UTF-8");
    std::vector<std::string> cells(1);
    for (char c : line) {
      if (c == '\t')
        cells.emplace_back();
      else
        cells.back() += c;
    }
    if (number == 1) {
      for (std::size_t i = 0; i < cells.size(); ++i) table.columns[cells[i]] = i;
      for (char const* name : required) {
        if (!table.columns.contains(name)) return wrong(std::string("the header has no column '") + name + "'");
      }
    } else if (!line.empty()) {
      table.rows.push_back(std::move(cells));
    }
  }
  if (number == 0) return fail(ErrorCode::text_table, {{"line", "1"}, {"why", file + " is empty"}});
  return table;
}

Result<std::vector<Labelled>> read_labelled(std::string const& file) {
  YW_ASSIGN(Table table, read_table(file, {"label", "title", "detail"}));
  std::vector<Labelled> out;
  for (auto const& row : table.rows) {
    if (table.cell(row, "label").empty()) continue;
    out.push_back({{table.cell(row, "title"), table.cell(row, "detail")}, table.cell(row, "label")});
  }
  return out;
}

struct EvalOptions {
  std::vector<std::string> train;
  std::string dev, test;
  double target = 0.96;
  bool as_json = false;
  bool explain = false;
};

Status eval(EvalOptions const& o) {
  std::vector<Labelled> train;
  for (std::string const& file : o.train) {
    YW_ASSIGN(auto more, read_labelled(file));
    train.insert(train.end(), more.begin(), more.end());
  }
  YW_ASSIGN(auto dev, read_labelled(o.dev));
  YW_ASSIGN(auto test, read_labelled(o.test));
  if (test.empty() || dev.empty()) return fail(ErrorCode::text_training, {{"why", "no rows to judge by"}});
  auto begin = std::chrono::steady_clock::now();
  YW_ASSIGN(text::Model model, text::Model::train(train));
  double train_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  // Temperature and threshold come from dev alone; test is only looked at.
  model.calibrate(dev);
  double threshold = model.threshold_for(dev, o.target);
  auto const& labels = model.labels();
  std::map<std::string, std::array<std::size_t, 3>> by_label;  // right, predicted, true
  std::size_t right = 0, covered = 0, covered_right = 0;
  constexpr std::size_t kBins = 15;
  std::array<double, kBins> bin_confidence{}, bin_right{}, bin_count{};
  begin = std::chrono::steady_clock::now();
  std::vector<text::Prediction> predictions;
  for (Labelled const& d : test) predictions.push_back(model.predict(d.message));
  double predict_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  for (std::size_t i = 0; i < test.size(); ++i) {
    text::Prediction const& p = predictions[i];
    bool ok = labels[p.best] == test[i].label;
    right += ok;
    by_label[labels[p.best]][1]++;
    by_label[test[i].label][2]++;
    if (ok) by_label[test[i].label][0]++;
    if (p.confidence >= threshold) {
      ++covered;
      covered_right += ok;
    }
    auto bin = std::min<std::size_t>(kBins - 1, static_cast<std::size_t>(p.confidence * kBins));
    bin_confidence[bin] += p.confidence;
    bin_right[bin] += ok;
    bin_count[bin] += 1;
  }
  double n = static_cast<double>(test.size());
  double f1_sum = 0;
  std::size_t f1_labels = 0;
  for (auto const& [label, c] : by_label) {
    if (c[2] == 0) continue;
    ++f1_labels;
    f1_sum += c[1] + c[2] == 0 ? 0 : 2.0 * static_cast<double>(c[0]) / static_cast<double>(c[1] + c[2]);
  }
  double ece = 0;
  for (std::size_t b = 0; b < kBins; ++b) ece += std::abs(bin_right[b] - bin_confidence[b]) / n;
  double accuracy = static_cast<double>(right) / n, macro = f1_sum / static_cast<double>(f1_labels);
  double coverage = static_cast<double>(covered) / n,
         coverage_accuracy = covered ? static_cast<double>(covered_right) / static_cast<double>(covered) : 0;
  if (o.as_json) {
    fmt::print(
        "{{\"accuracy\":{:.6f},\"macro_f1\":{:.6f},\"ece\":{:.6f},\"coverage\":{:.6f},\"coverage_accuracy\":{:.6f},\"threshold\":"
        "{:.6f},\"temperature\":{:.6f},\"train_rows\":{},\"dev_rows\":{},\"test_rows\":{},\"train_seconds\":{:.3f},\"predictions_"
        "per_second\":{:.0f}}}\n",
        accuracy, macro, ece, coverage, coverage_accuracy, threshold, model.temperature(), train.size(), dev.size(), test.size(),
        train_seconds, n / predict_seconds);
  } else {
    fmt::print(
        "accuracy          {:.4f}\nmacro_f1          {:.4f}\nece               {:.4f}\ncoverage          "
        "{:.4f}\ncoverage_accuracy {:.4f}\n",
        accuracy, macro, ece, coverage, coverage_accuracy);
    fmt::print(
        "(threshold {:.3f} and temperature {:.3f} from {} dev rows; trained on {} rows in {:.2f} s; {:.0f} classifications/s)\n",
        threshold, model.temperature(), dev.size(), train.size(), train_seconds, n / predict_seconds);
    for (auto const& [label, c] : by_label) {
      fmt::print("  {:<20} precision {:.3f} recall {:.3f} rows {}\n", label,
                 c[1] ? static_cast<double>(c[0]) / static_cast<double>(c[1]) : 0.0,
                 c[2] ? static_cast<double>(c[0]) / static_cast<double>(c[2]) : 0.0, c[2]);
    }
  }
  if (o.explain) {
    for (std::size_t i = 0; i < std::min<std::size_t>(5, test.size()); ++i) {
      fmt::print("{} ({:.2f}):", labels[predictions[i].best], predictions[i].confidence);
      for (auto const& r : model.explain(test[i].message, predictions[i].best, 6)) fmt::print(" {}{:+.2f}", r.piece, r.weight);
      fmt::print("\n");
    }
  }
  return {};
}

Status hotspots(std::string const& file, bool as_json, int most) {
  YW_ASSIGN(Table table, read_table(file, {"msg_no", "time", "title", "detail"}));
  std::vector<text::HotspotMessage> messages;
  std::size_t number = 1;
  for (auto const& row : table.rows) {
    ++number;
    text::HotspotMessage m;
    m.number = table.cell(row, "msg_no");
    m.user = table.cell(row, "user");
    std::string time = table.cell(row, "time");
    if (time.size() > 10 && time[10] == ' ') time[10] = 'T';
    if (time.size() == 10) time += "T00:00:00";
    auto at = parse_instant(time + "+08:00");
    if (!at)
      return fail(Error(ErrorCode::text_table, {{"line", std::to_string(number)}, {"why", "time '" + time + "'"}})
                      .at({file, static_cast<std::uint32_t>(number), 0, ""}));
    m.at = *at;
    m.message = {table.cell(row, "title"), table.cell(row, "detail")};
    m.likes = std::atoll(table.cell(row, "likes").c_str());
    m.dislikes = std::atoll(table.cell(row, "dislikes").c_str());
    messages.push_back(std::move(m));
  }
  auto found = text::find_hotspots(messages);
  int shown = 0;
  for (text::Hotspot const& h : found) {
    if (most > 0 && ++shown > most) break;
    if (as_json) {
      auto string = [](std::string_view t) { return json::Value::string(std::string(t)); };
      auto count = [](std::size_t v) { return json::Value::number(std::to_string(v)); };
      json::Value members = json::Value::array();
      for (std::size_t i : h.messages) members.items().push_back(string(messages[i].number));
      json::Value line = json::Value::object({{"title", string(h.title)},
                                              {"place", string(h.place)},
                                              {"size", count(h.messages.size())},
                                              {"people", count(h.people)}});
      line.set("likes", json::Value::number(std::to_string(h.likes)));
      line.set("first", string(to_shanghai_string(h.first)));
      line.set("last", string(to_shanghai_string(h.last)));
      line.set("messages", std::move(members));
      fmt::print("{}\n", json::write(line));
    } else {
      fmt::print("{:>4} 件  {:>4} 人  赞 {:>5}  {} – {}  {}  {}\n", h.messages.size(), h.people, h.likes,
                 to_shanghai_string(h.first).substr(0, 10), to_shanghai_string(h.last).substr(0, 10),
                 h.place.empty() ? "（地点不明）" : h.place, h.title);
    }
  }
  if (!as_json) fmt::print("{} 条留言，{} 个热点\n", messages.size(), found.size());
  return {};
}

}  // namespace

void add_text_commands(CommandLine line) {
  int& code = line.exit_code;
  auto finish = [&code](Status const& status) {
    if (!status) {
      std::cerr << "yiwang: " << status.error().line(Language::zh_cn) << "\n";
      code = 2;
    }
  };
  auto* text = line.app.add_subcommand("text", "Classify citizens' words and find what many speak of")->require_subcommand(1);
  auto o = std::make_shared<EvalOptions>();
  auto* evaluate = text->add_subcommand("eval", "Train, choose on dev, judge on test");
  evaluate->add_option("--train", o->train, "Tab-separated file with label, title, detail; may be given more than once")
      ->required();
  evaluate->add_option("--dev", o->dev, "For temperature and threshold")->required();
  evaluate->add_option("--test", o->test, "Only judged")->required();
  evaluate->add_option("--target", o->target, "Accuracy wanted above the threshold")->check(CLI::Range(0.5, 1.0));
  evaluate->add_flag("--json", o->as_json, "One JSON object");
  evaluate->add_flag("--explain", o->explain, "Show for five rows what counted");
  evaluate->callback([o, finish] { finish(eval(*o)); });
  auto file = std::make_shared<std::string>();
  auto as_json = std::make_shared<bool>(false);
  auto most = std::make_shared<int>(0);
  auto* hot = text->add_subcommand("hotspots", "Clusters of messages about one matter at one place");
  hot->add_option("file", *file, "Tab-separated: msg_no user time title detail likes dislikes")->required();
  hot->add_flag("--json", *as_json, "One JSON object a line");
  hot->add_option("--most", *most, "Only the hottest");
  hot->callback([file, as_json, most, finish] { finish(hotspots(*file, *as_json, *most)); });
}

}  // namespace yiwang::app

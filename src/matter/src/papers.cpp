#include "yiwang/matter/papers.hpp"

#include <algorithm>

namespace yiwang::matter {
namespace {

constexpr std::string_view kWords[] = {"applicant", "matter", "unit",  "number", "day",
                                       "review",    "court",  "short", "word",   "year"};

/// The placeholders of a wording, in order.
std::vector<std::string_view> placeholders(std::string_view wording) {
  std::vector<std::string_view> out;
  for (std::size_t at = wording.find('{'); at != std::string_view::npos; at = wording.find('{', at + 1)) {
    std::size_t const end = wording.find('}', at);
    if (end == std::string_view::npos) break;
    out.push_back(wording.substr(at + 1, end - at - 1));
  }
  return out;
}

std::vector<std::string> words_of(pack::Node const& node, std::string_view key) {
  std::vector<std::string> out;
  for (pack::Node const& item : node.list(key)) out.push_back(item.scalar);
  return out;
}

}  // namespace

std::string fill_in(std::string_view wording, PaperWords const& words) {
  std::string out;
  for (;;) {
    std::size_t const at = wording.find('{'), end = wording.find('}', at);
    if (at == std::string_view::npos || end == std::string_view::npos) return out.append(wording);
    out.append(wording.substr(0, at));
    if (auto it = words.find(wording.substr(at + 1, end - at - 1)); it != words.end()) out += it->second;
    wording = wording.substr(end + 1);
  }
}

bool Paper::made_by(std::string_view act) const { return std::find(on.begin(), on.end(), act) != on.end(); }
bool Paper::has(std::string_view block) const { return std::find(shows.begin(), shows.end(), block) != shows.end(); }

Paper const* Papers::find(std::string_view id) const {
  for (Paper const& p : papers_) {
    if (p.id == id) return &p;
  }
  return nullptr;
}

Paper const* Papers::form() const {
  auto it = std::find_if(papers_.begin(), papers_.end(), [](Paper const& p) { return p.has("form"); });
  return it == papers_.end() ? nullptr : &*it;
}

std::string Papers::prefix(Paper const& paper, std::string_view unit, std::string_view year) const {
  return fill_in(prefix_, {{"short", std::string(unit)}, {"word", paper.word}, {"year", std::string(year)}});
}

Papers::Loaded Papers::load(pack::Pack const& pack) {
  auto out = std::make_shared<Papers>();
  std::vector<Error> errors;
  pack::Document const* d = pack.find("matters/papers.yaml");
  if (d == nullptr) return {std::move(out), {}};
  auto check = [&](pack::Node const& at, std::string_view wording) {
    for (std::string_view word : placeholders(wording)) {
      if (std::find(std::begin(kWords), std::end(kWords), word) != std::end(kWords)) continue;
      errors.push_back(Error(ErrorCode::pack_reference, {{"what", "文书的占位词 / the placeholder of a paper"},
                                                         {"value", std::string(word)},
                                                         {"cure",
                                                          "可用 applicant、matter、unit、number、day、review、court；编号另有 "
                                                          "short、word、year / use one of these"}})
                           .at(d->place(at)));
    }
  };
  out->prefix_ = d->root.text("prefix");
  check(*d->root.find("prefix"), out->prefix_);
  out->notes_ = words_of(d->root, "notes");
  for (pack::Node const& node : d->root.list("papers")) {
    Paper p;
    p.id = node.text("id");
    p.title = pack::localized(node.find("title"));
    p.word = node.text("word");
    p.when = node.text("when");
    p.on = words_of(node, "on");
    p.shows = words_of(node, "shows");
    p.text = words_of(node, "text");
    for (std::string const& wording : p.text) check(node, wording);
    if (out->find(p.id) != nullptr)
      errors.push_back(Error(ErrorCode::pack_reference, {{"what", "文书编号（重复） / the paper, named twice"},
                                                         {"value", p.id},
                                                         {"cure", "每种文书只写一次 / write each kind once"}})
                           .at(d->place(*node.find("id"))));
    out->papers_.push_back(std::move(p));
  }
  if (!errors.empty()) return {nullptr, std::move(errors)};
  return {std::move(out), {}};
}

}  // namespace yiwang::matter

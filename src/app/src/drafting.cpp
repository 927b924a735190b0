#include "drafting.hpp"

#include "yiwang/spine/pack_json.hpp"
#include "yiwang/store/matter_drafts.hpp"

namespace yiwang::app {
namespace {

Error fault(std::string why) {
  return Error(ErrorCode::spine_field, {{"label", "事项版本 / version"}, {"why", std::move(why)}, {"field", "first_day"}})
      .at_path("/first_day");
}

struct MatterFile {
  std::string file;
  pack::Node root;
};

/// The file of a unit's matters, read.
Result<MatterFile> file_of(pack::FileSet const& files, std::string_view unit) {
  for (auto const& [path, text] : files) {
    if (!path.starts_with("matters/") || !path.ends_with(".yaml")) continue;
    YW_ASSIGN(pack::Node root, pack::parse_yaml(text, path));
    if (root.text("unit") == unit && root.find("matters") != nullptr) return MatterFile{path, std::move(root)};
  }
  return fail(fault("没有这个单位的事项文件 / no file of this unit's matters"));
}

/// The entry in force on a day, and nothing of other matters.
pack::Node const* entry(pack::Node const& root, std::string_view matter, std::string_view day) {
  pack::Node const* found = nullptr;
  for (pack::Node const& node : root.list("matters")) {
    if (node.text("id") == matter && node.text("from") <= day && (node.text("to").empty() || node.text("to") >= day))
      found = &node;
  }
  return found;
}

std::vector<std::string> lines_of(std::string const& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    auto const end = std::min(text.find('\n', at), text.size());
    out.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return out;
}

}  // namespace

json::Value matter_entry(pack::FileSet const& files, std::string_view matter, Date day) {
  for (auto const& [path, text] : files) {
    if (!path.starts_with("matters/") || !path.ends_with(".yaml") || text.find(matter) == std::string::npos) continue;
    auto root = pack::parse_yaml(text, path);
    if (!root || root->find("unit") == nullptr) continue;
    if (pack::Node const* found = entry(*root, matter, to_string(day))) return spine::to_json(*found);
  }
  return {};
}

Result<pack::FileSet> with_version(pack::FileSet files, std::string const& unit, json::Value version, Date first) {
  YW_ASSIGN(MatterFile found, file_of(files, unit));
  json::Value const* id = version.find("id");
  std::string const matter = id != nullptr && id->kind() == json::Kind::string ? id->text() : "";
  std::string const last = to_string(Date{first.days - 1}), day = to_string(first);
  pack::Node const* before = entry(found.root, matter, last);
  if (before == nullptr) return fail(fault("没有可以接续的版本 / there is no version before it"));
  for (pack::Node const& node : found.root.list("matters")) {
    if (node.text("id") == matter && node.text("from") >= day)
      return fail(fault("已有同一天或更晚生效的版本 / a version begins on that day or later already"));
  }
  version.set("from", json::Value::string(day));
  json::Value kept = json::Value::object();
  for (auto const& [name, value] : version.members()) {
    if (name != "to") kept.set(name, value);
  }
  // The file stays as people have written it: one line more ends the version before, and the new one follows as it was sent.
  std::vector<std::string> lines = lines_of(files[found.file]);
  std::size_t const at = before->line - 1;
  if (at >= lines.size()) return fail(fault("找不到原来的版本 / the version before cannot be found"));
  if (lines[at].starts_with("- {")) {
    json::Value ended = spine::to_json(*before);
    ended.set("to", json::Value::string(last));
    lines[at] = "- " + json::write(ended);
  } else {
    std::size_t from = at;
    while (from < lines.size() && !lines[from].starts_with("  from:")) ++from;
    if (from == lines.size()) return fail(fault("找不到原来的生效日期 / the first day of the version before cannot be found"));
    for (std::size_t i = at + 1; i < lines.size() && lines[i].starts_with("  "); ++i) {
      if (lines[i].starts_with("  to:")) return fail(fault("原来的版本已有结束日期 / the version before ends already"));
    }
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(from) + 1, "  to: " + last);
  }
  std::string text;
  for (std::string const& line : lines) text += line + "\n";
  text += "- " + json::write(kept) + "\n";
  files[found.file] = std::move(text);
  return files;
}

Result<pack::FileSet> with_published(store::Database& database, pack::FileSet files) {
  YW_ASSIGN(auto published, store::published_drafts(database));
  for (store::MatterDraft const& d : published) {
    auto first = parse_date(d.first_day);
    auto body = json::parse(d.body);
    if (!first || !body) continue;
    json::Value const there = matter_entry(files, d.matter, *first);
    json::Value const* from = there.kind() == json::Kind::object ? there.find("from") : nullptr;
    if (from != nullptr && from->text() == d.first_day) continue;  // the pack has taken it over
    auto more = with_version(files, d.department, std::move(*body), *first);
    if (more) files = std::move(*more);
  }
  return files;
}

std::vector<Error> put_in_force(Installation& in, pack::FileSet const& files) {
  std::vector<Error> errors;
  MatterPack matters;
  std::shared_ptr<service_request::Knowledge const> requests;
  auto release = compile_pack(files, errors, &matters, &requests);
  if (!release) return errors;
  auto current = in.definitions.snapshot()->current;
  if (current && current->hash == release->hash) return {};
  in.requests->load(std::move(requests), *release);
  if (Status done = store::release_pack(*in.database, in.definitions, files, std::move(release), in.clock.now()); !done)
    return {done.error()};
  in.matters.install(std::move(matters));
  if (Status done = in.persons->refresh(*in.database, in.clock.now()); !done) return {done.error()};
  return {};
}

}  // namespace yiwang::app

#include "yiwang/pack/pack.hpp"

#include <algorithm>

namespace yiwang::pack {
namespace {

/// Which schema a path has: the folder decides, and the last part for case types.
std::string_view schema_of(std::string_view path) {
  if (path == "pack.yaml") return "pack.json";
  if (path.starts_with("regions/")) return "regions.json";
  if (path.starts_with("organisations/")) return "organisations.json";
  if (path == "demo/requests.yaml") return "demo_requests.json";
  if (path == "demo/applications.yaml") return "demo_applications.json";
  if (path.starts_with("demo/")) return "demo.json";
  if (path.starts_with("duties/")) {
    static constexpr std::pair<std::string_view, std::string_view> kDuties[] = {
        {"duties/duties.yaml", "duties.json"},
        {"duties/units.yaml", "duty_units.json"},
        {"duties/areas.yaml", "duty_areas.json"},
        {"duties/not_accepted.yaml", "duty_not_accepted.json"},
        {"duties/rules.yaml", "duty_rules.json"},
        {"duties/precedents.yaml", "duty_precedents.json"},
        {"duties/fragments.yaml", "duty_fragments.json"},
        {"duties/measures.yaml", "duty_measures.json"},
        {"duties/shifts.yaml", "duty_shifts.json"},
        {"duties/map.yaml", "duty_map.json"},
        {"duties/sections.yaml", "duty_sections.json"},
        {"duties/words.yaml", "duty_words.json"}};
    for (auto const& [file, schema] : kDuties) {
      if (path == file) return schema;
    }
  }
  if (path == "matters/themes.yaml") return "themes.json";
  if (path == "matters/labels.yaml") return "labels.json";
  if (path == "matters/guidance.yaml") return "guidance.json";
  if (path == "matters/measures.yaml") return "matter_measures.json";
  if (path == "matters/afterwards.yaml") return "matter_afterwards.json";
  if (path == "matters/data_elements.yaml") return "matter_elements.json";
  if (path == "matters/papers.yaml") return "matter_papers.json";
  if (path == "matters/persons.yaml") return "matter_persons.json";
  if (path == "matters/notices.yaml") return "matter_notices.json";
  if (path == "matters/en.yaml") return "matter_texts.json";
  if (path.starts_with("matters/")) return "matters.json";
  if (path.starts_with("registers/")) return "register.json";
  if (path.starts_with("certificates/")) return "certificate.json";
  if (path.starts_with("case_types/") || path.starts_with("templates/")) {
    if (path.ends_with("/case_type.yaml")) return "case_type.json";
    if (path.ends_with("/form.yaml")) return "form.json";
    if (path.ends_with("/process.yaml")) return "process.json";
    if (path.ends_with("/clock.yaml")) return "clock.json";
    if (path.ends_with("/decisions.yaml")) return "decisions.json";
  }
  return {};
}

bool has_suffix(std::string_view path, std::initializer_list<std::string_view> suffixes) {
  return std::any_of(suffixes.begin(), suffixes.end(), [&](std::string_view s) { return path.ends_with(s); });
}

}  // namespace

/// A case type that names a template has its files, except those of which it has its own: templates/licence/clock.yaml stands
/// in for case_types/food_licence_new/clock.yaml.
static void fill_from_templates(FileSet& files, std::vector<Error>& errors) {
  FileSet added;
  for (auto const& [path, text] : files) {
    if (!path.starts_with("case_types/") || !path.ends_with("/case_type.yaml")) continue;
    Result<Node> head = parse_yaml(text, path);
    if (!head) continue;  // complained of when it is read
    Node const* name = head->find("template");
    if (name == nullptr) continue;
    std::string const folder = path.substr(0, path.rfind('/') + 1), from = "templates/" + name->scalar + "/";
    bool found = false;
    for (auto it = files.lower_bound(from); it != files.end() && it->first.starts_with(from); ++it) {
      found = true;
      std::string const to = folder + it->first.substr(from.size());
      if (!files.contains(to)) added.emplace(to, it->second);
    }
    if (!found)
      errors.push_back(
          Error(ErrorCode::pack_reference, {{"what", "模板 / the template"},
                                            {"value", name->scalar},
                                            {"cure", "请在 templates/ 下建这个文件夹 / make this folder under templates/"}})
              .at({path, name->line, name->column, ""}));
  }
  files.merge(added);
}

Document const* Pack::find(std::string_view path) const {
  auto it = documents.find(std::string(path));
  return it == documents.end() ? nullptr : &it->second;
}

std::vector<std::string> Pack::under(std::string_view folder) const {
  std::vector<std::string> out;
  for (auto const& [path, document] : documents) {
    if (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/') out.push_back(path);
  }
  return out;
}

Digest content_hash(FileSet const& files) {
  Hasher hasher(HashKind::sm3);
  for (auto const& [path, text] : files) {
    hasher.update(std::to_string(path.size()) + ":" + path + std::to_string(text.size()) + ":");
    hasher.update(text);
  }
  return hasher.finish();
}

LoadResult load(FileSet files) {
  LoadResult out;
  out.pack.content_hash = content_hash(files);
  if (!files.contains("pack.yaml")) {
    out.errors.push_back(
        Error(ErrorCode::pack_missing_file,
              {{"file", "pack.yaml"},
               {"cure", "每个包都要有 pack.yaml，写明 id、title、version / every pack has one, with id, title and version"}})
            .at({"pack.yaml", 0, 0, ""}));
    return out;
  }
  fill_from_templates(files, out.errors);
  for (auto& [path, text] : files) {
    if (has_suffix(path, {".dmn", ".bpmn", ".md", ".json", ".tsv", ".txt"})) {
      out.pack.files.emplace(path, std::move(text));
      continue;
    }
    std::string_view schema = schema_of(path);
    if (!path.ends_with(".yaml") || schema.empty()) {
      out.errors.push_back(
          Error(ErrorCode::pack_unknown_file,
                {{"file", path},
                 {"cure", "请移走，或改用 docs/packs.md 列出的名称 / move it away, or use a name listed in docs/packs.md"}})
              .at({path, 0, 0, ""}));
      continue;
    }
    Result<Node> root = parse_yaml(text, path);
    if (!root) {
      out.errors.push_back(root.error());
      continue;
    }
    Document document{path, std::move(*root), std::move(text)};
    std::vector<Error> faults = validate(document, schema);
    if (faults.empty())
      out.pack.documents.emplace(path, std::move(document));
    else
      out.errors.insert(out.errors.end(), faults.begin(), faults.end());
  }
  if (Document const* head = out.pack.find("pack.yaml")) {
    out.pack.id = head->root.text("id");
    out.pack.version = head->root.text("version");
    out.pack.title = localized(head->root.find("title"));
  }
  return out;
}

}  // namespace yiwang::pack

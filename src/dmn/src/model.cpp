#include "yiwang/dmn/model.hpp"

#include "compile.hpp"
#include "index.hpp"

namespace yiwang::dmn {

Model::Model() : impl_(std::make_unique<ModelImpl>()) {}
Model::~Model() = default;

namespace {

/// What evaluation need not work out again each time.
void prepare_element(ModelImpl& model, Element& element) {
  if (element.type && element.type->constraint == feel::Type::kNoUnit && !element.type->base) {
    switch (element.type->kind) {
      case feel::TypeKind::number: element.plain_kind = feel::Kind::number; break;
      case feel::TypeKind::string: element.plain_kind = feel::Kind::string; break;
      case feel::TypeKind::boolean: element.plain_kind = feel::Kind::boolean; break;
      case feel::TypeKind::date: element.plain_kind = feel::Kind::date; break;
      default: break;
    }
  }
  if (element.kind != ElementKind::decision || element.unit == feel::kNone) return;
  auto const& root = model.program.nodes[model.program.units[element.unit].root];
  if (root.op != feel::Op::host) return;
  auto& table = model.tables[root.a];
  bool fast = table.index && !table.constant_results.empty() && table.inputs.size() <= 64 && table.policy != HitPolicy::first;
  for (auto& column : table.inputs) {
    auto const& node = model.program.nodes[column.expression];
    if (node.op == feel::Op::global) column.direct = node.a;
    fast = fast && column.direct != feel::kNone && column.allowed == feel::kNone;
  }
  for (auto const& output : table.outputs) fast = fast && output.default_value == feel::kNone && output.values.empty();
  if (fast) element.fast_table = root.a;
}

/// The values of a type that lists them one by one; empty for any other constraint.
std::vector<std::string> choices_of(feel::Program const& program, feel::Type const& type) {
  std::vector<std::string> all;
  feel::Type const* at = &type;
  for (int i = 0; at && at->constraint == feel::Type::kNoUnit && i < 8; ++i) at = at->base;
  CellSet cell;
  if (!at || at->constraint == feel::Type::kNoUnit || !read_cell(program, program.units[at->constraint].root, cell) || cell.any ||
      cell.negated)
    return all;
  for (auto const& interval : cell.intervals) {
    bool point = interval.low_closed && interval.high_closed && !interval.low.is_null() &&
                 feel::equals(interval.low, interval.high) == feel::Tri::yes;
    if (!point) return {};
    all.push_back(feel::to_plain_string(interval.low));
  }
  return all;
}

}  // namespace

Result<std::shared_ptr<Model const>> Model::compile_tolerant(std::vector<ModelText> const& texts, CompileOptions const& options) {
  std::shared_ptr<Model> model(new Model());
  ModelCompiler compiler(*model->impl_, options);
  YW_TRY(compiler.run(texts));
  for (auto& table : model->impl_->tables) build_index(model->impl_->program, table);
  for (auto& element : model->impl_->elements) prepare_element(*model->impl_, element);
  return std::shared_ptr<Model const>(std::move(model));
}

Result<std::shared_ptr<Model const>> Model::compile(std::vector<ModelText> const& texts, CompileOptions const& options) {
  YW_ASSIGN(auto model, compile_tolerant(texts, options));
  auto const& errors = model->errors();
  if (errors.empty()) return model;
  Error chain = errors.back();
  for (std::size_t i = errors.size() - 1; i-- > 0;) {
    if (i < 20) chain = Error(errors[i]).because(std::move(chain));
  }
  return fail(std::move(chain));
}

std::string const& Model::name() const { return impl_->models[0].name; }
std::string const& Model::model_namespace() const { return impl_->models[0].model_namespace; }
std::string const& Model::hash() const { return impl_->hash; }
std::vector<Error> const& Model::errors() const { return impl_->errors; }

std::vector<ElementInfo> Model::elements() const {
  std::vector<ElementInfo> all;
  for (auto const& element : impl_->elements) {
    ElementInfo info;
    info.kind = element.kind;
    info.name = element.name;
    info.id = element.id;
    info.model_namespace = impl_->models[element.model].model_namespace;
    if (element.type) {
      info.type = feel::to_string(*element.type);
      info.plain_type = feel::to_string(*feel::basic_type(element.type->kind));
      info.choices = choices_of(impl_->program, *element.type);
    }
    for (auto required : element.required) info.requires_names.push_back(impl_->elements[required].name);
    info.place = element.place;
    info.sources = element.sources;
    all.push_back(std::move(info));
  }
  return all;
}

int Model::find(std::string_view name_or_id, ElementKind kind) const {
  for (int by_id = 0; by_id < 2; ++by_id) {
    for (std::size_t i = 0; i < impl_->elements.size(); ++i) {
      auto const& element = impl_->elements[i];
      if (element.kind == kind && (by_id ? element.id : element.name) == name_or_id) return static_cast<int>(i);
    }
  }
  return -1;
}

}  // namespace yiwang::dmn

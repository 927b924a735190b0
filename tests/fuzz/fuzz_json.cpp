// Inputs as JSON, and stored decisions for replay.
#include <cstdint>

#include "yiwang/dmn/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  using namespace yiwang;
  static auto const model = dmn::Model::compile({{"m.dmn",
      R"(<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="u"><inputData id="a" name="a"><variable name="a" typeRef="date"/></inputData>
<inputData id="b" name="b"><variable name="b" typeRef="number"/></inputData><decision id="d" name="d"><variable name="d"/>
<informationRequirement><requiredInput href="#a"/></informationRequirement><informationRequirement><requiredInput href="#b"/></informationRequirement>
<literalExpression><text>[a, b, a + duration("P1D"), b * 2]</text></literalExpression></decision></definitions>)"}}).value();
  std::string_view text(reinterpret_cast<char const*>(data), size);
  auto runner = dmn::JsonRunner::create(model, "d").value();
  std::string out;
  (void)runner.run(text, out);
  (void)dmn::replay(model, text);
  return 0;
}

#include "support.hpp"
namespace yiwang::bpmn::testing {
namespace {
TEST(BpmnSemantics, Placeholder) {}
}
}
